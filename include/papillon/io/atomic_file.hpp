// SPDX-License-Identifier: MIT
/// \file atomic_file.hpp
/// Writes a whole file or nothing: a temporary file in the same directory, fsync, rename, fsync of the directory.
/// Readers see the old contents or the new, never a part; when the disk is full or read-only the old file stays as it
/// was, the temporary file is removed and papillon::error(errc::failed) is thrown. Needs POSIX.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <papillon/error.hpp>
#include <papillon/io/descriptor.hpp>

namespace papillon::inline PAPILLON_ISA::io {

namespace detail {

inline bool write_all(int fd, std::span<std::byte const> bytes) {
  while (!bytes.empty()) {
    ssize_t const n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace detail

/// Replaces or creates `path` with the concatenation of the pieces. Its directory must exist.
inline void write_atomically(
    std::filesystem::path const& path, std::initializer_list<std::span<std::byte const>> pieces) {
  std::filesystem::path const directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  auto fail = [&](int why, std::string const& suggestion) {
    throw error(errc::failed, message("cannot write ", path.string(), " (", std::strerror(why), ") ", suggestion));
  };
  std::error_code ignored;
  if (auto const old = std::filesystem::status(path, ignored);
      std::filesystem::exists(old) && !std::filesystem::is_regular_file(old))
    throw error(errc::failed,
        message("cannot write ", path.string(), " (it exists and is not a plain file) choose another name"));

  std::string temporary;
  int fd = -1;
  // O_EXCL: a name that another thread or a crash left behind is stepped over.
  for (int attempt = 0; fd < 0; ++attempt) {
    temporary = message(path.string(), ".tmp.", ::getpid(), ".", attempt);
    fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && (errno != EEXIST || attempt == 1000))
      fail(errno, "check that the directory exists and can be written");
  }

  detail::descriptor file(fd);
  auto const written = [&](auto piece) { return detail::write_all(file.get(), piece); };
  if (!std::all_of(pieces.begin(), pieces.end(), written) || ::fsync(file.get()) != 0 || file.close() != 0 ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    int const why = errno;
    ::unlink(temporary.c_str());
    fail(why, "free some space or choose another place");
  }
  // Makes the rename itself last. The file is whole either way, so a file system that cannot do this is no failure.
  detail::descriptor const parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() >= 0) ::fsync(parent.get());
}

/// The same for text.
inline void write_atomically(std::filesystem::path const& path, std::string_view text) {
  write_atomically(path, {std::as_bytes(std::span(text))});
}

}  // namespace papillon::io
