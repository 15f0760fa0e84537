// SPDX-License-Identifier: MIT
/// \file deformable_factor.hpp
/// The notation of deformable butterflies, R^{(p,q)}_{(r,s,t)}: a p x q factor with blocks of r x s diagonals of length
/// t. It is the pattern (a, b, c, d) = (p / (r t), r, s, t), and q = a s t. Source: Lin et al., Deformable butterfly,
/// 2021.
#pragma once

#include <algorithm>

#include <papillon/structure/factor_order.hpp>

namespace papillon::inline PAPILLON_ISA {

struct deformable_factor {
  int p, q, r, s, t;
  friend constexpr bool operator==(deformable_factor const&, deformable_factor const&) = default;
};

[[nodiscard]] constexpr deformable_factor to_deformable(pattern k) { return {k.rows(), k.cols(), k.b, k.c, k.d}; }

/// Throws papillon::error (bad_input) unless all numbers start at 1 and p / (r t) = q / (s t) is whole.
[[nodiscard]] inline pattern to_pattern(deformable_factor f) {
  bool const positive = std::min({f.p, f.q, f.r, f.s, f.t}) >= 1;
  long long const rows = positive ? static_cast<long long>(f.r) * f.t : 1,
                  cols = positive ? static_cast<long long>(f.s) * f.t : 1;
  if (!positive || f.p % rows != 0 || f.q % cols != 0 || f.p / rows != f.q / cols)
    throw error(errc::bad_input, message("deformable factor (", f.p, ", ", f.q, ", ", f.r, ", ", f.s, ", ", f.t,
                                     ") is impossible (p = a r t and q = a s t for one whole a) list p, q, r, s, t"));
  return {static_cast<int>(f.p / rows), f.r, f.s, f.t};
}

/// Shapes (p, q, r, s, t) in an order.
template <factor_order Order> struct deformable_list {
  std::vector<deformable_factor> factors;
  friend bool operator==(deformable_list const&, deformable_list const&) = default;
};

/// The chain of a list of shapes. Throws papillon::error (bad_input) for an impossible shape or product.
template <factor_order Order> [[nodiscard]] runtime_chain to_chain(deformable_list<Order> const& list) {
  pattern_list<Order> patterns;
  for (auto const& f : list.factors) patterns.factors.push_back(to_pattern(f));
  return to_chain(std::move(patterns));
}

/// The shapes of a chain: to_deformable<factor_order::input_first>(w).
template <factor_order Order> [[nodiscard]] deformable_list<Order> to_deformable(runtime_chain const& w) {
  deformable_list<Order> list;
  for (pattern const p : to_patterns<Order>(w).factors) list.factors.push_back(to_deformable(p));
  return list;
}

}  // namespace papillon
