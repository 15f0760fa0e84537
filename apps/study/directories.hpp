// SPDX-License-Identifier: MIT
/// \file directories.hpp
/// Directories of results: made with one clear error where they cannot be, and locked, so that no second process works
/// in the same one.
#pragma once

#include <filesystem>

#include <papillon/io/atomic_file.hpp>

namespace papillon::study {

/// Makes a directory and its parents. Throws errc::failed.
void make_directory(std::filesystem::path const& directory);

/// Holds a directory while it lives; the hold ends with the process, however that ends.
class directory_lock {
 public:
  /// Makes the file `lock` in the directory. Throws errc::failed if that cannot be done or another holds the directory.
  explicit directory_lock(std::filesystem::path const& directory);

 private:
  io::detail::descriptor file_;
};

}  // namespace papillon::study
