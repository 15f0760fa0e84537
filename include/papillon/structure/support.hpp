// SPDX-License-Identifier: MIT
/// \file support.hpp
/// A structure spelled out entry by entry: the 0/1 matrix of where W may be nonzero, and the number of paths through
/// the factors that lead to each entry. For references, drawings and tests; rows x cols numbers, so not for large W.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <papillon/structure/concepts.hpp>

namespace papillon::inline PAPILLON_ISA {

/// Paths that lead to each entry of W, rows x cols row-major; 0 outside the support. Counts past the largest
/// std::int64_t stay there. One factor has one path an entry of its support; of several, the 0/1 matrices are
/// multiplied from the input side: sum of nnz(K_l) * cols additions.
template <structure S> [[nodiscard]] std::vector<std::int64_t> path_counts(S const& w) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  auto const& factors = factors_of(w);
  auto const width = static_cast<std::size_t>(w.cols());
  std::vector<std::int64_t> right;
  for (std::size_t l = factors.size(); l-- > 0;) {
    std::vector<std::int64_t> product(static_cast<std::size_t>(factors[l].rows()) * width, 0);
    factors[l].for_each_nonzero([&](int r, int c, int) {
      std::int64_t* const to = product.data() + static_cast<std::size_t>(r) * width;
      if (right.empty()) {
        to[c] = 1;
        return;
      }
      std::int64_t const* const from = right.data() + static_cast<std::size_t>(c) * width;
      for (std::size_t k = 0; k < width; ++k) to[k] = from[k] > most - to[k] ? most : to[k] + from[k];
    });
    right = std::move(product);
  }
  return right;
}

/// Where W may be nonzero: rows x cols ones and zeros, row-major, as csr_mask takes them.
template <structure S> [[nodiscard]] std::vector<std::uint8_t> support(S const& s) {
  auto const counts = path_counts(s);
  std::vector<std::uint8_t> ones(counts.size());
  std::transform(
      counts.begin(), counts.end(), ones.begin(), [](std::int64_t n) { return static_cast<std::uint8_t>(n != 0); });
  return ones;
}

}  // namespace papillon
