// SPDX-License-Identifier: MIT
/// \file jobs.hpp
/// Which jobs a study is to a scheduler: for every configuration an array of its trainings, a round of pruning behind
/// the round before, element by element; an array of measuring and attacking behind the trainings that it reads; the
/// report behind all, however they end, since it names what is missing. What is finished or queued is not submitted
/// again. No scheduler is asked here.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <submit/engine.hpp>
#include <submit/parts.hpp>

namespace papillon::submit {

/// Parts of one kind and configuration, by the number of the element; the report is an array of one.
struct part_array {
  std::string name;  ///< "train-imp-01", "attack-dense", "report"; what a cut array has from the second on: ".1", ".2"
  std::map<std::size_t, std::size_t> parts;  ///< index, by the number of the element
};

/// All parts of a study in arrays of at most `largest` numbers. A part keeps its number, whatever is submitted.
[[nodiscard]] std::vector<part_array> arrays_of(std::vector<part> const& parts, std::size_t largest);

/// How it is with a part.
struct part_state {
  bool finished = false;
  std::vector<place> queued;  ///< where it waits or runs
};

/// What the queue says about the parts, by the names of the arrays.
[[nodiscard]] std::vector<part_state> states_of(
    std::vector<part_array> const& arrays, std::size_t parts, std::vector<queued_job> const& queue);

/// What a job waits for: other jobs of the list, which stand before it, and what is queued.
struct job_wait {
  waits_for what = waits_for::success;
  std::vector<std::size_t> jobs;
  std::vector<place> queued;
};

/// A job to be submitted.
struct job {
  std::size_t array = 0;              ///< index
  std::vector<std::size_t> elements;  ///< of the array, those that are neither finished nor queued
  std::vector<job_wait> after;
};

struct job_list {
  std::vector<job> jobs;             ///< in the order in which they are to be submitted
  std::vector<std::string> instead;  ///< queued jobs whose place the last one, the report, takes
};

/// The jobs of a study in whose parts it is as `states` says.
[[nodiscard]] job_list jobs_of(
    std::vector<part> const& parts, std::vector<part_array> const& arrays, std::vector<part_state> const& states);

/// The name of the array whose elements are workers that share a study.
inline constexpr char const* pool_name = "pool";

/// The job of a pool of so many workers: an array of those that are not queued, no part and no place in the study tied
/// to any. None where all are, or the study is finished.
[[nodiscard]] job_list pool_of(std::size_t workers, bool finished, std::vector<queued_job> const& queue);

/// "0-5,8".
[[nodiscard]] std::string ranges(std::vector<std::size_t> const& numbers);

}  // namespace papillon::submit
