// SPDX-License-Identifier: MIT
/// \file mask_file.hpp
/// A mask as a safetensors file: a U8 tensor of 0 (pruned) and 1 (kept) for each prunable parameter, by its PyTorch
/// name.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include <papillon/error.hpp>
#include <papillon/io/safetensors.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/prune/magnitude.hpp>
#include <papillon/prune/mask.hpp>

namespace papillon::inline PAPILLON_ISA::prune {

/// Writes `m`, a mask over the buffer that `parameters` describes. Throws papillon::error (failed) if it cannot be
/// written.
inline void save_mask(std::filesystem::path const& path, std::span<nn::slot const> parameters, mask const& m) {
  io::safetensors file;
  file.metadata["format"] = "papillon mask 1";
  for (nn::slot const& s : parameters)
    if (prunable(s)) file.add(s.name, s.dims, std::span<std::uint8_t const>(m.keep).subspan(s.offset, s.size));
  file.write(path);
}

/// Reads a mask. Throws papillon::error (bad_input) unless the file holds exactly the prunable tensors, of 0 and 1.
[[nodiscard]] inline mask load_mask(std::filesystem::path const& path, std::span<nn::slot const> parameters) {
  auto const file = io::safetensors::read(path);
  auto const fail = [&](std::string const& why) {
    throw error(errc::bad_input,
                "cannot use mask " + path.string() + " (" + why + ") use a whole one of the same network");
  };
  if (file.text_of("format") != "papillon mask 1") fail("its format is \"" + file.text_of("format") + "\"");
  std::size_t tensors = 0;
  std::size_t size = 0;
  for (nn::slot const& s : parameters) size = std::max(size, s.offset + s.size);
  mask m = dense_mask(size);
  for (nn::slot const& s : parameters) {
    if (!prunable(s)) continue;
    auto const values = file.get<std::uint8_t>(s.name, s.dims);
    if (std::any_of(values.begin(), values.end(), [](std::uint8_t k) { return k > 1; }))
      fail("tensor " + s.name + " has values other than 0 and 1");
    std::copy(values.begin(), values.end(), m.keep.begin() + static_cast<std::ptrdiff_t>(s.offset));
    ++tensors;
  }
  if (tensors != file.entries().size()) fail("it has tensors of another network");
  return m;
}

}  // namespace papillon::prune
