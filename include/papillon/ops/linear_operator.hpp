// SPDX-License-Identifier: MIT
/// \file linear_operator.hpp
/// A structured matrix with its coefficients, apart from any network, and its products
///   apply:  Y = W X  (X: cols x n, Y: rows x n),   apply_adjoint:  X = W^T Y,
/// on anything viewable as a matrix (tensor/matrix_view.hpp): a vector, a panel, Eigen and xtensor objects in place.
/// Factors are applied one after another to a tile of vectors that stays in cache; W is never formed.
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
#include <papillon/ops/tile_kernel.hpp>
#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/matrix_view.hpp>

namespace papillon {

template <class Structure, class T = float>
class linear_operator {
 public:
  using structure_type = Structure;
  using value_type = T;

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
        packed->resize(plan->weights());
        ops::pack(*plan, coefficients_.data(), packed->data());
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

  /// out = W in, or W^T in; sizes are the caller's duty.
  void multiply(exec::seq, bool adjoint, matrix_view<T const> in, matrix_view<T> out) const {
    for (std::ptrdiff_t n = 0; n < in.cols; ++n) {
      std::vector<T> v(static_cast<std::size_t>(in.rows));
      for (std::ptrdiff_t r = 0; r < in.rows; ++r) v[static_cast<std::size_t>(r)] = in.at(r, n);
      if (adjoint) {
        // Only the shapes of the intermediates matter where no gradient is formed.
        std::vector<std::vector<T>> const none(stages_.size() + 1);
        v = ops::apply_factors_adjoint<T>(structure_, coefficients_, none, std::move(v), {});
      } else {
        v = std::move(ops::apply_factors<T>(structure_, coefficients_, std::move(v)).front());
      }
      for (std::ptrdiff_t r = 0; r < out.rows; ++r) out.at(r, n) = v[static_cast<std::size_t>(r)];
    }
  }

  void multiply(exec::omp e, bool adjoint, matrix_view<T const> in, matrix_view<T> out) const {
    if (in.cols == 1) return run<1>(e, adjoint, in, out);
    run<exec::native_lanes<T>>(e, adjoint, in, out);
  }

 private:
  struct stage {
    ops::product_plan forward;
    std::vector<T> forward_packed;
    ops::product_plan adjoint;
    std::vector<T> adjoint_packed;
  };

  /// L vectors at a time, through all factors.
  template <int L>
  void run(exec::omp e, bool adjoint, matrix_view<T const> in, matrix_view<T> out) const {
    int const tiles = static_cast<int>((in.cols + L - 1) / L);
    int const threads = std::max(1, std::min(exec::thread_count(e), tiles));
    std::size_t const size = static_cast<std::size_t>(widest_) * L;
    buffer<T> scratch(2 * size * static_cast<std::size_t>(threads));
    exec::parallel_for(exec::omp{threads}, tiles, [&](int tile, int thread) {
      T* from = scratch.data() + 2 * size * static_cast<std::size_t>(thread);
      T* to = from + size;
      std::ptrdiff_t const first = static_cast<std::ptrdiff_t>(tile) * L, vectors = std::min<std::ptrdiff_t>(L, in.cols - first);
      for (std::ptrdiff_t r = 0; r < in.rows; ++r)
        for (std::ptrdiff_t n = 0; n < L; ++n) from[r * L + n] = n < vectors ? in.at(r, first + n) : T{};
      for (std::size_t l = 0; l < stages_.size(); ++l, std::swap(from, to)) {
        stage const& s = stages_[adjoint ? l : stages_.size() - 1 - l];
        ops::position_grid const one{1, 1, 0, 0, 0, 0};
        if (adjoint) ops::multiply<L>(s.adjoint, s.adjoint_packed.data(), from, to, one);
        else ops::multiply<L>(s.forward, s.forward_packed.data(), from, to, one);
      }
      for (std::ptrdiff_t r = 0; r < out.rows; ++r)
        for (std::ptrdiff_t n = 0; n < vectors; ++n) out.at(r, first + n) = from[r * L + n];
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

/// x = W^T y.
template <exec::policy E, class S, class T, viewable_as_matrix Y, viewable_as_matrix X>
void apply_adjoint(E e, linear_operator<S, T> const& w, Y const& y, X&& x) {
  detail::checked_multiply(e, w, true, y, x);
}

}  // namespace papillon
