// SPDX-License-Identifier: MIT
/// \file processors.hpp
/// How many processors this process may use: as many as its affinity names (taskset), and no more than its control
/// group's quota pays for (containers), rounded up. More threads than that wait for one another: a quota stops all of
/// them for the rest of its period. Linux; elsewhere what the standard library knows.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <thread>
#if defined(__linux__)
#  include <sched.h>
#endif

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

namespace detail {

inline constexpr double no_quota = std::numeric_limits<double>::infinity();

/// Processors of one group, version 2 ("cpu.max") or 1 (two files); infinity without a quota.
[[nodiscard]] inline double quota_of_group(std::filesystem::path const& group) {
  double quota = -1, period = 0;
  if (std::ifstream together(group / "cpu.max"); together) {
    together >> quota >> period;  // "max 100000" leaves no number
    return together && period > 0 ? quota / period : no_quota;
  }
  std::ifstream(group / "cpu.cfs_quota_us") >> quota;
  std::ifstream(group / "cpu.cfs_period_us") >> period;
  return quota > 0 && period > 0 ? quota / period : no_quota;
}

/// The smallest of a group and those that it is in. `groups`: the process's list (/proc/self/cgroup), lines
/// "number:controllers:/path"; `mount`: where groups are files (/sys/fs/cgroup).
[[nodiscard]] inline double quota(std::filesystem::path const& groups, std::filesystem::path const& mount) {
  double smallest = no_quota;
  std::ifstream list(groups);
  for (std::string line; std::getline(list, line);) {
    auto const first = line.find(':'), second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) continue;
    auto const controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    bool const unified = controllers == ",,";
    if (!unified && controllers.find(",cpu,") == controllers.npos) continue;
    auto const root = unified ? mount : mount / "cpu";
    auto path = std::filesystem::path(line.substr(second + 1)).relative_path();
    for (;; path = path.parent_path()) {
      smallest = std::min(smallest, quota_of_group(root / path));
      if (path.empty()) break;
    }
  }
  return smallest;
}

}  // namespace detail

[[nodiscard]] inline int allowed_processors(
    std::filesystem::path const& groups = "/proc/self/cgroup", std::filesystem::path const& mount = "/sys/fs/cgroup") {
  int count = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) count = std::max(1, CPU_COUNT(&set));
#endif
  double const paid = std::ceil(detail::quota(groups, mount));
  return paid < count ? std::max(1, static_cast<int>(paid)) : count;
}

}  // namespace papillon::exec
