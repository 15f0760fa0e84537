// SPDX-License-Identifier: MIT
/// \file banded.hpp
/// Structures that the library does not have, as its users write them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace papillon::test {

/// rows x cols, nonzero where 0 <= col - row <= width. Stored by diagonals; places beyond the matrix are never read.
struct banded {
  int height, breadth, width;
  [[nodiscard]] int rows() const { return height; }
  [[nodiscard]] int cols() const { return breadth; }
  [[nodiscard]] int storage() const { return (width + 1) * height; }
  template <class F> void for_each_nonzero(F&& f) const {
    for (int k = 0; k <= width; ++k)
      for (int r = 0; r < std::min(height, breadth - k); ++r) f(r, r + k, k * height + r);
  }
};

/// A product of them.
struct banded_product {
  std::vector<banded> all;
  [[nodiscard]] int rows() const { return all.front().rows(); }
  [[nodiscard]] int cols() const { return all.back().cols(); }
  [[nodiscard]] std::vector<banded> const& factors() const { return all; }
};

}  // namespace papillon::test
