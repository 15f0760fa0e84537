// SPDX-License-Identifier: MIT
/// \file configuration.hpp
/// A kind of network that the study trains: the dense one, one a round of iterative magnitude pruning, one a butterfly.
#pragma once

#include <string>
#include <vector>

#include <study/results.hpp>
#include <study/settings.hpp>

namespace papillon::study {

/// What tells one kind of network from another.
struct configuration {
  std::string name;  ///< of directories and tables: "dense", "imp-03", "butterfly-s1-l2"
  std::string key;   ///< last part of its own keys: "dense", "imp", "S1L2"
  study::family family = study::family::dense;
  int round = 0;     ///< prunings done: k of IMP, 0 otherwise
  int segments = 0;  ///< S of a butterfly, 0 otherwise
  int factors = 0;   ///< L of a butterfly, 0 otherwise

  friend bool operator==(configuration const&, configuration const&) = default;
};

[[nodiscard]] configuration dense_configuration();

/// IMP after k >= 1 prunings.
[[nodiscard]] configuration imp_configuration(int k);

/// The butterfly of a key "SsLl".
[[nodiscard]] configuration butterfly_configuration(std::string const& key);

/// The configurations of a study: dense, the rounds of IMP, the butterflies.
[[nodiscard]] std::vector<configuration> configurations(settings const& s);

/// The configuration of a name ("dense", "imp-03", "butterfly-s1-l2") or key ("S1L2") that is part of a study; throws
/// errc::usage with the nearest name if there is none.
[[nodiscard]] configuration find_configuration(settings const& s, std::string const& name);

}  // namespace papillon::study
