// SPDX-License-Identifier: MIT
/// \file image_kind.hpp
/// What the images of a source are, known before any of them is read: what networks for them and plans with them need.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <papillon/data/cifar100.hpp>
#include <papillon/data/mnist.hpp>

#include <study/settings.hpp>

namespace papillon::study {

/// What the images of a source are.
struct image_kind {
  std::string_view name;  ///< on pages
  shape extent;
  int classes;
  int training, test;  ///< images of the archive's own two parts; 0: there is no archive
};

[[nodiscard]] inline image_kind const& kind_of(image_source s) {
  static constexpr std::array kinds{image_kind{"CIFAR-10", data::cifar_extent, data::cifar10_classes, 50000, 10000},
      image_kind{"CIFAR-100", data::cifar_extent, data::cifar100_classes, 50000, 10000},
      image_kind{"MNIST", data::mnist_extent, data::mnist_classes, 60000, 10000},
      image_kind{"built-in images", data::cifar_extent, data::cifar10_classes, 0, 0}};
  static_assert(kinds.size() == names_of<image_source>.size());
  return kinds[static_cast<std::size_t>(s)];
}

}  // namespace papillon::study
