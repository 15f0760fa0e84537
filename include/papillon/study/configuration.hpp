// SPDX-License-Identifier: MIT
/// \file configuration.hpp
/// A kind of network that the study trains: the dense one, one a round of iterative magnitude pruning, one a butterfly.
#pragma once

#include <string>
#include <vector>

#include <papillon/study/results.hpp>
#include <papillon/study/settings.hpp>

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

[[nodiscard]] inline configuration dense_configuration() { return {"dense", "dense"}; }

/// IMP after k >= 1 prunings.
[[nodiscard]] inline configuration imp_configuration(int k) {
  auto digits = std::to_string(k);
  if (k < 10) digits.insert(0, 1, '0');
  return {"imp-" + digits, "imp", family::imp, k};
}

/// The butterfly of a key "SsLl".
[[nodiscard]] inline configuration butterfly_configuration(std::string const& key) {
  std::string const s(1, key.at(1)), l(1, key.at(3));
  return {"butterfly-s" + s + "-l" + l, key, family::butterfly, 0, std::stoi(s), std::stoi(l)};
}

/// The configurations of a study: dense, the rounds of IMP, the butterflies.
[[nodiscard]] inline std::vector<configuration> configurations(settings const& s) {
  std::vector<configuration> all{dense_configuration()};
  for (int k = 1; k <= s.integer("imp.rounds"); ++k) all.push_back(imp_configuration(k));
  for (auto const& key : s.get<words>("study.butterflies")) all.push_back(butterfly_configuration(key));
  return all;
}

/// The configuration of a name ("dense", "imp-03", "butterfly-s1-l2") or key ("S1L2") that is part of a study; throws
/// errc::usage with the nearest name if there is none.
[[nodiscard]] inline configuration find_configuration(settings const& s, std::string const& name) {
  std::vector<std::string> names;
  for (auto const& c : configurations(s)) {
    if (c.name == name || (c.family == family::butterfly && c.key == name)) return c;
    names.push_back(c.name);
  }
  throw error(errc::usage, "unknown configuration '" + name + "' (not part of this study) did you mean '" +
                               detail::nearest(name, names) + "'?");
}

}  // namespace papillon::study
