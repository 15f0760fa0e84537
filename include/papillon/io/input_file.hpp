// SPDX-License-Identifier: MIT
/// \file input_file.hpp
/// A file that is read: the one way in which this library opens one, since anybody may have made it. It is a regular
/// file (nothing is waited for: no pipe, no device), of no more bytes than files of its kind have, and holds from first
/// to last as many as it had when it was opened. Anything else is papillon::error(errc::bad_input) with the file's name
/// and the reason. Needs POSIX.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>

#include <fcntl.h>
#include <sys/stat.h>

#include <papillon/error.hpp>
#include <papillon/io/descriptor.hpp>

namespace papillon::inline PAPILLON_ISA::io {

/// How many bytes files have at most, by what they hold. Memory is asked for only where a file has as many.
namespace largest {
inline constexpr std::uint64_t settings = std::uint64_t{1} << 20;
inline constexpr std::uint64_t text = std::uint64_t{64} << 20;    ///< results, tables of epochs, pictures
inline constexpr std::uint64_t table = std::uint64_t{256} << 20;  ///< csv
inline constexpr std::uint64_t tensors = std::uint64_t{4} << 30;  ///< safetensors
inline constexpr std::uint64_t array = std::uint64_t{32} << 30;   ///< npy
}  // namespace largest

class input_file {
 public:
  /// Opens a file of at most `most` bytes.
  input_file(std::filesystem::path const& path, std::uint64_t most) : path_(path.string()), file_(open(path)) {
    if (file_.get() < 0) fail(errno == ENOENT ? "no such file" : std::strerror(errno), errno);
    struct stat found {};
    if (::fstat(file_.get(), &found) != 0) fail(std::strerror(errno), errno);
    if (S_ISDIR(found.st_mode)) fail("it is a directory");
    if (!S_ISREG(found.st_mode)) fail("it is a pipe or a device, not a file");
    size_ = static_cast<std::uint64_t>(found.st_size);
    if (size_ > most) fail(message("it has ", size_, " bytes, files of its kind have at most ", most));
  }

  /// Bytes it had when it was opened.
  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// The next bytes; that they are there is checked.
  void read(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
      ssize_t const n = detail::uninterrupted([&] { return ::read(file_.get(), bytes.data(), bytes.size()); });
      if (n < 0) fail(std::strerror(errno), errno);
      if (n == 0) fail("it became shorter while it was read");
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }

  /// Checks that nothing follows what was read.
  void finish() {
    std::byte more;
    ssize_t const n = detail::uninterrupted([&] { return ::read(file_.get(), &more, 1); });
    if (n < 0) fail(std::strerror(errno), errno);
    if (n > 0) fail("it became longer while it was read");
  }

 private:
  /// Without O_NONBLOCK, opening a pipe waits for whoever writes into it.
  static int open(std::filesystem::path const& path) {
    return detail::uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); });
  }
  [[noreturn]] void fail(std::string const& why, int cause = 0) const {
    throw error(errc::bad_input, message("cannot read ", path_, " (", why, ") check the path"), cause);
  }

  std::string path_;
  detail::descriptor file_;
  std::uint64_t size_ = 0;
};

}  // namespace papillon::io
