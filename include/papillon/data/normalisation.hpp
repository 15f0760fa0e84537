// SPDX-License-Identifier: MIT
/// \file normalisation.hpp
/// From a byte to a network's input: (byte / 255 - mean) / deviation, channel by channel, in double and then rounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// One mean and deviation a channel; by default those of CIFAR-10's training images.
struct normalisation {
  std::vector<double> mean{0.4914, 0.4822, 0.4465};
  std::vector<double> deviation{0.2470, 0.2435, 0.2616};

  template <class T> [[nodiscard]] T apply(int channel, std::uint8_t byte) const {
    auto const c = static_cast<std::size_t>(channel);
    return static_cast<T>((static_cast<double>(byte) / 255.0 - mean[c]) / deviation[c]);
  }
  /// What every byte of every channel becomes, [channel][byte].
  template <class T> [[nodiscard]] std::vector<T> table() const {
    std::vector<T> values;
    for (std::size_t c = 0; c < mean.size(); ++c)
      for (int byte = 0; byte < 256; ++byte)
        values.push_back(apply<T>(static_cast<int>(c), static_cast<std::uint8_t>(byte)));
    return values;
  }
};

}  // namespace papillon::data
