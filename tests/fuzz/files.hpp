// SPDX-License-Identifier: MIT
/// \file files.hpp
/// Files for fuzz targets, in memory where the system has such a place; and safetensors files whose first eight bytes,
/// which no search would guess, fit the header.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <variant>

#include <papillon/io/read_file.hpp>
#include <papillon/io/safetensors.hpp>

#include <unistd.h>

namespace papillon::fuzz {

/// A directory of this program's own, removed at its end.
inline std::filesystem::path const& directory() {
  struct place {
    std::filesystem::path path;
    place() {
      std::filesystem::path const memory = "/dev/shm";
      auto const base = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
      std::string name = (base / "papillon-fuzz-XXXXXX").string();
      if (::mkdtemp(name.data()) == nullptr) std::abort();
      path = name;
    }
    place(place const&) = delete;
    place& operator=(place const&) = delete;
    ~place() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  };
  static place const here;
  return here.path;
}

/// A file of that name with these bytes.
inline std::filesystem::path file_with(std::string_view bytes, std::string const& name) {
  auto const path = directory() / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return path;
}

/// An input that begins with '{' is a header up to the first line end, and the data; any other one is the whole file.
inline std::filesystem::path safetensors_with(std::string_view input, std::string const& name) {
  if (!input.starts_with('{')) return file_with(input, name);
  auto const end = std::min(input.find('\n'), input.size());
  std::uint64_t const length = end;
  std::string bytes(reinterpret_cast<char const*>(&length), sizeof length);
  bytes.append(input.substr(0, end)).append(input.substr(std::min(end + 1, input.size())));
  return file_with(bytes, name);
}

/// The input that stands for a safetensors file.
inline std::string input_of(std::filesystem::path const& file) {
  auto const bytes = io::read_file<std::string>(file);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  auto const header = sizeof length + static_cast<std::size_t>(length);
  return bytes.substr(sizeof length, static_cast<std::size_t>(length)) + "\n" + bytes.substr(header);
}
inline std::string input_of(io::safetensors const& tensors) {
  auto const path = directory() / "seed.safetensors";
  tensors.write(path);
  return input_of(path);
}

/// The same tensors and metadata, bit by bit.
inline bool same(io::safetensors const& a, io::safetensors const& b) {
  if (a.metadata != b.metadata || a.entries().size() != b.entries().size()) return false;
  for (std::size_t i = 0; i < a.entries().size(); ++i) {
    auto const &x = a.entries()[i], &y = b.entries()[i];
    if (x.name != y.name || x.dims != y.dims || x.values.index() != y.values.index()) return false;
    bool const equal = std::visit(
        [&]<class Values>(Values const& values) {
          auto const& others = std::get<Values>(y.values);
          return values.size() == others.size() &&
                 (values.empty() || std::memcmp(values.data(), others.data(), values.size() * sizeof values[0]) == 0);
        },
        x.values);
    if (!equal) return false;
  }
  return true;
}

/// The tensors with the same metadata but for one key.
inline io::safetensors with_text(io::safetensors tensors, std::string const& key, std::string text) {
  tensors.metadata[key] = std::move(text);
  return tensors;
}

}  // namespace papillon::fuzz
