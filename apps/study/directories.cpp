// SPDX-License-Identifier: MIT
#include <study/directories.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>

namespace papillon::study {

using io::detail::uninterrupted;

bool is_there(std::filesystem::path const& path) noexcept {
  std::error_code unknown;
  return std::filesystem::exists(std::filesystem::status(path, unknown));
}

void make_directory(std::filesystem::path const& directory) {
  auto const fail = [&](int why) {
    throw error(errc::failed,
        message("cannot make the directory ", directory.string(), " (", std::strerror(why), ") ",
            "choose another --out, or ", io::detail::advice_for(why)),
        why);
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

}  // namespace papillon::study
