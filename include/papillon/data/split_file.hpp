// SPDX-License-Identifier: MIT
/// \file split_file.hpp
/// A split as a safetensors file: one I64 tensor a list, and the hashes of the data and of the split as metadata.
/// Reading checks everything a study relies on: the same images, indices in range and ascending, parts that do not
/// meet, the hash.
#pragma once

#include <algorithm>

#include <papillon/data/collection.hpp>
#include <papillon/data/split.hpp>
#include <papillon/error.hpp>
#include <papillon/io/safetensors.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// Writes atomically; a file that cannot be written is errc::failed.
inline void write_split(std::filesystem::path const& path, split const& s) {
  io::safetensors file;
  file.metadata = {{"format", "papillon split"}, {"version", "1"}, {"data_hash", s.data_hash}, {"hash", s.hash}};
  for (auto const& [name, list] : named_lists(s))
    file.add(name, {list->size()}, std::vector<std::int64_t>(list->begin(), list->end()));
  file.write(path);
}

/// Reads a split of these very images; anything else is errc::bad_input.
[[nodiscard]] inline split read_split(std::filesystem::path const& path, collection const& c) {
  auto const file = io::safetensors::read(path);
  auto const fail = [&](std::string const& why) {
    throw error(
        errc::bad_input, message(path.string(), " cannot be used (", why, ") remove it to draw the split anew"));
  };
  if (file.text_of("format") != "papillon split") fail("it holds no split");
  if (file.text_of("version") != "1") fail("it is of version " + file.text_of("version") + ", not 1");
  split s;
  s.data_hash = file.text_of("data_hash");
  s.hash = file.text_of("hash");
  if (s.data_hash != c.hash) fail("it splits other images: their hash is " + s.data_hash + ", not " + c.hash);

  for (auto const& [name, list] : named_lists(s)) {
    auto const values = file.get<std::int64_t>(name);
    auto const n = static_cast<std::int64_t>(c.images.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] < 0 || values[i] >= n) fail(message(name, " names image ", values[i], " of ", n));
      if (i > 0 && values[i] <= values[i - 1]) fail(std::string(name) + " is not in ascending order");
    }
    list->assign(values.begin(), values.end());
  }
  std::vector<std::uint8_t> used(c.images.size());
  for (auto const& role : s.roles) {
    for (auto const* const list : {&role.trained, &role.validation, &role.test}) {
      for (std::uint32_t const i : *list)
        if (used[i]++ != 0) fail(message("image ", i, " is in two parts"));
    }
    if (!std::includes(role.test.begin(), role.test.end(), role.strict_test.begin(), role.strict_test.end()))
      fail("its strict selection is not from D_test");
  }
  if (split_hash(s, c.digests) != s.hash) fail("its lists do not have the hash it states");
  return s;
}

}  // namespace papillon::data
