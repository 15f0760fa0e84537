// SPDX-License-Identifier: MIT
/// \file apply.hpp
/// The products of every linear map W, rows x cols, with vectors:
///   apply:  Y = W X  (X: cols x n, Y: rows x n),   apply_adjoint:  X = W^H Y  (W^T where W is real),
/// on anything viewable as a matrix (tensor/matrix_view.hpp): a vector, a panel, Eigen and xtensor objects in place.
#pragma once

#include <concepts>

#include <papillon/error.hpp>
#include <papillon/exec/parallel.hpp>
#include <papillon/tensor/matrix_view.hpp>

namespace papillon::inline PAPILLON_ISA {

/// w.multiply(e, adjoint, in, out) forms out = W in, or W^H in, under policy e; sizes are the caller's duty. A map has
/// the plain loops of exec::seq at least.
template <class W, class E = exec::seq>
concept linear_map = exec::policy<E> &&
    requires(W const& w, E e, matrix_view<typename W::value_type const> in, matrix_view<typename W::value_type> out) {
  { w.rows() } -> std::same_as<int>;
  { w.cols() } -> std::same_as<int>;
  w.multiply(e, false, in, out);
};

namespace detail {

template <class E, class W, class X, class Y> void checked_multiply(E e, W const& w, bool adjoint, X&& x, Y&& y) {
  static_assert(linear_map<W, E>,
      "papillon::apply: this operator has no backend for the policy (exec::seq and exec::omp have one for all "
      "operators; layers run on devices)");
  if constexpr (linear_map<W, E>) {
    using T = typename W::value_type;
    matrix_view<T const> const in = as_matrix(x);
    matrix_view<T> const out = as_matrix(y);
    std::ptrdiff_t const from = adjoint ? w.rows() : w.cols(), to = adjoint ? w.cols() : w.rows();
    if (in.rows != from || out.rows != to || in.cols != out.cols) [[unlikely]]
      throw error(
          errc::usage, message("apply: an operator of ", w.rows(), " x ", w.cols(), (adjoint ? ", transposed," : ""),
                           " takes ", from, " x n to ", to, " x n, not ", in.rows, " x ", in.cols, " to ", out.rows,
                           " x ", out.cols, " (give the result its size beforehand)"));
    w.multiply(e, adjoint, in, out);
  }
}

struct map_without_policy {
  using value_type = float;
  int rows() const;
  int cols() const;
  void multiply(bool adjoint, matrix_view<float const> in, matrix_view<float> out) const;
};

}  // namespace detail

static_assert(!linear_map<int>);
static_assert(!linear_map<matrix_view<float>>);          // numbers, not a map
static_assert(!linear_map<detail::map_without_policy>);  // where it runs is the caller's to say

/// y = W x. Throws papillon::error (usage) if sizes do not fit. x and y must not overlap.
template <exec::policy E, linear_map W, viewable_as_matrix X, viewable_as_matrix Y>
void apply(E e, W const& w, X const& x, Y&& y) {
  detail::checked_multiply(e, w, false, x, y);
}

/// x = W^H y, the transpose where W is real.
template <exec::policy E, linear_map W, viewable_as_matrix Y, viewable_as_matrix X>
void apply_adjoint(E e, W const& w, Y const& y, X&& x) {
  detail::checked_multiply(e, w, true, y, x);
}

}  // namespace papillon
