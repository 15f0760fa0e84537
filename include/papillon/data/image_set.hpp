// SPDX-License-Identifier: MIT
/// \file image_set.hpp
/// Labelled colour images of 32 x 32 pixels in ten classes, held as bytes: what CIFAR-10 is, and the built-in images
/// too. An image is 3072 bytes, [channel][y][x], red, green, blue; image i lies at pixels[3072 i].
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <papillon/tensor/shape.hpp>

namespace papillon::inline PAPILLON_ISA::data {

struct image_set {
  static constexpr shape extent{3, 32, 32};
  static constexpr std::size_t image_bytes = static_cast<std::size_t>(extent.size());
  static constexpr std::uint8_t classes = 10;

  std::vector<std::uint8_t> pixels;  ///< [images][3][32][32]
  std::vector<std::uint8_t> labels;  ///< [images], each below `classes`

  [[nodiscard]] std::size_t size() const { return labels.size(); }
  [[nodiscard]] std::span<std::uint8_t const> image(std::size_t i) const {
    return std::span(pixels).subspan(i * image_bytes, image_bytes);
  }
};

}  // namespace papillon::data
