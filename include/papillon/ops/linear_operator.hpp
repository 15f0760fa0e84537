// SPDX-License-Identifier: MIT
/// \file linear_operator.hpp
/// A structured matrix with its coefficients, apart from any network, and its products
///   apply:  Y = W X  (X: cols x n, Y: rows x n),   apply_adjoint:  X = W^H Y  (W^T where W is real),
/// on anything viewable as a matrix (tensor/matrix_view.hpp): a vector, a panel, Eigen and xtensor objects in place.
/// Factors are applied one after another to a tile of vectors that stays in cache; W is never formed. Scalars are float,
/// double and their complex numbers, which are multiplied as three planes of real ones, (-Im, Re, Im).
#pragma once

#include <algorithm>
#include <concepts>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/exec/parallel.hpp>
#include <papillon/ops/convolution.hpp>
#include <papillon/ops/product_plan.hpp>
#include <papillon/ops/scalar.hpp>
#include <papillon/ops/tile_kernel.hpp>
#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/matrix_view.hpp>

namespace papillon {

template <class Structure, class T = float>
class linear_operator {
 public:
  using structure_type = Structure;
  using value_type = T;
  using real = ops::real_of<T>;

  /// Coefficients: those of dense row-major, of a CSR mask row by row, of a chain factor by factor, leftmost first, each
  /// as T[a][b][c][d]. Throws papillon::error (bad_input) unless there are structure.nnz() of them.
  linear_operator(Structure structure, std::vector<T> coefficients)
      : structure_(std::move(structure)), coefficients_(std::move(coefficients)) {
    if (coefficients_.size() != static_cast<std::size_t>(structure_.nnz()))
      throw error(errc::bad_input, "linear_operator: " + std::to_string(coefficients_.size()) + " coefficients (" +
                                       std::to_string(structure_.nnz()) + " wanted, one per nonzero)");
    std::size_t first = 0;
    for (auto const& f : ops::factors_of(structure_)) {
      stages_.push_back({ops::make_factor_plan(f, false, 1, 1, first, 8), {}, ops::make_factor_plan(f, true, 1, 1, first, 8), {}});
      stage& s = stages_.back();
      for (auto [plan, packed] : {std::pair(&s.forward, &s.forward_packed), std::pair(&s.adjoint, &s.adjoint_packed)}) {
        pack(*plan, coefficients_, *packed);
      }
      first += ops::storage_of(f);
      widest_ = std::max({widest_, f.rows(), f.cols()});
    }
  }
  /// The same for a structure that is a type.
  explicit linear_operator(std::vector<T> coefficients)
    requires std::default_initializable<Structure>
      : linear_operator(Structure{}, std::move(coefficients)) {}

  [[nodiscard]] Structure const& structure() const { return structure_; }
  [[nodiscard]] int rows() const { return structure_.rows(); }
  [[nodiscard]] int cols() const { return structure_.cols(); }
  [[nodiscard]] std::span<T const> coefficients() const { return coefficients_; }

  /// out = W in, or W^H in; sizes are the caller's duty.
  void multiply(exec::seq, bool adjoint, matrix_view<T const> in, matrix_view<T> out) const {
    for (std::ptrdiff_t n = 0; n < in.cols; ++n) {
      std::vector<T> v(static_cast<std::size_t>(in.rows));
      for (std::ptrdiff_t r = 0; r < in.rows; ++r) v[static_cast<std::size_t>(r)] = adjoint ? ops::conjugate(in.at(r, n)) : in.at(r, n);
      if (adjoint) {
        // Only the shapes of the intermediates matter where no gradient is formed.
        std::vector<std::vector<T>> const none(stages_.size() + 1);
        v = ops::apply_factors_adjoint<T>(structure_, coefficients_, none, std::move(v), {});
      } else {
        v = std::move(ops::apply_factors<T>(structure_, coefficients_, std::move(v)).front());
      }
      // W^H x is the conjugate of W^T applied to the conjugate.
      for (std::ptrdiff_t r = 0; r < out.rows; ++r) {
        T const y = v[static_cast<std::size_t>(r)];
        out.at(r, n) = adjoint ? ops::conjugate(y) : y;
      }
    }
  }

  void multiply(exec::omp e, bool adjoint, matrix_view<T const> in, matrix_view<T> out) const {
    if (in.cols == 1) return run<1>(e, adjoint, in, out);
    run<exec::native_lanes<real>>(e, adjoint, in, out);
  }

 private:
  struct stage {
    ops::product_plan forward;
    std::vector<real> forward_packed;  ///< real parts, then, of complex numbers, imaginary parts
    ops::product_plan adjoint;
    std::vector<real> adjoint_packed;
  };

  static void pack(ops::product_plan const& plan, std::span<T const> coefficients, std::vector<real>& packed) {
    for (int const index : plan.weight_index) packed.push_back(std::real(coefficients[static_cast<std::size_t>(index)]));
    if constexpr (ops::is_complex<T>)
      for (int const index : plan.weight_index) packed.push_back(std::imag(coefficients[static_cast<std::size_t>(index)]));
  }

  /// L vectors at a time, through all factors.
  template <int L>
  void run(exec::omp e, bool adjoint, matrix_view<T const> in, matrix_view<T> out) const {
    int const tiles = static_cast<int>((in.cols + L - 1) / L);
    int const threads = std::max(1, std::min(exec::thread_count(e), tiles));
    std::size_t const plane = static_cast<std::size_t>(widest_) * L, size = (ops::is_complex<T> ? 3 : 1) * plane;
    buffer<real> scratch(2 * size * static_cast<std::size_t>(threads));
    exec::parallel_for(exec::omp{threads}, tiles, [&](int tile, int thread) {
      real* from = scratch.data() + 2 * size * static_cast<std::size_t>(thread);
      real* to = from + size;
      std::ptrdiff_t const first = static_cast<std::ptrdiff_t>(tile) * L, vectors = std::min<std::ptrdiff_t>(L, in.cols - first);
      real const sign = adjoint ? real{-1} : real{1};  // of imaginary parts, see multiply(exec::seq)
      for (std::ptrdiff_t r = 0; r < in.rows; ++r)
        for (std::ptrdiff_t n = 0; n < L; ++n) {
          T const x = n < vectors ? in.at(r, first + n) : T{};
          real* const at = from + r * L + n;
          if constexpr (ops::is_complex<T>) at[0] = -sign * x.imag(), at[plane] = x.real(), at[2 * plane] = sign * x.imag();
          else *at = x;
        }
      for (std::size_t l = 0; l < stages_.size(); ++l, std::swap(from, to)) {
        stage const& s = stages_[adjoint ? l : stages_.size() - 1 - l];
        ops::product_plan const& plan = adjoint ? s.adjoint : s.forward;
        real const* const packed = (adjoint ? s.adjoint_packed : s.forward_packed).data();
        if constexpr (ops::is_complex<T>) {
          // (Re, Im) = Re W (Re, Im) + Im W (-Im, Re): two neighbouring planes, one plane apart.
          ops::position_grid const two{1, 2, 0, widest_, 0, widest_};
          ops::multiply<L>(plan, packed, from + plane, to + plane, two);
          ops::multiply<L>(plan, packed + plan.weights(), from, to + plane, two, true);
          for (std::size_t i = 0; i < plane; ++i) to[i] = -to[2 * plane + i];
        } else {
          ops::multiply<L>(plan, packed, from, to, ops::position_grid{1, 1, 0, 0, 0, 0});
        }
      }
      for (std::ptrdiff_t r = 0; r < out.rows; ++r)
        for (std::ptrdiff_t n = 0; n < vectors; ++n) {
          real const* const at = from + r * L + n;
          if constexpr (ops::is_complex<T>) out.at(r, first + n) = {at[plane], sign * at[2 * plane]};
          else out.at(r, first + n) = *at;
        }
    });
  }

  Structure structure_;
  std::vector<T> coefficients_;
  std::vector<stage> stages_;
  int widest_ = 0;
};

namespace detail {
template <class E, class W, class X, class Y>
void checked_multiply(E e, W const& w, bool adjoint, X&& x, Y&& y) {
  using T = typename W::value_type;
  matrix_view<T const> const in = as_matrix(x);
  matrix_view<T> const out = as_matrix(y);
  std::ptrdiff_t const from = adjoint ? w.rows() : w.cols(), to = adjoint ? w.cols() : w.rows();
  if (in.rows != from || out.rows != to || in.cols != out.cols)
    throw error(errc::usage, "apply: an operator of " + std::to_string(w.rows()) + " x " + std::to_string(w.cols()) +
                                 (adjoint ? ", transposed," : "") + " takes " + std::to_string(from) + " x n to " + std::to_string(to) +
                                 " x n, not " + std::to_string(in.rows) + " x " + std::to_string(in.cols) + " to " +
                                 std::to_string(out.rows) + " x " + std::to_string(out.cols) + " (give the result its size beforehand)");
  w.multiply(e, adjoint, in, out);
}
}  // namespace detail

/// y = W x. Throws papillon::error (usage) if sizes do not fit. x and y must not overlap.
template <exec::policy E, class S, class T, viewable_as_matrix X, viewable_as_matrix Y>
void apply(E e, linear_operator<S, T> const& w, X const& x, Y&& y) {
  detail::checked_multiply(e, w, false, x, y);
}

/// x = W^H y, the transpose where W is real.
template <exec::policy E, class S, class T, viewable_as_matrix Y, viewable_as_matrix X>
void apply_adjoint(E e, linear_operator<S, T> const& w, Y const& y, X&& x) {
  detail::checked_multiply(e, w, true, y, x);
}

}  // namespace papillon
