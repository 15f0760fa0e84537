// SPDX-License-Identifier: MIT
/// \file pool.hpp
/// Several workers of a study on one machine: this program, started again as often as asked for. They are processes,
/// not threads, so that one that dies takes nothing along.
#pragma once

#include <string>
#include <vector>

namespace papillon::app {

/// Threads of each of so many workers: as many as asked for, or (0) the processors that this process may use, shared
/// out. Throws errc::usage where there are fewer processors than that.
[[nodiscard]] int threads_of_worker(int workers, int threads);

/// The processors of worker 1, 2, ... of several with so many threads each, among those that this process may use;
/// none where there are not enough for it: it is then bound to none of them.
[[nodiscard]] std::vector<int> processors_of(int worker, int threads);

/// Binds the thread that calls, and what it starts, to these processors; without any it stays where it may be.
void bind_to(std::vector<int> const& processors) noexcept;

/// Runs `workers` programs with these arguments, less --workers and --threads, each with its threads on processors of
/// its own, and prints their lines with "[number] " in front. One that a signal kills is started again, three times.
/// Passes on the wish to stop. Throws errc::usage as threads_of_worker does, errc::interrupted after a signal, and with
/// the status of the first worker that failed.
void run_pool(std::vector<std::string> const& arguments, int workers, int threads);

}  // namespace papillon::app
