// SPDX-License-Identifier: MIT
/// \file factor_link.hpp
/// When two neighbouring factors K1 = (a1,b1,c1,d1), K2 = (a2,b2,c2,d2) may stand in one chain.
/// Valid: cols(K1) = rows(K2); the product needs only this. Chainable: also a1 | a2, d2 | d1 and
/// r = a1 c1 / a2 = b2 d2 / d1 an integer; then K1 K2 is itself Kronecker-sparse, with r paths an entry.
#pragma once

#include <papillon/structure/pattern.hpp>

namespace papillon::inline PAPILLON_ISA {

/// The first condition that a pair of neighbouring factors fails.
enum class factor_link : int {
  chainable,      ///< none: the pair composes and fuses
  sizes_differ,   ///< cols(K1) != rows(K2): there is no product
  a_indivisible,  ///< a1 does not divide a2
  d_indivisible,  ///< d2 does not divide d1
  paths_broken,   ///< a1 c1 / a2 is not an integer
};

/// How `left` and `right` stand to each other in the product left * right. Both must be valid.
[[nodiscard]] PAPILLON_HD constexpr factor_link link_between(pattern left, pattern right) {
  if (left.cols() != right.rows()) return factor_link::sizes_differ;
  if (right.a % left.a != 0) return factor_link::a_indivisible;
  if (left.d % right.d != 0) return factor_link::d_indivisible;
  if (left.a * left.c % right.a != 0) return factor_link::paths_broken;  // = b2 d2 / d1, since the sizes agree
  return factor_link::chainable;
}

/// Whether the product left * right exists.
[[nodiscard]] PAPILLON_HD constexpr bool composable(pattern left, pattern right) { return left.cols() == right.rows(); }

/// Whether the product left * right is Kronecker-sparse again.
[[nodiscard]] PAPILLON_HD constexpr bool chainable(pattern left, pattern right) {
  return link_between(left, right) == factor_link::chainable;
}

/// Paths that lead to each entry of the support of left * right; the pair must be chainable.
[[nodiscard]] PAPILLON_HD constexpr int paths_per_entry(pattern left, pattern right) {
  return left.a * left.c / right.a;
}

/// The support of left * right: (a1, b1 d1/d2, a2 c2/a1, d2); the pair must be chainable.
[[nodiscard]] PAPILLON_HD constexpr pattern fused(pattern left, pattern right) {
  return {left.a, left.b * left.d / right.d, right.a * right.c / left.a, right.d};
}

}  // namespace papillon
