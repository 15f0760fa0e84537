// SPDX-License-Identifier: MIT
/// \file directories.hpp
/// Directories of results: made with one clear error where they cannot be, and locked, so that no second process works
/// in the same one.
#pragma once

#include <filesystem>

#include <papillon/io/atomic_file.hpp>

namespace papillon::study {

/// Whether there is something at a path; false where that cannot be known: what is opened then says why.
[[nodiscard]] bool is_there(std::filesystem::path const& path) noexcept;

/// Makes a directory and its parents, each to last. Throws errc::failed.
void make_directory(std::filesystem::path const& directory);

/// Holds a directory while it lives; the hold ends with the process, however that ends. What processes that are no more
/// left half written in it is removed.
class directory_lock {
 public:
  /// Makes the file `lock` in the directory. Throws errc::failed if that cannot be done or another holds the directory.
  explicit directory_lock(std::filesystem::path const& directory);

  /// False on a file system that has no locks: then nothing keeps a second process out.
  [[nodiscard]] bool holds() const noexcept { return holds_; }

 private:
  io::detail::descriptor file_;
  bool holds_ = true;
};

}  // namespace papillon::study
