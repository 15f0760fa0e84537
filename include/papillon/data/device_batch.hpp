// SPDX-License-Identifier: MIT
/// \file device_batch.hpp
/// fill_batch as kernels: the images of a set lie on the device as bytes, and a batch is drawn, placed and normalised
/// there. Same numbers, bit for bit, as fill_batch on the host: draws are keyed by the image, values are looked up in a
/// table.
#pragma once

#include <cstdint>
#include <vector>

#include <papillon/data/augmentation.hpp>
#include <papillon/data/image_set.hpp>
#include <papillon/data/normalisation.hpp>
#include <papillon/exec/memory.hpp>
#include <papillon/nn/kernels/elementwise.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// Draws what happens to each image of the batch.
struct draw_placements {
  static constexpr char const* name = "augmentation, draws";
  static constexpr int flops = 0, bytes = sizeof(augmentation::placement) + 4;
  augmentation augment;        ///< its epoch is replaced by
  std::uint32_t const* epoch;  ///< this one
  std::uint32_t const* indices;
  augmentation::placement* placements;
  int images;

  [[nodiscard]] PAPILLON_HD int size() const { return images; }
  PAPILLON_HD void operator()(int i) const {
    augmentation a = augment;
    a.epoch = *epoch;
    placements[i] = a.of(indices[i]);
  }
};

/// One value of the batch; a thread a value.
template <class T>
struct batch_value {
  static constexpr char const* name = "batch";
  static constexpr int flops = 0, bytes = sizeof(T) + 1;
  std::uint8_t const* pixels;  ///< of the whole set
  T const* values;             ///< [channel][byte]
  std::uint32_t const* indices;
  augmentation::placement const* placements;  ///< null: images as they are
  T* x;
  shape extent;
  int images;

  [[nodiscard]] PAPILLON_HD int size() const { return nn::packed_size(extent.size(), images); }
  PAPILLON_HD void operator()(int i) const {
    int const row = i / exec::warp % extent.size(), n = i / exec::warp / extent.size() * exec::warp + i % exec::warp;
    if (n >= images) {
      x[i] = T{};
      return;
    }
    int const c = row / extent.pixels(), y = row % extent.pixels() / extent.width, column = row % extent.width;
    augmentation::placement const p = placements != nullptr ? placements[n] : augmentation::placement{};
    int const from_y = y + p.dy, from_x = (p.mirrored ? extent.width - 1 - column : column) + p.dx;
    bool const inside = from_y >= 0 && from_y < extent.height && from_x >= 0 && from_x < extent.width;
    std::size_t const image = static_cast<std::size_t>(indices[n]) * static_cast<std::size_t>(extent.size());
    x[i] = values[c * 256 + (inside ? pixels[image + static_cast<std::size_t>(extent.row(c, from_y, from_x))] : 0)];
  }
};

/// A set of images on a device, and what turns them into batches.
template <class T>
class device_images {
 public:
  device_images(exec::device const& on, image_set const& set, normalisation const& norm, int batch)
      : pixels_(on, set.pixels.size()), labels_(on, set.size()), values_(on, 3 * 256),
        indices_(on, static_cast<std::size_t>(batch)), epoch_(on, 1), placements_(on, static_cast<std::size_t>(batch)) {
    pixels_.upload(set.pixels);
    labels_.upload(set.labels);
    std::vector<T> values;
    for (int c = 0; c < 3; ++c)
      for (int byte = 0; byte < 256; ++byte) values.push_back(norm.apply<T>(c, static_cast<std::uint8_t>(byte)));
    values_.upload(values);
  }

  /// For the launches that follow: the epoch of the augmentation, and the images of the batch, at most `batch`.
  void set_epoch(std::uint32_t epoch) const { epoch_.upload({&epoch, 1}); }
  void set_indices(std::span<std::uint32_t const> indices) const { indices_.upload(indices); }
  /// Labels of the whole set, and which images the batch has.
  [[nodiscard]] std::uint8_t const* labels() const { return labels_.data(); }
  [[nodiscard]] std::uint32_t const* indices() const { return indices_.data(); }

  /// Writes the batch to x, packed; `augment` null: as the images are.
  void fill(exec::device const& on, int images, augmentation const* augment, T* x) const {
    if (augment != nullptr)
      nn::for_each_value(on, draw_placements{*augment, epoch_.data(), indices_.data(), placements_.data(), images});
    nn::for_each_value(on,
                       batch_value<T>{pixels_.data(), values_.data(), indices_.data(),
                                      augment != nullptr ? placements_.data() : nullptr, x, image_set::extent, images});
  }

 private:
  exec::memory<std::uint8_t> pixels_, labels_;
  exec::memory<T> values_;
  exec::memory<std::uint32_t> indices_, epoch_;
  exec::memory<augmentation::placement> placements_;
};

}  // namespace papillon::data
