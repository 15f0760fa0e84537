// SPDX-License-Identifier: MIT
/// \file image_set.hpp
/// Labelled images of one shape, held as bytes: CIFAR-10 (the defaults), CIFAR-100, MNIST, the built-in ones, any
/// others. Image i lies at pixels[i * image_bytes()], [channel][y][x].
#pragma once

#include <span>

#include <papillon/data/normalisation.hpp>
#include <papillon/tensor/shape.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// What CIFAR's images are: red, green, blue.
inline constexpr shape cifar_extent{3, 32, 32};
inline constexpr std::size_t cifar_bytes = static_cast<std::size_t>(cifar_extent.size());
inline constexpr int cifar10_classes = 10;

struct image_set {
  using normalisation_type = normalisation;

  shape extent = cifar_extent;
  int classes = cifar10_classes;       ///< at most 256
  std::vector<std::uint8_t> pixels{};  ///< [images][channel][y][x]
  std::vector<std::uint8_t> labels{};  ///< [images], each below `classes`

  [[nodiscard]] std::size_t image_bytes() const { return static_cast<std::size_t>(extent.size()); }
  [[nodiscard]] std::size_t size() const { return labels.size(); }
  [[nodiscard]] std::span<std::uint8_t const> image(std::size_t i) const {
    return std::span(pixels).subspan(i * image_bytes(), image_bytes());
  }
};

}  // namespace papillon::data
