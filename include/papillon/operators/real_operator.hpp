// SPDX-License-Identifier: MIT
/// \file real_operator.hpp
/// A real matrix W that is known as a product of complex factors (a cosine transform, a circulant), applied to real
/// vectors:
///   W (x + i x') = W x + i W x',
/// so that two real vectors cost one product with complex numbers. `apply` and `apply_adjoint` (of W^T) take it as they
/// take a linear_operator. That W is real is a contract of whoever makes one: imaginary parts of its entries would mix
/// neighbouring vectors.
#pragma once

#include <complex>

#include <papillon/operators/product_operator.hpp>

namespace papillon::inline PAPILLON_ISA {

template <class R> class real_operator {
 public:
  using value_type = R;

  explicit real_operator(product_operator<std::complex<R>> factors) : factors_(std::move(factors)) {}

  [[nodiscard]] int rows() const { return factors_.rows(); }
  [[nodiscard]] int cols() const { return factors_.cols(); }
  /// The same matrix for complex vectors.
  [[nodiscard]] product_operator<std::complex<R>> const& factors() const { return factors_; }

  /// out = W in, or W^T in; sizes are the caller's duty.
  template <class E>
  requires linear_map<product_operator<std::complex<R>>, E>
  void multiply(E e, bool adjoint, matrix_view<R const> in, matrix_view<R> out) const {
    using number = std::complex<R>;
    std::ptrdiff_t const pairs = (in.cols + 1) / 2;
    buffer<number> from(static_cast<std::size_t>(in.rows * pairs)), to(static_cast<std::size_t>(out.rows * pairs));
    exec::parallel_for(e, static_cast<int>(in.rows), [&](int r, int) {
      for (std::ptrdiff_t p = 0; p < pairs; ++p)
        from[static_cast<std::size_t>(r * pairs + p)] = {
            in.at(r, 2 * p), 2 * p + 1 < in.cols ? in.at(r, 2 * p + 1) : R{}};
    });
    factors_.multiply(e, adjoint, matrix_view<number const>{from.data(), in.rows, pairs, pairs, 1},
        matrix_view<number>{to.data(), out.rows, pairs, pairs, 1});
    exec::parallel_for(e, static_cast<int>(out.rows), [&](int r, int) {
      for (std::ptrdiff_t p = 0; p < pairs; ++p) {
        number const y = to[static_cast<std::size_t>(r * pairs + p)];
        out.at(r, 2 * p) = y.real();
        if (2 * p + 1 < out.cols) out.at(r, 2 * p + 1) = y.imag();
      }
    });
  }

 private:
  product_operator<std::complex<R>> factors_;
};

static_assert(linear_map<real_operator<float>, exec::omp>);

}  // namespace papillon
