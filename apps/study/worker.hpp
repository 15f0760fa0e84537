// SPDX-License-Identifier: MIT
/// \file worker.hpp
/// Who works on a study: a process, told apart from all others that ever were, on any machine. A number of a process is
/// given again, after it and after the machine's next start, and a container counts its own: so a worker is known by
/// machine, its start, the name space of its numbers, number and time of start, and by an id drawn at random.
#pragma once

#include <cstdint>
#include <string>

namespace papillon::study {

struct worker {
  std::string id;            ///< 16 hexadecimal digits, drawn at random
  std::string host;          ///< as io::host_name has it
  std::string boot;          ///< id of the start of its machine; empty: not known
  std::string numbering;     ///< name space of the numbers of processes; empty: not known
  std::int64_t process = 0;  ///< its number
  std::uint64_t start = 0;   ///< when the process started, in ticks since the machine did; 0: not known
  std::string job;           ///< of Slurm, "12" or "12_3"; empty: none
  friend bool operator==(worker const&, worker const&) = default;
};

/// This process, as a worker of its own with every call.
[[nodiscard]] worker new_worker();

/// Whether a worker's process certainly is no more; false too where that cannot be told from here.
[[nodiscard]] bool is_gone(worker const& w);

/// "node-3, process 4711, job 12_3".
[[nodiscard]] std::string to_string(worker const& w);

}  // namespace papillon::study
