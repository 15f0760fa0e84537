// SPDX-License-Identifier: MIT
/// \file coefficient_list.hpp
/// The coefficients of a chain as other tools keep them: an array a factor, its axes in one of three orders, the
/// factors from either end. All of it is in the type, so that a list cannot be taken for one of another kind. This
/// library's own coefficients are one array, T[a][b][c][d] factor by factor, the output side first.
#pragma once

#include <vector>

#include <papillon/structure/factor_order.hpp>
#include <papillon/structure/runtime_chain.hpp>

namespace papillon::inline PAPILLON_ISA {

/// The axes of a factor's array, outermost first, all row-major.
enum class coefficient_layout : int {
  abcd,  ///< T[a][b][c][d]: this library
  adbc,  ///< T[a][d][b][c]: the b x c blocks of a batched product
  adcb,  ///< T[a][d][c][b]: the same, transposed
};

template <factor_order Order, coefficient_layout Layout, class T> struct coefficient_list {
  std::vector<std::vector<T>> factors;
  friend bool operator==(coefficient_list const&, coefficient_list const&) = default;
};

namespace detail {
/// Calls f(position in this library's order, position in the layout) for every coefficient.
template <coefficient_layout Layout, class F> void for_each_position(pattern p, F const& f) {
  for (int ia = 0; ia < p.a; ++ia)
    for (int ib = 0; ib < p.b; ++ib)
      for (int ic = 0; ic < p.c; ++ic)
        for (int id = 0; id < p.d; ++id) {
          int const own = p.weight(ia, ib, ic, id);
          int const there = Layout == coefficient_layout::abcd   ? own
                            : Layout == coefficient_layout::adbc ? ((ia * p.d + id) * p.b + ib) * p.c + ic
                                                                 : ((ia * p.d + id) * p.c + ic) * p.b + ib;
          f(static_cast<std::size_t>(own), static_cast<std::size_t>(there));
        }
}
}  // namespace detail

/// This library's coefficients of `w` from a list. Throws papillon::error (bad_input) unless it has an array of abcd
/// numbers for every factor.
template <factor_order Order, coefficient_layout Layout, class T>
[[nodiscard]] std::vector<T> to_coefficients(runtime_chain const& w, coefficient_list<Order, Layout, T> const& list) {
  auto const factors = w.factors();
  if (list.factors.size() != factors.size())
    throw error(errc::bad_input, message("coefficients of ", list.factors.size(), " factors (the chain has ",
                                     factors.size(), ") give one array a factor"));
  std::vector<T> all;
  all.reserve(static_cast<std::size_t>(w.nnz()));
  for (std::size_t l = 0; l < factors.size(); ++l) {
    std::vector<T> const& from = list.factors[Order == factor_order::output_first ? l : factors.size() - 1 - l];
    if (from.size() != static_cast<std::size_t>(factors[l].nnz()))
      throw error(errc::bad_input,
          message("factor ", to_string(factors[l]), " has ", from.size(), " coefficients (abcd = ", factors[l].nnz(),
              " are wanted) check the order of the factors"));
    std::vector<T> own(from.size());
    detail::for_each_position<Layout>(
        factors[l], [&](std::size_t here, std::size_t there) { own[here] = from[there]; });
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

/// The list of a chain's coefficients: to_list<factor_order::input_first, coefficient_layout::adbc>(w, coefficients).
template <factor_order Order, coefficient_layout Layout, class T>
[[nodiscard]] coefficient_list<Order, Layout, T> to_list(runtime_chain const& w, std::span<T const> coefficients) {
  if (coefficients.size() != static_cast<std::size_t>(w.nnz()))
    throw error(
        errc::bad_input, message(coefficients.size(), " coefficients (the chain has ", w.nnz(), ") pass them all"));
  auto const factors = w.factors();
  coefficient_list<Order, Layout, T> list;
  list.factors.resize(factors.size());
  for (std::size_t l = 0; l < factors.size(); ++l) {
    auto const from = coefficients.first(static_cast<std::size_t>(factors[l].nnz()));
    coefficients = coefficients.subspan(from.size());
    std::vector<T>& to = list.factors[Order == factor_order::output_first ? l : factors.size() - 1 - l];
    to.resize(from.size());
    detail::for_each_position<Layout>(factors[l], [&](std::size_t here, std::size_t there) { to[there] = from[here]; });
  }
  return list;
}

}  // namespace papillon
