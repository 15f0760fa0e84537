// SPDX-License-Identifier: MIT
/// \file chain_cost.hpp
/// What makes one chain better than another, as a sum over its factors: a function of a pattern that returns a number.
/// These are given to smallest_monotone.hpp; any other will do (operators/product_time.hpp predicts times). Those known
/// at compile time return whole numbers.
#pragma once

#include <papillon/structure/pattern.hpp>

namespace papillon::inline PAPILLON_ISA {

/// Coefficients, abcd: also the multiply-adds of a product with one vector.
struct coefficient_count {
  [[nodiscard]] constexpr long long operator()(pattern p) const {
    return static_cast<long long>(p.a) * p.b * p.c * p.d;
  }
};

/// Bytes that a product with `Vectors` vectors reads and writes when nothing stays in cache: coefficients once, the
/// factor's inputs and outputs once a vector. Few vectors want few coefficients, many want small intermediates.
template <int ScalarBytes = 4, int Vectors = 1> struct bytes_moved {
  static_assert(ScalarBytes >= 1 && Vectors >= 0, "papillon::bytes_moved: scalars have bytes, and vectors are counted");
  [[nodiscard]] constexpr long long operator()(pattern p) const {
    return ScalarBytes * (coefficient_count{}(p) + Vectors * (static_cast<long long>(p.rows()) + p.cols()));
  }
};

}  // namespace papillon
