// SPDX-License-Identifier: MIT
#include <study/directories.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include <papillon/error.hpp>

namespace papillon::study {

using io::detail::uninterrupted;

bool is_there(std::filesystem::path const& path) noexcept {
  std::error_code unknown;
  return std::filesystem::exists(std::filesystem::status(path, unknown));
}

void make_directory(std::filesystem::path const& directory) {
  auto const fail = [&](int why) {
    throw error(errc::failed, message("cannot make the directory ", directory.string(), " (", std::strerror(why), ") ",
                                  "choose another --out, or ", io::detail::advice_for(why)));
  };
  std::vector<std::filesystem::path> missing;
  auto above = directory.has_filename() ? directory : directory.parent_path();
  for (; !above.empty() && !is_there(above); above = above.parent_path()) missing.push_back(above);
  for (; !missing.empty(); missing.pop_back()) {
    auto const& next = missing.back();
    if (uninterrupted([&] { return ::mkdir(next.c_str(), 0777); }) != 0 && errno != EEXIST) fail(errno);
    auto const parent = next.has_parent_path() ? next.parent_path() : std::filesystem::path(".");
    if (!io::detail::sync_directory(parent)) fail(errno);
  }
  std::error_code unknown;
  if (!std::filesystem::is_directory(directory, unknown))
    throw error(errc::failed,
        message("cannot make the directory ", directory.string(), " (a file is in its place) choose another --out"));
}

directory_lock::directory_lock(std::filesystem::path const& directory)
    : file_(uninterrupted([&] { return ::open((directory / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666); })) {
  if (file_.get() < 0)
    throw error(errc::failed, message("cannot write to ", directory.string(), " (", std::strerror(errno),
                                  ") choose another --out, or ", io::detail::advice_for(errno)));
  if (uninterrupted([&] { return ::flock(file_.get(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno == EWOULDBLOCK)
      throw error(
          errc::failed, message(directory.string(),
                            " is in use (another process is working there) wait for it, or choose another --out"));
    holds_ = errno != ENOLCK && errno != ENOSYS && errno != ENOTSUP && errno != EINVAL;
    if (holds_)
      throw error(errc::failed,
          message("cannot lock ", directory.string(), " (", std::strerror(errno), ") ", io::detail::advice_for(errno)));
  }
  io::remove_drafts(directory, holds_);
}

}  // namespace papillon::study
