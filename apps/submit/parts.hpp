// SPDX-License-Identifier: MIT
/// \file parts.hpp
/// A study cut into pieces that different machines work on at the same time, without one disturbing another: a part
/// trains one network, or measures and attacks one experiment, or writes the report. A part has a name, by which
/// `papillon study run --part` knows it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <study/plan.hpp>

namespace papillon::submit {

enum class part_kind {
  train,
  attack,
  report,
  all  ///< the whole study, which several jobs share by their claims
};

[[nodiscard]] std::string to_string(part_kind kind);

/// See the file's comment.
struct part {
  submit::part_kind kind = part_kind::train;
  std::string configuration;  ///< empty: of the report
  std::string subject;        ///< "imp-01-target-s2", of an attack "imp-01-s2"
  std::size_t number = 0;     ///< of parts that differ in the configuration alone it is the same
  /// Tasks of the plan. In order: first those that only this part does, then what may meet those of others.
  std::vector<std::size_t> own, then;
  std::vector<std::size_t> after;  ///< parts that have to be finished before, by index
  int parent = -1;                 ///< of a round of pruning, the part of the network that it goes on from; -1: none

  /// "train:imp-01-target-s2", "attack:imp-01-s2", "report", "all".
  [[nodiscard]] std::string name() const;
};

/// The parts of a study; one stands behind those that it waits for. Trainings are numbered by seed and cohort, attacks
/// by seed. What attacks share (outputs of the dense network, of other seeds) belongs to the part whose experiment it
/// is about; whoever comes first does it.
[[nodiscard]] std::vector<part> parts_of(study::plan const& p);

/// All of a study as one part, which is none of parts_of.
[[nodiscard]] part whole_study(study::plan const& p);

/// The part of a name; throws errc::usage with the nearest name if there is none.
[[nodiscard]] part const& find_part(std::vector<part> const& parts, std::string const& name);

/// Whether all of a part's tasks are finished; of the report, whether it is younger than all results; of the whole
/// study, both.
[[nodiscard]] bool is_finished(study::plan const& p, study::layout const& places, part const& one);

/// What a part and all that it needs have on disk, in one text that changes with every result and every epoch that is
/// kept.
[[nodiscard]] std::string kept_of(study::plan const& p, study::layout const& places, part const& one);

}  // namespace papillon::submit
