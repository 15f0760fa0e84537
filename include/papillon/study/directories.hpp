// SPDX-License-Identifier: MIT
/// \file directories.hpp
/// Directories of results: made with one clear error where they cannot be, and locked, so that no second process works
/// in the same one.
#pragma once

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>

namespace papillon::study {

/// Makes a directory and its parents. Throws errc::failed.
inline void make_directory(std::filesystem::path const& directory) {
  std::error_code status;
  std::filesystem::create_directories(directory, status);
  if (status || !std::filesystem::is_directory(directory))
    throw error(errc::failed, "cannot make the directory " + directory.string() + " (" +
                                  (status ? status.message() : "a file is in its place") + ") choose another --out");
}

/// Holds a directory while it lives; the hold ends with the process, however that ends.
class directory_lock {
 public:
  /// Makes the file `lock` in the directory. Throws errc::failed if that cannot be done or another holds the directory.
  explicit directory_lock(std::filesystem::path const& directory)
      : file_(::open((directory / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (file_.get() < 0)
      throw error(errc::failed,
                  "cannot write to " + directory.string() + " (" + std::strerror(errno) + ") choose another --out");
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0)
      throw error(
          errc::failed,
          directory.string() + " is in use (another process is working there) wait for it, or choose another --out");
  }

 private:
  io::detail::descriptor file_;
};

}  // namespace papillon::study
