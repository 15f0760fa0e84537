// SPDX-License-Identifier: MIT
/// \file descriptor.hpp
/// An open file of the operating system that closes itself, and calls that signals do not interrupt, for what reads and
/// writes files. Needs POSIX.
#pragma once

#include <cerrno>
#include <utility>

#include <unistd.h>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::io::detail {

class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor(descriptor const&) = delete;
  descriptor& operator=(descriptor const&) = delete;
  ~descriptor() { close(); }
  [[nodiscard]] int get() const { return fd_; }
  /// 0, or -1 with errno set: some file systems report a full disk only here.
  int close() {
    int const fd = std::exchange(fd_, -1);
    return fd < 0 || ::close(fd) == 0 || errno == EINTR ? 0 : -1;  // interrupted: it is closed all the same
  }

 private:
  int fd_;
};

/// A call that says -1 and sets errno, made again while signals interrupt it.
template <class Call> auto uninterrupted(Call&& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

}  // namespace papillon::io::detail
