// SPDX-License-Identifier: MIT
/// \file descriptor.hpp
/// An open file of the operating system that closes itself, for what reads and writes files. Needs POSIX.
#pragma once

#include <utility>

#include <unistd.h>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::io::detail {

class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(descriptor const&) = delete;
  descriptor& operator=(descriptor const&) = delete;
  ~descriptor() { close(); }
  [[nodiscard]] int get() const { return fd_; }
  /// 0, or -1 with errno set: some file systems report a full disk only here.
  int close() {
    int const fd = std::exchange(fd_, -1);
    return fd < 0 ? 0 : ::close(fd);
  }

 private:
  int fd_;
};

}  // namespace papillon::io::detail
