// SPDX-License-Identifier: MIT
/// \file noise.hpp
/// A structure spelled out entry by entry: the 0/1 matrix of where W may be nonzero, and the number of paths through
/// the factors that lead to each entry. For references, drawings and tests; rows x cols numbers, so not for large W.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <papillon/structure/concepts.hpp>
#include <papillon/structure/csr_mask.hpp>
#include <papillon/structure/dense.hpp>
#include <papillon/structure/pattern.hpp>

namespace papillon::inline PAPILLON_ISA {

/// Calls f(row, column, weight) for every nonzero, weight being its coefficient's position: row by row with ascending
/// columns for a dense matrix and a mask, T[a][b][c][d] for a pattern.
template <class F>
void for_each_nonzero(dense s, F&& f) {
  int index = 0;
  for (int r = 0; r < s.rows(); ++r)
    for (int c = 0; c < s.cols(); ++c) f(r, c, index++);
}

template <class F>
void for_each_nonzero(csr_mask const& s, F&& f) {
  for (int r = 0; r < s.rows(); ++r)
    for (int k = s.row_pointers()[static_cast<std::size_t>(r)]; k < s.row_pointers()[static_cast<std::size_t>(r) + 1];
         ++k)
      f(r, s.columns()[static_cast<std::size_t>(k)], k);
}

template <class F>
constexpr void for_each_nonzero(pattern p, F&& f) {
  for (int ia = 0; ia < p.a; ++ia)
    for (int ib = 0; ib < p.b; ++ib)
      for (int ic = 0; ic < p.c; ++ic)
        for (int id = 0; id < p.d; ++id) f(p.row(ia, ib, id), p.col(ia, ic, id), p.weight(ia, ib, ic, id));
}

/// Paths that lead to each entry of W, rows x cols row-major; 0 outside the support. Counts past the largest
/// std::int64_t stay there. A pattern, a mask and a dense matrix have one path an entry of their support.
[[nodiscard]] inline std::vector<std::int64_t> path_counts(pattern p) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(p.rows()) * static_cast<std::size_t>(p.cols()), 0);
  for_each_nonzero(p, [&](int r, int c, int) {
    counts[static_cast<std::size_t>(r) * static_cast<std::size_t>(p.cols()) + static_cast<std::size_t>(c)] = 1;
  });
  return counts;
}

[[nodiscard]] inline std::vector<std::int64_t> path_counts(dense s) {
  return std::vector<std::int64_t>(static_cast<std::size_t>(s.nnz()), 1);
}

[[nodiscard]] inline std::vector<std::int64_t> path_counts(csr_mask const& mask) {
  auto const width = static_cast<std::size_t>(mask.cols());
  std::vector<std::int64_t> counts(static_cast<std::size_t>(mask.rows()) * width, 0);
  for (int r = 0; r < mask.rows(); ++r)
    for (int const c : mask.row(r)) counts[static_cast<std::size_t>(r) * width + static_cast<std::size_t>(c)] = 1;
  return counts;
}

/// The product of the factors' 0/1 matrices, multiplied from the input side: sum of nnz(K_l) * cols additions.
template <factored_structure S>
[[nodiscard]] std::vector<std::int64_t> path_counts(S const& w) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  auto const factors = w.factors();
  auto const width = static_cast<std::size_t>(w.cols());
  std::vector<std::int64_t> right = path_counts(factors[factors.size() - 1]);
  for (std::size_t l = factors.size() - 1; l-- > 0;) {
    std::vector<std::int64_t> product(static_cast<std::size_t>(factors[l].rows()) * width, 0);
    for_each_nonzero(factors[l], [&](int r, int c, int) {
      std::int64_t* const to = product.data() + static_cast<std::size_t>(r) * width;
      std::int64_t const* const from = right.data() + static_cast<std::size_t>(c) * width;
      for (std::size_t k = 0; k < width; ++k) to[k] = from[k] > most - to[k] ? most : to[k] + from[k];
    });
    right = std::move(product);
  }
  return right;
}

/// Where W may be nonzero: rows x cols ones and zeros, row-major, as csr_mask takes them.
template <structure S>
[[nodiscard]] std::vector<std::uint8_t> support(S const& s) {
  auto const counts = path_counts(s);
  std::vector<std::uint8_t> ones(counts.size());
  std::transform(counts.begin(), counts.end(), ones.begin(),
                 [](std::int64_t n) { return static_cast<std::uint8_t>(n != 0); });
  return ones;
}

}  // namespace papillon
