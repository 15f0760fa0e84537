// SPDX-License-Identifier: MIT
/// \file files.hpp
/// Files that are there as a whole or not at all: written beside their place, flushed, then renamed over it. A full, read-only or
/// vanished directory is one papillon::error that gives the reason, and what stood there before is left as it was.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <papillon/error.hpp>

namespace papillon::study {

namespace detail {

/// Closes a file descriptor at the end of its life.
class descriptor {
 public:
  explicit descriptor(int fd = -1) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] inline void cannot_write(std::filesystem::path const& file, int reason) {
  std::string advice = "choose another --out";
  if (reason == ENOSPC || reason == EDQUOT) advice = "free some space and start again; finished work is kept";
  throw error(errc::failed, "cannot write " + file.string() + " (" + std::strerror(reason) + ") " + advice);
}

}  // namespace detail

/// Makes a directory and its parents. Throws errc::failed.
inline void make_directory(std::filesystem::path const& directory) {
  std::error_code status;
  std::filesystem::create_directories(directory, status);
  if (status || !std::filesystem::is_directory(directory))
    throw error(errc::failed, "cannot make the directory " + directory.string() + " (" + (status ? status.message() : "a file is in its place") +
                                  ") choose another --out");
}

/// Replaces or makes a file, as a whole. Throws errc::failed.
inline void write_file(std::filesystem::path const& file, std::string_view content) {
  auto const draft = file.string() + ".part" + std::to_string(::getpid());
  int reason = 0;
  {
    detail::descriptor const out(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (out.get() < 0) detail::cannot_write(file, errno);
    for (std::size_t done = 0; done < content.size() && reason == 0;) {
      auto const count = ::write(out.get(), content.data() + done, content.size() - done);
      if (count >= 0) done += static_cast<std::size_t>(count);
      else if (errno != EINTR) reason = errno;
    }
    if (reason == 0 && ::fsync(out.get()) != 0) reason = errno;
  }
  if (reason == 0 && ::rename(draft.c_str(), file.c_str()) != 0) reason = errno;
  if (reason != 0) {
    ::unlink(draft.c_str());
    detail::cannot_write(file, reason);
  }
}

/// The content of a file. Throws errc::bad_input.
[[nodiscard]] inline std::string read_file(std::filesystem::path const& file) {
  std::error_code ignored;
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  if (in && std::filesystem::is_regular_file(file, ignored)) {
    if (in.peek() == std::ifstream::traits_type::eof()) return {};
    if (content << in.rdbuf()) return std::move(content).str();
  }
  throw error(errc::bad_input, "cannot read " + file.string() + " (missing or not readable) check the path");
}

/// Holds a lock file while it lives, so that no second process works in the same directory. The lock ends with the process,
/// however that ends.
class directory_lock {
 public:
  /// Throws errc::failed if another process holds the lock, or the file cannot be made.
  explicit directory_lock(std::filesystem::path const& file) : file_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (file_.get() < 0) detail::cannot_write(file, errno);
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0)
      throw error(errc::failed, file.parent_path().string() + " is in use (another process is working there) wait for it or choose another --out");
  }

 private:
  detail::descriptor file_;
};

}  // namespace papillon::study
