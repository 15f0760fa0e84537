// SPDX-License-Identifier: MIT
/// \file script.hpp
/// The batch script of a job: what it asks of the cluster, a table from the numbers of an array's elements to parts of
/// the study, and the program, which is asked to stop before the time is over and goes back into the queue while it
/// gets on.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace papillon::submit {

/// What a job asks of the cluster; empty: nothing is said.
struct resources {
  std::string partition, time, account, memory;
  int processors = 1;
};

struct job_script {
  std::string job;                           ///< name of the job
  std::map<std::size_t, std::string> parts;  ///< by the element's number; of what is no array there is one
  std::vector<std::string> command;  ///< what does a part, when --threads and --part with its name come after it
  resources asks;
};

/// The text as one word of a shell.
[[nodiscard]] std::string quoted(std::string const& text);

/// For Slurm. Throws errc::usage where something that is asked for cannot stand in a script's line.
[[nodiscard]] std::string slurm_script(job_script const& s);

}  // namespace papillon::submit
