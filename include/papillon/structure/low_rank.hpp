// SPDX-License-Identifier: MIT
/// \file low_rank.hpp
/// Matrices of rank at most r as a chain of two dense factors, (1, m, r, 1)(1, r, n, 1): r (m + n) coefficients. What
/// another structure is compared with at equal size: the rank that gives it about as many coefficients is
/// r = round(coefficients / (m + n)), at least 1.
#pragma once

#include <algorithm>
#include <cmath>

#include <papillon/structure/runtime_chain.hpp>
#include <papillon/structure/size.hpp>

namespace papillon::inline PAPILLON_ISA {

/// An m x n product of rank at most `rank`. Throws papillon::error (bad_input) for m, n or rank < 1.
[[nodiscard]] inline runtime_chain make_low_rank(int m, int n, int rank) {
  return runtime_chain({dense_pattern(m, rank), dense_pattern(rank, n)});
}

/// The low-rank product of w's shape with about as many coefficients as w.
template <structure S> [[nodiscard]] runtime_chain make_low_rank_like(S const& w) {
  double const rank = static_cast<double>(coefficients(w)) / (static_cast<double>(w.rows()) + w.cols());
  return make_low_rank(w.rows(), w.cols(), std::max(1, static_cast<int>(std::lround(rank))));
}

}  // namespace papillon
