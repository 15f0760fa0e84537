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

namespace detail {
/// W from its factors, rows x cols row-major, multiplied from the input side: sum of nnz(K_l) * cols additions.
/// value(i): coefficient i of all those stored; add(sum, k, x): sum += k * x.
template <class T, structure S, class Value, class Add>
[[nodiscard]] std::vector<T> multiply_out(S const& w, Value const& value, Add const& add) {
  auto const& factors = factors_of(w);
  auto const width = static_cast<std::size_t>(w.cols());
  std::size_t first = 0;
  for (auto const& f : factors) first += static_cast<std::size_t>(f.storage());
  std::vector<T> product;
  for (std::size_t l = factors.size(); l-- > 0;) {
    first -= static_cast<std::size_t>(factors[l].storage());
    std::vector<T> next(static_cast<std::size_t>(factors[l].rows()) * width, T{});
    factors[l].for_each_nonzero([&](int r, int c, int i) {
      T const k = value(first + static_cast<std::size_t>(i));
      T* const to = next.data() + static_cast<std::size_t>(r) * width;
      if (product.empty()) {
        to[c] = k;
        return;
      }
      T const* const from = product.data() + static_cast<std::size_t>(c) * width;
      for (std::size_t j = 0; j < width; ++j) add(to[j], k, from[j]);
    });
    product = std::move(next);
  }
  return product;
}
}  // namespace detail

/// Paths that lead to each entry of W, rows x cols row-major; 0 outside the support. Counts past the largest
/// std::int64_t stay there. One factor has one path an entry of its support.
template <structure S> [[nodiscard]] std::vector<std::int64_t> path_counts(S const& w) {
  using count = std::int64_t;
  constexpr count most = std::numeric_limits<count>::max();
  return detail::multiply_out<count>(
      w, [](std::size_t) { return count{1}; },
      [](count& sum, count, count paths) { sum = paths > most - sum ? most : sum + paths; });
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
