// SPDX-License-Identifier: MIT
/// \file vector_product.hpp
/// W or its transpose prepared for one vector or a few (vector_plan.hpp): factors are applied one after another to up to
/// four vectors at a time, the weights being read once for all of them. Large factors are shared out among threads; neighbouring
/// factors that fall into enough blocks are passed without waiting, each thread keeping to its blocks. Complex numbers are
/// multiplied as two real vectors, Re and Im.
#pragma once

#include <algorithm>
#include <complex>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <papillon/exec/parallel.hpp>
#include <papillon/ops/scalar.hpp>
#include <papillon/ops/vector_kernel.hpp>
#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/matrix_view.hpp>
#include <papillon/tensor/scratch.hpp>

namespace papillon::ops {

template <class T>
class vector_product {
 public:
  using real = real_of<T>;

  /// The product with W^H (W^T where W is real) where adjoint is true.
  template <class Structure>
  vector_product(Structure const& structure, std::span<T const> coefficients, bool adjoint) : adjoint_(adjoint) {
    std::size_t first = 0;
    for (auto const& f : factors_of(structure)) {
      stages_.push_back({make_vector_plan(f, adjoint, first, lanes), {}});
      stage& s = stages_.back();
      pack(s, coefficients, [](T z) { return std::real(z); });
      if constexpr (is_complex<T>) pack(s, coefficients, [](T z) { return std::imag(z); });
      s.plan.weight_index = {};  // as large as the weights, and done with
      first += storage_of(f);
      weights_ += s.plan.weights;
      widest_ = std::max({widest_, f.rows(), f.cols()});
    }
    if (!adjoint) std::reverse(stages_.begin(), stages_.end());
  }

  /// out = W in for any number of vectors; sizes are the caller's duty.
  void operator()(exec::omp e, matrix_view<T const> in, matrix_view<T> out) const {
    std::ptrdiff_t n = 0;
    auto const columns = [&]<int X>() {
      for (; n + X <= in.cols; n += X)
        multiply<X>(e, {in.data + n * in.col_stride, in.rows, X, in.row_stride, in.col_stride}, {out.data + n * out.col_stride, out.rows, X, out.row_stride, out.col_stride});
    };
    if constexpr (!is_complex<T>) {
      columns.template operator()<4>();
      columns.template operator()<2>();
    }
    columns.template operator()<1>();
  }

 private:
  static constexpr int lanes = exec::native_lanes<real>;
  /// Fewer multiply-adds than these are done before another thread has woken up.
  static constexpr std::size_t worth_a_thread = 1 << 16;

  struct stage {
    vector_plan plan;
    buffer<real> packed;  ///< real parts, then, of complex numbers, imaginary parts
  };

  template <class Part>
  static void pack(stage& s, std::span<T const> coefficients, Part const& part) {
    for (int const index : s.plan.weight_index) s.packed.push_back(index < 0 ? real{} : part(coefficients[static_cast<std::size_t>(index)]));
  }

  template <int X>
  void multiply(exec::omp e, matrix_view<T const> in, matrix_view<T> out) const {
    std::ptrdiff_t const plane = (widest_ + 2 * lanes - 1) / lanes * lanes;
    constexpr int planes = is_complex<T> ? 2 * X : X;
    scratch<real> memory(static_cast<std::size_t>(2 * planes * plane));
    real *from = memory.data(), *to = from + planes * plane;
    load_vectors<X>(in, from, plane);

    int const parts = std::clamp(static_cast<int>(weights_ * X / worth_a_thread), 1, exec::thread_count(e));
    for (std::size_t begin = 0; begin < stages_.size();) {
      std::size_t end = begin + 1;
      if (parts == 1) end = stages_.size();
      else if (stages_[begin].plan.blocks % parts == 0)
        while (end < stages_.size() && stages_[end].plan.blocks % parts == 0) ++end;
      exec::parallel_for(exec::omp{parts}, parts, [&](int part, int) {
        real *source = from, *target = to;
        for (std::size_t s = begin; s < end; ++s, std::swap(source, target)) run_stage<X>(stages_[s], source, target, plane, part, parts);
      });
      if ((end - begin) % 2 != 0) std::swap(from, to);
      begin = end;
    }
    store_vectors<X>(from, plane, out);
  }

  template <int X>
  void run_stage(stage const& s, real* from, real* to, std::ptrdiff_t plane, int part, int parts) const {
    if constexpr (is_complex<T>) {
      multiply_vectors<lanes, 2, real>(s.plan, s.packed.data(), {from, plane}, {to, plane}, part, parts);
      multiply_vectors<lanes, 2, real>(s.plan, s.packed.data() + s.plan.weights, {from + plane, -plane}, {to, plane}, part, parts, product_use::add_rotated);
    } else {
      multiply_vectors<lanes, X, real>(s.plan, s.packed.data(), {from, plane}, {to, plane}, part, parts);
    }
    // What the next factor may read behind its inputs.
    constexpr int planes = is_complex<T> ? 2 : X;
    for (int m = 0; m < planes && part == parts - 1; ++m) std::fill_n(to + m * plane + s.plan.outputs, lanes, real{});
  }

  /// W^H x is the conjugate of W^T applied to the conjugate.
  [[nodiscard]] real sign_of_imaginary() const { return adjoint_ ? real{-1} : real{1}; }

  template <int X>
  void load_vectors(matrix_view<T const> in, real* to, std::ptrdiff_t plane) const {
    for (int m = 0; m < X; ++m) {
      for (std::ptrdiff_t r = 0; r < in.rows; ++r) {
        T const x = in.at(r, m);
        to[m * plane + r] = std::real(x);
        if constexpr (is_complex<T>) to[plane + r] = sign_of_imaginary() * std::imag(x);
      }
      std::fill_n(to + m * plane + in.rows, lanes, real{});
      if constexpr (is_complex<T>) std::fill_n(to + plane + in.rows, lanes, real{});
    }
  }

  template <int X>
  void store_vectors(real const* from, std::ptrdiff_t plane, matrix_view<T> out) const {
    for (int m = 0; m < X; ++m)
      for (std::ptrdiff_t r = 0; r < out.rows; ++r) {
        if constexpr (is_complex<T>) out.at(r, m) = {from[r], sign_of_imaginary() * from[plane + r]};
        else out.at(r, m) = from[m * plane + r];
      }
  }

  bool adjoint_;
  std::vector<stage> stages_;  ///< in the order in which they are applied
  std::size_t weights_ = 0;
  int widest_ = 0;
};

}  // namespace papillon::ops
