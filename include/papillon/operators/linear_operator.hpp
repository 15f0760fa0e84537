// SPDX-License-Identifier: MIT
/// \file linear_operator.hpp
/// A structured matrix with its coefficients, apart from any network, for `apply` and `apply_adjoint`
/// (operators/apply.hpp). W is never formed. What a product needs is prepared when the first one is asked for: lanes
/// are outputs for a few vectors (product/vector_product.hpp), vectors for panels (product/panel_product.hpp). Scalars
/// are float, double and their complex numbers.
#pragma once

#include <algorithm>
#include <complex>
#include <concepts>
#include <memory>

#include <papillon/operators/apply.hpp>
#include <papillon/product/apply_factors.hpp>
#include <papillon/product/panel_product.hpp>
#include <papillon/product/vector_product.hpp>
#include <papillon/structure/checked_structure.hpp>
#include <papillon/structure/size.hpp>
#include <papillon/tensor/lazy.hpp>

namespace papillon::inline PAPILLON_ISA {

template <class Structure, class T = float> class linear_operator {
 public:
  using structure_type = checked_structure<Structure>;
  using value_type = T;
  using real = product::real_of<T>;

  /// Coefficients: those of dense row-major, of a CSR mask row by row, of a chain factor by factor, leftmost first,
  /// each as T[a][b][c][d]. Throws papillon::error (bad_input) unless there are papillon::coefficients(structure) of
  /// them.
  linear_operator(structure_type structure, std::vector<T> coefficients)
      : structure_(std::move(structure)), coefficients_(std::move(coefficients)) {
    if (auto const wanted = papillon::coefficients(structure_); coefficients_.size() != wanted)
      throw error(errc::bad_input,
          message("linear_operator: ", coefficients_.size(), " coefficients (", wanted, " wanted, one per nonzero)"));
  }
  /// The same for a structure that is a type.
  explicit linear_operator(std::vector<T> coefficients) requires std::default_initializable<structure_type>
      : linear_operator(structure_type{}, std::move(coefficients)) {}

  [[nodiscard]] structure_type const& structure() const { return structure_; }
  [[nodiscard]] int rows() const { return structure_.rows(); }
  [[nodiscard]] int cols() const { return structure_.cols(); }
  [[nodiscard]] std::span<T const> coefficients() const { return coefficients_; }

  /// out = W in, or W^H in; sizes are the caller's duty.
  void multiply(exec::seq, bool adjoint, matrix_view<T const> in, matrix_view<T> out) const {
    for (std::ptrdiff_t n = 0; n < in.cols; ++n) {
      std::vector<T> v(static_cast<std::size_t>(in.rows));
      for (std::ptrdiff_t r = 0; r < in.rows; ++r)
        v[static_cast<std::size_t>(r)] = adjoint ? product::conjugate(in.at(r, n)) : in.at(r, n);
      if (adjoint) {
        // Only the shapes of the intermediates matter where no gradient is formed.
        std::vector<std::vector<T>> const none(factors_of(structure_).size() + 1);
        v = product::apply_factors_adjoint<T>(structure_, coefficients_, none, std::move(v), {});
      } else {
        v = std::move(product::apply_factors<T>(structure_, coefficients_, std::move(v)).front());
      }
      // W^H x is the conjugate of W^T applied to the conjugate.
      for (std::ptrdiff_t r = 0; r < out.rows; ++r) {
        T const y = v[static_cast<std::size_t>(r)];
        out.at(r, n) = adjoint ? product::conjugate(y) : y;
      }
    }
  }

  void multiply(exec::omp e, bool adjoint, matrix_view<T const> in, matrix_view<T> out) const {
    // One vector is no panel, and has no time for one.
    if (in.cols == 1) return vectors_[adjoint].get(maker(vectors_[adjoint], adjoint))(e, in, out);
    auto const prepared = [&](auto const& product) -> auto const& { return product.get(maker(product, adjoint)); };
    std::ptrdiff_t const panel = in.cols / product::panel_product<T>::lanes * product::panel_product<T>::lanes;
    if (panel > 0) prepared(panel_[adjoint])(e, columns(in, 0, panel), columns(out, 0, panel));
    if (panel < in.cols) prepared(vectors_[adjoint])(e, columns(in, panel, in.cols), columns(out, panel, in.cols));
  }

  /// What products with one vector need, made now unless it was before; lives as long as whoever holds it. See
  /// `prepare` (operators/prepared_product.hpp).
  [[nodiscard]] std::shared_ptr<product::vector_product<T> const> prepare_vectors(bool adjoint) const {
    return vectors_[adjoint].share(maker(vectors_[adjoint], adjoint));
  }

 private:
  template <class Product> [[nodiscard]] auto maker(lazy<Product> const&, bool adjoint) const {
    return [this, adjoint] { return Product(structure_, coefficients_, adjoint); };
  }
  template <class U> static matrix_view<U> columns(matrix_view<U> m, std::ptrdiff_t begin, std::ptrdiff_t end) {
    return {m.data + begin * m.col_stride, m.rows, end - begin, m.row_stride, m.col_stride};
  }

  structure_type structure_;
  std::vector<T> coefficients_;
  lazy<product::vector_product<T>> vectors_[2];  ///< forward, adjoint
  lazy<product::panel_product<T>> panel_[2];
};
template <class Structure, class T> linear_operator(Structure, std::vector<T>) -> linear_operator<Structure, T>;

static_assert(linear_map<linear_operator<dense, float>> &&
              linear_map<linear_operator<csr_mask, std::complex<double>>, exec::omp>);
static_assert(!linear_map<linear_operator<dense, float>, exec::emulated>);

}  // namespace papillon
