// SPDX-License-Identifier: MIT
/// \file dyadic_butterfly.hpp
/// The square butterfly of size 2^L: factors (2^{l-1}, 2, 2, 2^{L-l}), l = 1 ... L, the supports of the fast
/// Fourier and Walsh-Hadamard transforms. Its product has full support, one path an entry.
#pragma once

#include <papillon/structure/runtime_chain.hpp>

namespace papillon::inline PAPILLON_ISA {

namespace detail {
/// Levels up to which the 2 L 2^L coefficients are an int.
inline constexpr int most_dyadic_levels = 25;

/// Factor k = 0 ... levels - 1.
[[nodiscard]] constexpr pattern dyadic_factor(int levels, int k) { return {1 << k, 2, 2, 1 << (levels - k - 1)}; }

template <int Levels> struct dyadic_factors {
  static_assert(1 <= Levels && Levels <= most_dyadic_levels, "papillon::dyadic_butterfly: Levels is 1 to 25");
  static constexpr std::array<pattern, static_cast<std::size_t>(Levels)> value = [] {
    std::array<pattern, static_cast<std::size_t>(Levels)> p{};
    for (int k = 0; k < Levels; ++k) p[static_cast<std::size_t>(k)] = dyadic_factor(Levels, k);
    return p;
  }();
};
}  // namespace detail

/// The butterfly of size 2^Levels, 1 <= Levels <= 25, as a chain type.
template <int Levels> using dyadic_butterfly = chain_from<detail::dyadic_factors<Levels>>;

/// The same as an object. Throws papillon::error (usage) unless 1 <= levels <= 25.
[[nodiscard]] inline runtime_chain make_dyadic_butterfly(int levels) {
  if (levels < 1 || levels > detail::most_dyadic_levels)
    throw error(errc::usage, message("dyadic butterfly: ", levels, " levels are out of range (1 to ",
                                 detail::most_dyadic_levels, ") a matrix of 2^L rows has L levels"));
  std::vector<pattern> factors;
  for (int k = 0; k < levels; ++k) factors.push_back(detail::dyadic_factor(levels, k));
  return runtime_chain(std::move(factors));
}

}  // namespace papillon
