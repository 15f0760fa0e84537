// SPDX-License-Identifier: MIT
#include <study/directories.hpp>

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include <papillon/error.hpp>

namespace papillon::study {

void make_directory(std::filesystem::path const& directory) {
  std::error_code status;
  std::filesystem::create_directories(directory, status);
  if (status || !std::filesystem::is_directory(directory))
    throw error(errc::failed, message("cannot make the directory ", directory.string(), " (",
                                  (status ? status.message() : "a file is in its place"), ") choose another --out"));
}

directory_lock::directory_lock(std::filesystem::path const& directory)
    : file_(::open((directory / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (file_.get() < 0)
    throw error(errc::failed,
        message("cannot write to ", directory.string(), " (", std::strerror(errno), ") choose another --out"));
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0)
    throw error(
        errc::failed, message(directory.string(),
                          " is in use (another process is working there) wait for it, or choose another --out"));
}

}  // namespace papillon::study
