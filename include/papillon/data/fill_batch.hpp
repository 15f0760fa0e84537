// SPDX-License-Identifier: MIT
/// \file fill_batch.hpp
/// Images of a set, by index, into a batch-blocked tensor: normalised, augmented if asked for, padding lanes zero.
/// Padding of the augmentation is black *before* normalisation. Same bits everywhere, for every lane count and number
/// of threads: draws are keyed by the image, values are looked up in a table.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <papillon/data/augmentation.hpp>
#include <papillon/data/image_set.hpp>
#include <papillon/exec/for_each.hpp>
#include <papillon/tensor/tensor.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// x has indices.size() images of the set's extent; every index is below set.size().
template <class T, int Lanes>
void fill_batch(exec::seq, image_set const& set, std::span<std::uint32_t const> indices, normalisation const& norm,
    std::optional<augmentation> const& augment, tensor_view<T, Lanes> x) {
  shape const s = set.extent;
  assert(x.extent() == s && static_cast<std::size_t>(x.images()) == indices.size());
  for (int n = 0; n < x.images(); ++n) {
    std::uint32_t const index = indices[static_cast<std::size_t>(n)];
    auto const image = set.image(index);
    augmentation::placement const p = augment ? augment->of(index) : augmentation::placement{};
    for (int c = 0; c < s.channels; ++c)
      for (int y = 0; y < s.height; ++y)
        for (int column = 0; column < s.width; ++column) {
          int const from_y = y + p.dy;
          int const from_x = (p.mirrored ? s.width - 1 - column : column) + p.dx;
          bool const inside = from_y >= 0 && from_y < s.height && from_x >= 0 && from_x < s.width;
          auto const byte = inside ? image[static_cast<std::size_t>(s.row(c, from_y, from_x))] : std::uint8_t{0};
          x.at(n, c, y, column) = norm.apply<T>(c, byte);
        }
  }
  clear_padding(x);
}

/// Draws what happens to an image of the batch.
struct draw_placements {
  static constexpr char const* name = "augmentation, draws";
  static constexpr int flops = 0, bytes = sizeof(augmentation::placement) + 4, grain = 256;
  augmentation augment;        ///< its epoch is replaced by
  std::uint32_t const* epoch;  ///< this one
  std::uint32_t const* indices;
  augmentation::placement* placements;

  PAPILLON_HD void operator()(int n) const {
    augmentation a = augment;
    a.epoch = *epoch;
    placements[n] = a.of(indices[n]);
  }
};

/// A row of pixels of an image of the batch; images lie side by side, so that neighbours write side by side.
template <class T, int Lanes> struct batch_pixel_row {
  static constexpr char const* name = "batch";
  static constexpr int flops = 0, bytes = 32 * (sizeof(T) + 1), grain = 256;
  std::uint8_t const* pixels;  ///< of the whole set
  T const* values;             ///< [channel][byte]
  std::uint32_t const* indices;
  augmentation::placement const* placements;  ///< null: images as they are
  T* x;
  std::ptrdiff_t row_stride, block_stride;
  shape extent;
  int images;
  bool padded;

  [[nodiscard]] int count() const { return exec::blocks_for(images, Lanes) * Lanes * extent.channels * extent.height; }
  PAPILLON_HD void operator()(int i) const {
    int const lane = i % Lanes, row = i / Lanes, y = row % extent.height, c = row / extent.height % extent.channels;
    int const b = row / (extent.height * extent.channels), n = b * Lanes + lane;
    T* const to = x + b * block_stride + extent.row(c, y, 0) * row_stride + lane;
    if (n >= images) {
      for (int column = 0; padded && column < extent.width; ++column) to[column * row_stride] = T{};
      return;
    }
    augmentation::placement const p = placements != nullptr ? placements[n] : augmentation::placement{};
    T const* const value = values + c * 256;
    // Column k shows pixel first + step k of the image's row; columns begin .. end-1 lie inside, the others are black.
    int const from_y = y + p.dy, step = p.mirrored ? -1 : 1, first = (p.mirrored ? extent.width - 1 : 0) + p.dx;
    bool const inside = from_y >= 0 && from_y < extent.height;
    int const shift = step * p.dx;  // columns that fall off on the left (negative) or on the right
    int const before = shift < 0 ? -shift : 0, behind = shift > 0 ? shift : 0;
    int const begin = inside && before < extent.width ? before : extent.width;
    int const end = extent.width - behind > begin ? extent.width - behind : begin;
    for (int column = 0; column < begin; ++column) to[column * row_stride] = value[0];
    if (begin == extent.width) return;
    std::uint8_t const* from = pixels + static_cast<std::size_t>(indices[n]) * static_cast<std::size_t>(extent.size()) +
                               extent.row(c, from_y, first + step * begin);
    for (int column = begin; column < end; ++column, from += step) to[column * row_stride] = value[*from];
    for (int column = end; column < extent.width; ++column) to[column * row_stride] = value[0];
  }
};

/// The same with threads.
template <class T, int Lanes>
void fill_batch(exec::omp e, image_set const& set, std::span<std::uint32_t const> indices, normalisation const& norm,
    std::optional<augmentation> const& augment, tensor_view<T, Lanes> x) {
  assert(x.extent() == set.extent && static_cast<std::size_t>(x.images()) == indices.size());
  auto const values = norm.table<T>();
  std::vector<augmentation::placement> placements(augment ? indices.size() : 0);
  if (augment)
    exec::for_each(e, x.images(), draw_placements{*augment, &augment->epoch, indices.data(), placements.data()});
  batch_pixel_row<T, Lanes> const rows{.pixels = set.pixels.data(),
      .values = values.data(),
      .indices = indices.data(),
      .placements = augment ? placements.data() : nullptr,
      .x = x.data(),
      .row_stride = x.row_stride(),
      .block_stride = x.block_stride(),
      .extent = set.extent,
      .images = x.images(),
      .padded = x.padded()};
  exec::for_each(e, rows.count(), rows);
}

/// Labels of the images, in the same order.
inline void fill_labels(image_set const& set, std::span<std::uint32_t const> indices, std::span<std::uint8_t> labels) {
  assert(labels.size() == indices.size());
  std::transform(indices.begin(), indices.end(), labels.begin(), [&](std::uint32_t i) { return set.labels[i]; });
}

}  // namespace papillon::data
