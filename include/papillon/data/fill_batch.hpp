// SPDX-License-Identifier: MIT
/// \file fill_batch.hpp
/// Images of a set, by index, into a batch-blocked tensor: normalised, augmented if asked for, padding lanes zero.
/// Padding of the augmentation is black *before* normalisation. Here are the plain loop and the functors that
/// data/batches.hpp runs. Same bits everywhere, for every lane count and number of threads: draws are keyed by the
/// image, values are looked up in a table.
#pragma once

#include <algorithm>
#include <cassert>
#include <optional>

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

/// A row of pixels of the images of a block.
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

  [[nodiscard]] int rows() const { return exec::blocks_for(images, Lanes) * extent.channels * extent.height; }
  /// Of one image.
  PAPILLON_HD void operator()(exec::one_lane lane, int row) const {
    target const t = target_of(row, lane.lane);
    if (t.image >= images) return clear(t.to);
    augmentation::placement const p = placement_of(t.image);
    std::uint8_t const* const from = source(t, p);
    int from_x = (p.mirrored ? extent.width - 1 : 0) + p.dx;
    for (int column = 0; column < extent.width; ++column, from_x += p.mirrored ? -1 : 1)
      t.to[column * row_stride] = t.values[from != nullptr && from_x >= 0 && from_x < extent.width ? from[from_x] : 0];
  }
  /// Of all of them; each row with its black border is first copied, so that no column has to be asked for.
  void operator()(exec::all_lanes<Lanes>, int row) const {
    constexpr int border = augmentation::padding, widest = 256;
    int const width = extent.width;
    std::uint8_t line[border + widest + border] = {};
    for (int lane = 0; lane < Lanes; ++lane) {
      if (width > widest) {
        (*this)(exec::one_lane{lane}, row);
        continue;
      }
      target const t = target_of(row, lane);
      if (t.image >= images) {
        clear(t.to);
        continue;
      }
      augmentation::placement const p = placement_of(t.image);
      if (std::uint8_t const* const from = source(t, p)) std::copy_n(from, width, line + border);
      else std::fill_n(line + border, width, std::uint8_t{0});
      std::uint8_t const* const from = line + border + p.dx + (p.mirrored ? width - 1 : 0);
      std::ptrdiff_t const step = p.mirrored ? -1 : 1;
      auto const show = [&](int column) { t.to[column * row_stride] = t.values[from[column * step]]; };
      int column = 0;
      for (; column + 4 <= width; column += 4) show(column), show(column + 1), show(column + 2), show(column + 3);
      for (; column < width; ++column) show(column);
    }
  }

 private:
  struct target {
    int image, channel, y;
    T const* values;
    T* to;
  };
  [[nodiscard]] PAPILLON_HD target target_of(int row, int lane) const {
    int const y = row % extent.height, c = row / extent.height % extent.channels;
    int const b = row / (extent.height * extent.channels);
    return {b * Lanes + lane, c, y, values + c * 256, x + b * block_stride + extent.row(c, y, 0) * row_stride + lane};
  }
  PAPILLON_HD void clear(T* to) const {
    for (int column = 0; padded && column < extent.width; ++column) to[column * row_stride] = T{};
  }
  [[nodiscard]] PAPILLON_HD augmentation::placement placement_of(int image) const {
    return placements != nullptr ? placements[image] : augmentation::placement{};
  }
  /// The row of the image that is shown there; null: black.
  [[nodiscard]] PAPILLON_HD std::uint8_t const* source(target const& t, augmentation::placement const& p) const {
    int const y = t.y + p.dy;
    if (y < 0 || y >= extent.height) return nullptr;
    return pixels + static_cast<std::size_t>(indices[t.image]) * static_cast<std::size_t>(extent.size()) +
           extent.row(t.channel, y, 0);
  }
};

}  // namespace papillon::data
