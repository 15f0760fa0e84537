// SPDX-License-Identifier: MIT
/// \file normalisation.hpp
/// From a byte to a network's input: (byte / 255 - mean) / deviation, channel by channel, in double and then rounded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// By default the mean and standard deviation of CIFAR-10's training images.
struct normalisation {
  std::array<double, 3> mean{0.4914, 0.4822, 0.4465};
  std::array<double, 3> deviation{0.2470, 0.2435, 0.2616};

  template <class T>
  [[nodiscard]] T apply(int channel, std::uint8_t byte) const {
    auto const c = static_cast<std::size_t>(channel);
    return static_cast<T>((static_cast<double>(byte) / 255.0 - mean[c]) / deviation[c]);
  }
};

}  // namespace papillon::data
