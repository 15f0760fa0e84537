// SPDX-License-Identifier: MIT
/// \file apply_factors.hpp
/// One vector through the factors of a structure, and back: the plain loops that products are tested against.
#pragma once

#include <vector>

#include <papillon/product/scalar.hpp>
#include <papillon/structure/concepts.hpp>

namespace papillon::inline PAPILLON_ISA::product {

/// v_l = K_{l+1} ... K_L x for l = L, ..., 0 (v_L = x, v_0 = W x): the result and every intermediate of a product.
/// `coefficients` are those of all factors, leftmost first.
template <class T, structure Structure>
[[nodiscard]] std::vector<std::vector<T>> apply_factors(
    Structure const& w, std::span<T const> coefficients, std::vector<T> x) {
  auto const& factors = factors_of(w);
  std::vector<std::vector<T>> v(factors.size() + 1);
  v.back() = std::move(x);
  std::size_t end = coefficients.size();
  for (std::size_t l = factors.size(); l-- > 0;) {
    T const* const k = coefficients.data() + (end -= static_cast<std::size_t>(factors[l].storage()));
    v[l].assign(static_cast<std::size_t>(factors[l].rows()), T{});
    factors[l].for_each_nonzero([&](int r, int c, int i) {
      v[l][static_cast<std::size_t>(r)] += k[i] * v[l + 1][static_cast<std::size_t>(c)];
    });
  }
  return v;
}

/// Given the intermediates v of apply_factors and dy = the derivative with respect to v_0, adds the derivative with
/// respect to the coefficients to `gradient` (unless empty) and returns the derivative with respect to x, W^T dy.
template <class T, structure Structure>
[[nodiscard]] std::vector<T> apply_factors_adjoint(Structure const& w, std::span<T const> coefficients,
    std::vector<std::vector<T>> const& v, std::vector<T> dy, std::span<T> gradient) {
  auto const& factors = factors_of(w);
  std::size_t begin = 0;
  for (std::size_t l = 0; l < factors.size(); begin += static_cast<std::size_t>(factors[l].storage()), ++l) {
    std::vector<T> dx(static_cast<std::size_t>(factors[l].cols()), T{});
    factors[l].for_each_nonzero([&](int r, int c, int i) {
      auto const row = static_cast<std::size_t>(r), col = static_cast<std::size_t>(c);
      std::size_t const at = begin + static_cast<std::size_t>(i);
      dx[col] += coefficients[at] * dy[row];
      if (!gradient.empty()) gradient[at] += dy[row] * v[l + 1][col];
    });
    dy = std::move(dx);
  }
  return dy;
}

}  // namespace papillon::product
