// SPDX-License-Identifier: MIT
/// \file augmentation.hpp
/// The usual augmentation of CIFAR-10: the image is padded by 4 black pixels on every side, a random 32 x 32 window of
/// it is taken and mirrored with probability 1/2. What happens to an image in an epoch depends on its index in the data
/// set and nothing else: not on the batch it is in, its place there or the thread that draws it.
#pragma once

#include <papillon/random/distributions.hpp>

namespace papillon::inline PAPILLON_ISA::data {

struct augmentation {
  static constexpr int padding = 4;

  random::stream stream;  ///< of purpose augmentation
  std::uint32_t epoch = 0;

  /// Pixel (y, x) of the result is pixel (y + dy, x' + dx) of the image, x' = width - 1 - x if mirrored, else x; black
  /// outside.
  struct placement {
    int dy = 0, dx = 0;  ///< -padding .. padding
    bool mirrored = false;
  };

  /// Draws, in this order: dy, dx, mirrored.
  [[nodiscard]] PAPILLON_HD placement of(std::uint64_t image) const {
    random::engine engine(stream, epoch, image);
    placement p;
    p.dy = static_cast<int>(random::below(engine, 2 * padding + 1)) - padding;
    p.dx = static_cast<int>(random::below(engine, 2 * padding + 1)) - padding;
    p.mirrored = random::below(engine, 2) == 1;
    return p;
  }
};

}  // namespace papillon::data
