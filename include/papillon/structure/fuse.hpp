// SPDX-License-Identifier: MIT
/// \file fuse.hpp
/// Chains made of chains: the transpose, and the chain in which two neighbouring chainable factors have become one,
/// (a1,b1,c1,d1)(a2,b2,c2,d2) -> (a1, b1 d1/d2, a2 c2/a1, d2). The support of the product stays what it was.
#pragma once

#include <papillon/structure/runtime_chain.hpp>

namespace papillon::inline PAPILLON_ISA {

namespace detail {

/// Factors last to first, each transposed.
template <pattern... Ps> struct transposed_factors {
  static constexpr std::array<pattern, sizeof...(Ps)> value = [] {
    std::array<pattern, sizeof...(Ps)> p{Ps...}, t{};
    for (std::size_t k = 0; k < p.size(); ++k) t[k] = papillon::transposed(p[p.size() - 1 - k]);
    return t;
  }();
};

/// A template over what it checks, so that both compilers print the factors.
template <int Factor, pattern Left, pattern Right> struct check_fusable {
  static constexpr factor_link verdict = link_between(Left, Right);
  static_assert(verdict != factor_link::a_indivisible,
      "papillon::fuse: a of the left factor does not divide a of the right one "
      "(see check_fusable<index, left, right> in this message)");
  static_assert(verdict != factor_link::d_indivisible,
      "papillon::fuse: d of the right factor does not divide d of the left one "
      "(see check_fusable<index, left, right> in this message)");
  static_assert(verdict != factor_link::paths_broken,
      "papillon::fuse: a of the right factor does not divide ac of the left one "
      "(see check_fusable<index, left, right> in this message)");
};

template <int K, pattern... Ps> struct fused_factors {
  static constexpr bool in_range = 0 <= K && K + 1 < static_cast<int>(sizeof...(Ps));
  static_assert(in_range, "papillon::fuse: factor K needs a right neighbour (0 <= K < depth - 1)");
  static constexpr pattern left = chain<Ps...>::factor(in_range ? K : 0);
  static constexpr pattern right = chain<Ps...>::factor(in_range ? K + 1 : 0);
  static_assert(!in_range || sizeof(check_fusable<K, left, right>) != 0);
  static constexpr std::array<pattern, sizeof...(Ps) - 1> value = [] {
    std::array<pattern, sizeof...(Ps)> const p{Ps...};
    std::array<pattern, sizeof...(Ps) - 1> out{};
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = p[k < static_cast<std::size_t>(K) ? k : k + 1];
    out[static_cast<std::size_t>(K)] = fused(left, right);
    return out;
  }();
};

}  // namespace detail

/// W^T = K_L^T ... K_1^T.
template <pattern... Ps> [[nodiscard]] constexpr auto transposed(chain<Ps...>) {
  return chain_from<detail::transposed_factors<Ps...>>{};
}
[[nodiscard]] inline runtime_chain transposed(runtime_chain const& w) {
  std::vector<pattern> factors;
  for (std::size_t k = w.factors().size(); k-- > 0;) factors.push_back(transposed(w.factors()[k]));
  return runtime_chain(std::move(factors));
}

/// The chain with factors K and K + 1 fused. Does not compile, and says why, if they are not chainable.
template <int K, pattern... Ps> [[nodiscard]] constexpr auto fuse(chain<Ps...>) {
  return chain_from<detail::fused_factors<K, Ps...>>{};
}

/// The same as an object. Throws papillon::error (bad_input), naming both factors and the condition that fails.
[[nodiscard]] inline runtime_chain fuse(runtime_chain const& w, int k) {
  if (k < 0 || k + 1 >= w.depth())
    throw error(errc::bad_input,
        message("fuse: factor ", k, " has no right neighbour (the chain has ", w.depth(), " factors)"));
  auto const at = static_cast<std::size_t>(k);
  pattern const left = w.factors()[at], right = w.factors()[at + 1];
  auto const fail = [&](std::string const& why) {
    return error(errc::bad_input, message("fuse: factors ", k, " ", to_string(left), " and ", k + 1, " ",
                                      to_string(right), " do not fuse (", why, ")"));
  };
  switch (link_between(left, right)) {
    case factor_link::chainable: break;
    case factor_link::sizes_differ: throw fail("their sizes differ");
    case factor_link::a_indivisible: throw fail(message("a = ", left.a, " does not divide a = ", right.a));
    case factor_link::d_indivisible: throw fail(message("d = ", right.d, " does not divide d = ", left.d));
    case factor_link::paths_broken: throw fail(message("a = ", right.a, " does not divide ac = ", left.a * left.c));
  }
  std::vector<pattern> factors(w.factors().begin(), w.factors().end());
  factors[at] = fused(left, right);
  factors.erase(factors.begin() + k + 1);
  return runtime_chain(std::move(factors));
}

}  // namespace papillon
