// SPDX-License-Identifier: MIT
/// \file fill_batch.hpp
/// Images of a set, by index, into a batch-blocked tensor: normalised, augmented if asked for, padding lanes zero.
/// Padding of the augmentation is black *before* normalisation. Same bits for every policy, lane count and number of
/// threads.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <papillon/data/augmentation.hpp>
#include <papillon/data/image_set.hpp>
#include <papillon/data/normalisation.hpp>
#include <papillon/exec/parallel.hpp>
#include <papillon/exec/policy.hpp>
#include <papillon/tensor/tensor.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// x has indices.size() images of 3 x 32 x 32; every index is below set.size().
template <class T, int Lanes>
void fill_batch(exec::seq, image_set const& set, std::span<std::uint32_t const> indices, normalisation const& norm,
                std::optional<augmentation> const& augment, tensor_view<T, Lanes> x) {
  constexpr shape s = image_set::extent;
  assert(x.extent() == s && static_cast<std::size_t>(x.images()) == indices.size());
  for (int n = 0; n < x.images(); ++n) {
    std::uint32_t const index = indices[static_cast<std::size_t>(n)];
    auto const image = set.image(index);
    augmentation::placement const p = augment ? augment->of(index) : augmentation::placement{};
    for (int c = 0; c < s.channels; ++c) {
      for (int y = 0; y < s.height; ++y) {
        for (int column = 0; column < s.width; ++column) {
          int const from_y = y + p.dy;
          int const from_x = (p.mirrored ? s.width - 1 - column : column) + p.dx;
          bool const inside = from_y >= 0 && from_y < s.height && from_x >= 0 && from_x < s.width;
          std::uint8_t const byte =
              inside ? image[static_cast<std::size_t>(s.row(c, from_y, from_x))] : std::uint8_t{0};
          x.at(n, c, y, column) = norm.apply<T>(c, byte);
        }
      }
    }
  }
  clear_padding(x);
}

/// The same, block by block: a block's images are interleaved row by row, so that what is written stays in the first
/// cache.
template <class T, int Lanes>
void fill_batch(exec::omp policy, image_set const& set, std::span<std::uint32_t const> indices,
                normalisation const& norm, std::optional<augmentation> const& augment, tensor_view<T, Lanes> x) {
  constexpr shape s = image_set::extent;
  constexpr int border = augmentation::padding;
  assert(x.extent() == s && static_cast<std::size_t>(x.images()) == indices.size());
  std::array<std::array<T, 256>, 3> table;
  for (int c = 0; c < 3; ++c) {
    for (int byte = 0; byte < 256; ++byte) {
      table[static_cast<std::size_t>(c)][static_cast<std::size_t>(byte)] =
          norm.apply<T>(c, static_cast<std::uint8_t>(byte));
    }
  }
  exec::parallel_for(policy, x.blocks(), [&](int b, int) {
    int const images = x.images_in(b);
    int const lanes = x.padded() ? Lanes : images;
    auto const block_indices = indices.subspan(static_cast<std::size_t>(b) * Lanes, static_cast<std::size_t>(images));
    std::array<augmentation::placement, Lanes> placement{};
    if (augment)
      std::transform(block_indices.begin(), block_indices.end(), placement.begin(),
                     [&](std::uint32_t i) { return augment->of(i); });
    std::array<std::uint8_t, static_cast<std::size_t>(s.width + 2 * border)> line{};  // a row of the padded image
    for (int c = 0; c < s.channels; ++c) {
      auto const& value = table[static_cast<std::size_t>(c)];
      for (int y = 0; y < s.height; ++y) {
        T* const row = x.block(b) + s.row(c, y, 0) * x.row_stride();
        for (int lane = 0; lane < images; ++lane) {
          auto const& p = placement[static_cast<std::size_t>(lane)];
          int const from_y = y + p.dy;
          auto const middle = line.begin() + border;
          if (from_y >= 0 && from_y < s.height)
            std::copy_n(set.image(block_indices[static_cast<std::size_t>(lane)]).begin() + s.row(c, from_y, 0), s.width,
                        middle);
          else std::fill_n(middle, s.width, std::uint8_t{0});
          std::uint8_t const* from = line.data() + border + p.dx + (p.mirrored ? s.width - 1 : 0);
          std::ptrdiff_t const step = p.mirrored ? -1 : 1;
          for (int column = 0; column < s.width; ++column)
            row[column * x.row_stride() + lane] = value[from[column * step]];
        }
        for (int column = 0; column < s.width; ++column)
          std::fill(row + column * x.row_stride() + images, row + column * x.row_stride() + lanes, T{});
      }
    }
  });
}

/// Labels of the images, in the same order.
inline void fill_labels(image_set const& set, std::span<std::uint32_t const> indices, std::span<std::uint8_t> labels) {
  assert(labels.size() == indices.size());
  std::transform(indices.begin(), indices.end(), labels.begin(), [&](std::uint32_t i) { return set.labels[i]; });
}

}  // namespace papillon::data
