// SPDX-License-Identifier: MIT
/// \file schedule.hpp
/// In which order the tasks of a plan are done, and how long that takes several workers. First comes what has the
/// longest way behind it: the most work of tasks that wait for one another, itself included. However many workers there
/// are, a study takes no less time than its longest way (R. L. Graham, Bounds on multiprocessing timing anomalies,
/// 1969, where a list in any order is shown to take less than twice the shortest time).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <study/plan.hpp>

namespace papillon::study {

/// How a task stands, for one worker.
enum class task_state : char {
  open,
  done,
  failed,     ///< for good
  left_alone  ///< begun by others in a way that this worker could not go on in
};

/// Of every task the longest way that begins with it. `work`: of every task.
[[nodiscard]] std::vector<double> ways_behind(std::vector<task> const& tasks, std::vector<double> const& work);

/// Tasks, the one with the longest way behind it first, equal ones in their own order.
[[nodiscard]] std::vector<std::size_t> longest_first(std::vector<std::size_t> tasks, std::vector<double> const& ways);

/// Whether all that a task needs is done.
[[nodiscard]] bool is_ready(task const& t, std::span<task_state const> states);

/// Those of `chosen` that are open and never can be done, since something that they need has failed or is left alone.
/// In the plan's order, as `chosen` is.
[[nodiscard]] std::vector<std::size_t> held_up(
    std::vector<task> const& tasks, std::vector<std::size_t> const& chosen, std::span<task_state const> states);

/// How long all tasks take so many workers, each of which takes the first in the order of longest_first that is ready
/// whenever it has nothing to do. `seconds`: of every task.
[[nodiscard]] double time_of(std::vector<task> const& tasks, std::vector<double> const& seconds, int workers);

/// The fewest workers with which that is within a hundredth of the longest way.
[[nodiscard]] int workers_that_help(std::vector<task> const& tasks, std::vector<double> const& seconds);

}  // namespace papillon::study
