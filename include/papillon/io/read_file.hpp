// SPDX-License-Identifier: MIT
/// \file read_file.hpp
/// A whole file in memory, or papillon::error(errc::bad_input) that names the file and why it cannot be read
/// (io/input_file.hpp).
#pragma once

#include <vector>

#include <papillon/io/input_file.hpp>

namespace papillon::inline PAPILLON_ISA::io {

/// A file of at most `most` bytes. Container: std::string or std::vector<std::byte>.
template <class Container = std::vector<std::byte>>
[[nodiscard]] Container read_file(std::filesystem::path const& path, std::uint64_t most = largest::text) {
  input_file file(path, most);
  Container bytes;
  bytes.resize(static_cast<std::size_t>(file.size()));
  file.read(std::as_writable_bytes(std::span(bytes)));
  file.finish();
  return bytes;
}

}  // namespace papillon::io
