// SPDX-License-Identifier: MIT
/// \file atomic_file.hpp
/// Writes a whole file or nothing: a temporary file in the same directory (draft.hpp), fsync, rename, fsync of the
/// directory. Readers see the old contents or the new, never a part; when the disk is full or read-only the old file
/// stays as it was, the temporary file is removed and papillon::error(errc::failed) is thrown, with advice that fits
/// the reason. Calls that a signal interrupts are made again. Needs POSIX.
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
#include <papillon/io/draft.hpp>

namespace papillon::inline PAPILLON_ISA::io {

namespace detail {

inline bool write_all(int fd, std::span<std::byte const> bytes) {
  while (!bytes.empty()) {
    ssize_t const n = uninterrupted([&] { return ::write(fd, bytes.data(), bytes.size()); });
    if (n < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

/// What to do about an errno of writing.
inline char const* advice_for(int why) {
  switch (why) {
    case ENOSPC:
    case EDQUOT: return "free some space, or choose another place";
    case EFBIG: return "raise the limit of a file's size (ulimit -f), or choose another place";
    case EACCES:
    case EPERM:
    case EROFS: return "make the directory writable, or choose another place";
    case ENOENT:
    case ENOTDIR: return "check that the directory exists";
    case ENAMETOOLONG: return "choose shorter names";
    case EMFILE:
    case ENFILE: return "allow more open files (ulimit -n)";
    case EIO: return "check the disk and its connection";
    default: return "choose another place";
  }
}

/// What to do about an errno of reading.
inline char const* advice_for_reading(int why) {
  switch (why) {
    case EACCES:
    case EPERM: return "make it readable";
    case EMFILE:
    case ENFILE:
    case EIO: return advice_for(why);
    default: return "try again";
  }
}

/// Makes the names in a directory last. False with errno set if that fails; a file system or directory that cannot be
/// asked to is no failure.
inline bool sync_directory(std::filesystem::path const& directory) {
  descriptor const opened(uninterrupted([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (opened.get() < 0) return errno != EIO;
  return uninterrupted([&] { return ::fsync(opened.get()); }) == 0 || errno == EINVAL || errno == ENOTSUP ||
         errno == EROFS;
}

}  // namespace detail

/// Replaces or creates `path` with the concatenation of the pieces. Its directory must exist.
inline void write_atomically(
    std::filesystem::path const& path, std::initializer_list<std::span<std::byte const>> pieces) {
  std::filesystem::path const directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  auto fail = [&](int why) {
    throw error(errc::failed,
        message("cannot write ", path.string(), " (", std::strerror(why), ") ", detail::advice_for(why)), why);
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
    temporary = path.string() + draft_suffix(attempt);
    fd =
        detail::uninterrupted([&] { return ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); });
    if (fd < 0 && (errno != EEXIST || attempt == 1000)) fail(errno);
  }

  detail::descriptor file(fd);
  auto const written = [&](auto piece) { return detail::write_all(file.get(), piece); };
  if (!std::all_of(pieces.begin(), pieces.end(), written) ||
      detail::uninterrupted([&] { return ::fsync(file.get()); }) != 0 || file.close() != 0 ||
      detail::uninterrupted([&] { return ::rename(temporary.c_str(), path.c_str()); }) != 0) {
    int const why = errno;
    ::unlink(temporary.c_str());
    fail(why);
  }
  // Makes the rename itself last; the file is whole either way.
  if (!detail::sync_directory(directory)) fail(errno);
}

/// The same for text.
inline void write_atomically(std::filesystem::path const& path, std::string_view text) {
  write_atomically(path, {std::as_bytes(std::span(text))});
}

}  // namespace papillon::io
