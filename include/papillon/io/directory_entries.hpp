// SPDX-License-Identifier: MIT
/// \file directory_entries.hpp
/// What is in a directory, in the order of names. A directory that cannot be listed is an error, not an empty one: what
/// somebody concludes from what is not there would be wrong.
#pragma once

#include <algorithm>
#include <filesystem>
#include <vector>

#include <papillon/io/atomic_file.hpp>

namespace papillon::inline PAPILLON_ISA::io {

/// Nothing where there is no such directory. Throws papillon::error (failed) where it cannot be listed.
[[nodiscard]] inline std::vector<std::filesystem::path> directory_entries(std::filesystem::path const& directory) {
  for (;;) {
    std::vector<std::filesystem::path> all;
    std::error_code problem;
    for (std::filesystem::directory_iterator at(directory, problem), end; !problem && at != end; at.increment(problem))
      all.push_back(at->path());
    if (problem == std::errc::interrupted) continue;
    if (problem && problem != std::errc::no_such_file_or_directory && problem != std::errc::not_a_directory)
      throw error(errc::failed,
          message("cannot list ", directory.string(), " (", problem.message(), ") ",
              detail::advice_for_reading(problem.value())),
          problem.value());
    std::sort(all.begin(), all.end());
    return all;
  }
}

}  // namespace papillon::io
