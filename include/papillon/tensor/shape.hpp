// SPDX-License-Identifier: MIT
/// \file shape.hpp
/// The extent of one image (or feature map): channels x height x width. A plain vector of F features is F x 1 x 1.
#pragma once

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA {

struct shape {
  int channels = 0, height = 1, width = 1;

  [[nodiscard]] PAPILLON_HD constexpr int pixels() const { return height * width; }
  [[nodiscard]] PAPILLON_HD constexpr int size() const { return channels * height * width; }
  /// Row of position (c, y, x) in the feature x image matrix.
  [[nodiscard]] PAPILLON_HD constexpr int row(int c, int y, int x) const { return (c * height + y) * width + x; }
  friend constexpr bool operator==(shape const&, shape const&) = default;
};

}  // namespace papillon
