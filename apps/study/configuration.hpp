// SPDX-License-Identifier: MIT
/// \file configuration.hpp
/// A kind of network that the study trains: a name, and the study's settings with those laid over them in which it
/// differs. Built-in ones are known by their names:
///   dense                      the study's settings as they are
///   imp-K                      K rounds of iterative magnitude pruning
///   SsLl                       butterflies: chains of l factors in the last s segments, with the paper's recipe
///   restart-K, random-K, oneshot-K, layerwise-K, ticket-K            controls of imp-K
///   lowrank-SsLl, shuffled-SsLl, dense-as-SsLl, SsLl-as-dense        controls of SsLl
///   narrow-W                   the dense network of width W
///   untrained, random-labels   controls of the attacks themselves
/// settings::configurations adds others, or changes these.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <study/settings.hpp>

namespace papillon::study {

/// See the file's comment.
struct configuration {
  std::string name;        ///< of tables and directories
  std::string series;      ///< what it is drawn and grouped as: "dense", "imp", "butterfly", "control"
  std::string control_of;  ///< the configuration whose change it explains; empty: none
  std::string isolates;    ///< what the difference between the two is due to, in words
  study::settings settings;

  [[nodiscard]] int rounds() const { return settings.prune.rounds; }
  [[nodiscard]] bool structured() const { return settings.model.weights != weight_structure::dense; }
};

/// The configuration of a name, whether the study has it or not. Throws errc::usage for a name that nothing is known
/// of, and where descriptions go in a circle.
[[nodiscard]] configuration resolve(settings const& s, std::string_view name);

/// Names that are built in: every one of a fixed name, and of the others an example, round 1, S3L2 or width 6.
[[nodiscard]] std::vector<std::string> built_in_names();

/// The names that a study's list stands for, each once: "imp-01..03" is three; those that settings::configurations adds
/// come after the list. Throws errc::usage.
[[nodiscard]] std::vector<std::string> configuration_names(settings const& s);

/// The configurations of a study, in that order.
[[nodiscard]] std::vector<configuration> configurations(settings const& s);

/// The configuration of a name that is part of a study; throws errc::usage with the nearest name if there is none.
[[nodiscard]] configuration find_configuration(settings const& s, std::string const& name);

/// What a round of pruning goes on from: the round before. For pruning at once the training before all rounds; for
/// random masks the round of magnitude pruning whose counts they take.
[[nodiscard]] configuration parent_of(configuration const& c);

/// The name of a round: "imp" and 3 give "imp-03".
[[nodiscard]] std::string round_name(std::string_view stem, int round);

}  // namespace papillon::study
