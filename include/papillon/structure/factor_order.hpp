// SPDX-License-Identifier: MIT
/// \file factor_order.hpp
/// Which end of a product a list of factors begins at. In this library it is the output side, always: W = K_1 ... K_L,
/// K_1 first. Other tools list the factors as they meet the input, K_L first; what comes from or goes to them says so
/// in its type.
#pragma once

#include <algorithm>

#include <papillon/structure/runtime_chain.hpp>

namespace papillon::inline PAPILLON_ISA {

enum class factor_order : int {
  output_first,  ///< the leftmost factor of the product first: this library
  input_first,   ///< the factor that meets x first
};

/// Patterns (a, b, c, d) in an order.
template <factor_order Order> struct pattern_list {
  std::vector<pattern> factors;
  friend bool operator==(pattern_list const&, pattern_list const&) = default;
};

/// The chain of a list. Throws papillon::error (bad_input) if it is none, as runtime_chain does.
template <factor_order Order> [[nodiscard]] runtime_chain to_chain(pattern_list<Order> list) {
  if constexpr (Order == factor_order::input_first) std::reverse(list.factors.begin(), list.factors.end());
  return runtime_chain(std::move(list.factors));
}

/// The list of a chain: to_patterns<factor_order::input_first>(w).
template <factor_order Order> [[nodiscard]] pattern_list<Order> to_patterns(runtime_chain const& w) {
  pattern_list<Order> list{{w.factors().begin(), w.factors().end()}};
  if constexpr (Order == factor_order::input_first) std::reverse(list.factors.begin(), list.factors.end());
  return list;
}

}  // namespace papillon
