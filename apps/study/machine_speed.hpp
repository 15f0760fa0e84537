// SPDX-License-Identifier: MIT
/// \file machine_speed.hpp
/// How fast a machine trains the networks of a study, whichever way its processors are shared out among workers: one
/// worker with all of them, two with a half each, and so on. What was measured once is kept in a file of the study, a
/// file a machine, and used as long as program, processors and networks are those that it was measured with.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace papillon::study {

/// Workers at the same time, each with so many threads.
struct way_to_share {
  int workers = 1, threads = 1;
  std::vector<double> images_per_second;  ///< in training, of all workers together; one a network

  friend bool operator==(way_to_share const&, way_to_share const&) = default;
};

struct machine_speed {
  std::string build;  ///< as provenance.hpp words it
  int processors = 1;
  std::vector<std::string> networks;  ///< in words that change where the speed would
  std::vector<way_to_share> ways;

  friend bool operator==(machine_speed const&, machine_speed const&) = default;
};

/// So many processors as 1, 2, 4, ... workers with a thread on each processor, and as workers of one thread.
[[nodiscard]] std::vector<way_to_share> ways_to_share(int processors);

/// The fastest of the ways of no more than `most` workers: by the geometric mean over the networks; of equally fast
/// ones that of the fewest workers, which takes the least memory. Throws errc::usage where there is none.
[[nodiscard]] way_to_share const& fastest_way(machine_speed const& measured, int most);

/// "speed-<host>.json" in a study's directory.
[[nodiscard]] std::filesystem::path speed_file(std::filesystem::path const& out, std::string const& host);

/// What is written there; nothing where there is no such file, or one that cannot be used.
[[nodiscard]] std::optional<machine_speed> read_machine_speed(std::filesystem::path const& file);

/// Throws errc::failed where it cannot be written.
void write_machine_speed(std::filesystem::path const& file, machine_speed const& measured);

/// Whether `measured` was measured with what `now` names: program, processors, networks.
[[nodiscard]] bool is_of(machine_speed const& measured, machine_speed const& now);

}  // namespace papillon::study
