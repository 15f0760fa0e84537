// SPDX-License-Identifier: MIT
/// \file read_file.hpp
/// A whole file in memory, or papillon::error(errc::bad_input) that names the file and why it cannot be read.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include <papillon/error.hpp>

namespace papillon::inline PAPILLON_ISA::io {

/// Container: std::string or std::vector<std::byte>.
template <class Container = std::vector<std::byte>>
[[nodiscard]] Container read_file(std::filesystem::path const& path) {
  auto fail = [&](std::string const& why) {
    throw error(errc::bad_input, message("cannot read ", path.string(), " (", why, ") check the path"));
  };
  std::error_code code;
  auto const status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status)) fail("no such file");
  if (std::filesystem::is_directory(status)) fail("it is a directory");
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) fail(std::strerror(errno));
  auto const size = std::filesystem::file_size(path, code);
  if (code) fail(code.message());
  Container bytes;
  bytes.resize(static_cast<std::size_t>(size));
  if (std::fread(bytes.data(), 1, bytes.size(), file.get()) != bytes.size())
    fail("it became shorter while it was read");
  return bytes;
}

}  // namespace papillon::io
