// SPDX-License-Identifier: MIT
/// \file fused_factors.hpp
/// Neighbouring factors of a small chain multiplied out to one before products with one vector are prepared
/// (vector_product.hpp): a factor of a few registers of weights waits longer for the one before it than it multiplies,
/// so that fewer factors with more weights take less time. The input-side factor of a convolution's chain stays as it
/// is (lanes run along its terms), and so do factors of 2 x 2 blocks, which the passes of a butterfly take together.
#pragma once

#include <span>
#include <vector>

#include <papillon/structure/factor_link.hpp>

namespace papillon::inline PAPILLON_ISA::product {

/// Whether left * right is better multiplied as one factor: by experience, where that takes at most 96 registers of
/// weights more than the two, and at most three times their weights.
[[nodiscard]] constexpr bool worth_fusing(pattern left, pattern right, int lanes) {
  bool const of_butterfly = left.b == 2 && left.c == 2 && right.b == 2 && right.c == 2;
  if (of_butterfly || right.d == 1 || !chainable(left, right)) return false;
  pattern const one = fused(left, right);
  double const apart = 1.0 * left.nnz() + right.nnz(), together = 1.0 * one.a * one.b * one.c * one.d;
  return together - apart <= 96.0 * lanes && together <= 3 * apart;
}

/// The coefficients of fused(left, right), from those of both.
template <class T>
[[nodiscard]] std::vector<T> multiplied_out(
    pattern left, std::span<T const> of_left, pattern right, std::span<T const> of_right) {
  pattern const one = fused(left, right);
  std::vector<T> result(static_cast<std::size_t>(one.nnz()));
  left.for_each_nonzero([&](int row, int between, int w) {
    int const a = between / (right.b * right.d), b = between / right.d % right.b, d = between % right.d;
    for (int c = 0; c < right.c; ++c) {
      int const col = right.col(a, c, d);
      int const at = one.weight(row / (one.b * one.d), row / one.d % one.b, col / one.d % one.c, row % one.d);
      result[static_cast<std::size_t>(at)] +=
          of_left[static_cast<std::size_t>(w)] * of_right[static_cast<std::size_t>(right.weight(a, b, c, d))];
    }
  });
  return result;
}

/// A chain, leftmost factor first; the coefficients of all factors one after the other.
template <class T> struct fused_chain {
  std::vector<pattern> factors;
  std::vector<T> coefficients;
};

/// The chain with its small factors multiplied out. Without coefficients it has none: for its supports alone.
template <class T>
[[nodiscard]] fused_chain<T> fuse_small(std::span<pattern const> factors, std::span<T const> coefficients, int lanes) {
  fused_chain<T> chain;
  for (std::size_t begin = 0, end; begin < factors.size(); begin = end) {
    pattern whole = factors[begin];
    auto const take = [&](pattern p) {
      auto const own = coefficients.first(coefficients.empty() ? 0 : static_cast<std::size_t>(p.nnz()));
      coefficients = coefficients.subspan(own.size());
      return own;
    };
    auto const own = take(whole);
    std::vector<T> values(own.begin(), own.end());
    for (end = begin + 1; end < factors.size() && worth_fusing(whole, factors[end], lanes); ++end) {
      auto const next = take(factors[end]);
      if (!next.empty()) values = multiplied_out<T>(whole, values, factors[end], next);
      whole = fused(whole, factors[end]);
    }
    chain.factors.push_back(whole);
    chain.coefficients.insert(chain.coefficients.end(), values.begin(), values.end());
  }
  return chain;
}

}  // namespace papillon::product
