// SPDX-License-Identifier: MIT
/// \file pool.hpp
/// Several workers of a study on one machine: this program, started again as often as asked for. They are processes,
/// not threads, so that one that dies takes nothing along.
#pragma once

#include <string>
#include <vector>

namespace papillon::app {

/// Runs `workers` programs with these arguments, less --workers and --threads, each with so many threads on processors
/// of its own (0: those that this process may use, shared out), and prints their lines with "[number] " in front. One
/// that a signal kills is started again, three times. Passes on the wish to stop. Throws errc::usage where there are
/// fewer processors than that, errc::interrupted after a signal, and with the status of the first worker that failed.
void run_pool(std::vector<std::string> const& arguments, int workers, int threads);

}  // namespace papillon::app
