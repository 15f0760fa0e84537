// SPDX-License-Identifier: MIT
/// \file prepared_product.hpp
/// `prepare(e, w)`: y = W x made ready for one vector after another, for operators so small that to ask about sizes
/// takes as long as to multiply. A call allocates nothing, and its sizes are checked by an assertion alone.
///   auto const product = prepare(exec::omp{}, w);   // plans, packs the coefficients, chooses kernels
///   product(x, y);                                  // as apply(exec::omp{}, w, x, y)
#pragma once

#include <cassert>
#include <memory>
#include <span>

#include <papillon/operators/linear_operator.hpp>

namespace papillon::inline PAPILLON_ISA {

template <class T> class prepared_product {
 public:
  using value_type = T;

  /// W, or W^H where adjoint is true. Later changes of the operator do not reach it, and it may outlive the operator.
  template <class Structure>
  prepared_product(exec::omp e, linear_operator<Structure, T> const& w, bool adjoint)
      : product_(w.prepare_vectors(adjoint)), policy_(e), rows_(adjoint ? w.cols() : w.rows()),
        cols_(adjoint ? w.rows() : w.cols()) {}

  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int cols() const { return cols_; }

  /// y = W x: cols() and rows() values, one after another; they must not overlap.
  void operator()(T const* x, T* y) const { (*product_)(policy_, x, y); }
  void operator()(std::span<T const> x, std::span<T> y) const {
    assert(std::ssize(x) == cols_ && std::ssize(y) == rows_);
    (*this)(x.data(), y.data());
  }

 private:
  std::shared_ptr<product::vector_product<T> const> product_;
  exec::omp policy_;
  int rows_, cols_;
};

/// For y = W x, as `apply`.
template <class Structure, class T>
[[nodiscard]] prepared_product<T> prepare(exec::omp e, linear_operator<Structure, T> const& w) {
  return {e, w, false};
}
/// For x = W^H y, as `apply_adjoint`.
template <class Structure, class T>
[[nodiscard]] prepared_product<T> prepare_adjoint(exec::omp e, linear_operator<Structure, T> const& w) {
  return {e, w, true};
}

}  // namespace papillon
