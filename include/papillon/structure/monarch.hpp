// SPDX-License-Identifier: MIT
/// \file monarch.hpp
/// The two-factor chain (1, p, q, m/p)(q, m/p, n/q, 1) of an m x n matrix, p | m and q | n: full support, one path
/// an entry. Dao et al., Monarch: expressive structured matrices for efficient and accurate training, 2022.
#pragma once

#include <papillon/structure/runtime_chain.hpp>

namespace papillon::inline PAPILLON_ISA {

namespace detail {
[[nodiscard]] constexpr std::array<pattern, 2> monarch_pair(int m, int n, int p, int q) {
  return {pattern{1, p, q, m / p}, pattern{q, m / p, n / q, 1}};
}

template <int M, int N, int P, int Q> struct monarch_factors {
  static_assert(M >= 1 && N >= 1 && P >= 1 && Q >= 1, "papillon::monarch: M, N, P, Q start at 1");
  static_assert(M % P == 0, "papillon::monarch: P does not divide M");
  static_assert(N % Q == 0, "papillon::monarch: Q does not divide N");
  static constexpr std::array<pattern, 2> value = monarch_pair(M, N, P, Q);
};
}  // namespace detail

/// The Monarch chain of an M x N matrix with P outputs and Q inputs in each block of the left factor.
template <int M, int N, int P, int Q> using monarch = chain_from<detail::monarch_factors<M, N, P, Q>>;

/// The same as an object. Throws papillon::error (usage) unless m, n, p, q >= 1, p | m and q | n.
[[nodiscard]] inline runtime_chain make_monarch(int m, int n, int p, int q) {
  if (m < 1 || n < 1 || p < 1 || q < 1 || m % p != 0 || n % q != 0)
    throw error(errc::usage, message("monarch: ", m, " x ", n, " has no blocks of ", p, " x ", q,
                                 " (all start at 1) choose p dividing the rows and q dividing the columns"));
  auto const pair = detail::monarch_pair(m, n, p, q);
  return runtime_chain({pair[0], pair[1]});
}

}  // namespace papillon
