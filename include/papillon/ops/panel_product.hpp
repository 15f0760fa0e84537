// SPDX-License-Identifier: MIT
/// \file panel_product.hpp
/// W or its transpose prepared for panels: a register of lanes holds as many vectors of the panel, a tile of them stays in
/// cache while all factors are applied to it, and a weight is one number, broadcast. Complex numbers are multiplied as three
/// planes of real ones, (-Im, Re, Im).
#pragma once

#include <algorithm>
#include <complex>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <papillon/exec/parallel.hpp>
#include <papillon/ops/product_plan.hpp>
#include <papillon/ops/scalar.hpp>
#include <papillon/ops/tile_kernel.hpp>
#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/matrix_view.hpp>
#include <papillon/tensor/scratch.hpp>

namespace papillon::ops {

template <class T>
class panel_product {
 public:
  using real = real_of<T>;
  static constexpr int lanes = exec::native_lanes<real>;

  /// The product with W^H (W^T where W is real) where adjoint is true.
  template <class Structure>
  panel_product(Structure const& structure, std::span<T const> coefficients, bool adjoint) : adjoint_(adjoint) {
    std::size_t first = 0;
    for (auto const& f : factors_of(structure)) {
      stages_.push_back({adjoint ? f.cols() : f.rows(), make_factor_plan(f, adjoint, registers, registers, first, 8), {}});
      stage& s = stages_.back();
      for (int const index : s.plan.weight_index) s.packed.push_back(std::real(coefficients[static_cast<std::size_t>(index)]));
      if constexpr (is_complex<T>)
        for (int const index : s.plan.weight_index) s.packed.push_back(std::imag(coefficients[static_cast<std::size_t>(index)]));
      first += storage_of(f);
      widest_ = std::max({widest_, f.rows(), f.cols()});
    }
    if (!adjoint) std::reverse(stages_.begin(), stages_.end());
  }

  /// out = W in for any number of vectors; sizes are the caller's duty.
  void operator()(exec::omp e, matrix_view<T const> in, matrix_view<T> out) const {
    // As many vectors as a thread takes at a time; few are rather shared out.
    int const threads = exec::thread_count(e);
    int const width = in.cols >= static_cast<std::ptrdiff_t>(threads) * most_vectors ? most_vectors : lanes;
    int const tiles = static_cast<int>((in.cols + width - 1) / width);
    std::size_t const size = static_cast<std::size_t>(widest_ + lanes) * registers * lanes;
    int const workers = std::min(threads, tiles);
    auto const memory = scratch_.borrow(2 * size * static_cast<std::size_t>(workers));
    exec::parallel_for(exec::omp{workers}, tiles, [&](int tile, int thread) {
      real* from = memory.data() + 2 * size * static_cast<std::size_t>(thread);
      real* to = from + size;
      std::ptrdiff_t const first = static_cast<std::ptrdiff_t>(tile) * width;
      int const vectors = static_cast<int>(std::min<std::ptrdiff_t>(width, in.cols - first));
      load_rows({in.data + first * in.col_stride, in.rows, vectors, in.row_stride, in.col_stride}, from);
      for (stage const& s : stages_) {
        run_stage(s, from, to, (vectors + lanes - 1) / lanes);
        std::swap(from, to);
      }
      store_rows(from, {out.data + first * out.col_stride, out.rows, vectors, out.row_stride, out.col_stride});
    });
  }

 private:
  struct stage {
    int outputs;
    product_plan plan;
    buffer<real> packed;  ///< real parts, then, of complex numbers, imaginary parts
  };

  /// Registers that a row takes in scratch memory: two of vectors; of complex numbers one each of -Im, Re, Im.
  static constexpr int registers = is_complex<T> ? 3 : 2;
  static constexpr int most_vectors = (is_complex<T> ? 1 : 2) * lanes;
  static constexpr int pitch = registers * lanes;

  void run_stage(stage const& s, real const* from, real* to, int columns) const {
    if constexpr (is_complex<T>) {
      // (Re, Im) = Re W (Re, Im) + Im W (-Im, Re).
      position_grid const two{1, 2, 0, 1, 0, 1};
      multiply<lanes>(s.plan, s.packed.data(), from + lanes, to + lanes, two);
      multiply<lanes>(s.plan, s.packed.data() + s.plan.weights(), from, to + lanes, two, true);
      for (int r = 0; r < s.outputs; ++r) store<lanes>(to + r * pitch, -load<lanes>(to + r * pitch + 2 * lanes));
    } else {
      multiply<lanes>(s.plan, s.packed.data(), from, to, position_grid{1, columns, 0, 1, 0, 1});
    }
  }

  /// W^H x is the conjugate of W^T applied to the conjugate.
  [[nodiscard]] real sign_of_imaginary() const { return adjoint_ ? real{-1} : real{1}; }

  /// The vectors of a tile, side by side in every row; zeros where there are none.
  void load_rows(matrix_view<T const> in, real* to) const {
    if constexpr (is_complex<T>) {
      for (std::ptrdiff_t r = 0; r < in.rows; ++r, to += pitch)
        for (int n = 0; n < lanes; ++n) {
          T const x = n < in.cols ? in.at(r, n) : T{};
          to[n] = -sign_of_imaginary() * x.imag(), to[lanes + n] = x.real(), to[2 * lanes + n] = sign_of_imaginary() * x.imag();
        }
    } else {
      for (std::ptrdiff_t first = 0; first < in.cols; first += lanes, to += lanes) {
        T const* const from = in.data + first * in.col_stride;
        std::ptrdiff_t r = 0;
        if (first + lanes <= in.cols && in.col_stride == 1) {
          for (; r < in.rows; ++r) store<lanes>(to + r * pitch, load<lanes>(from + r * in.row_stride));
        } else if (first + lanes <= in.cols && in.row_stride == 1) {
          for (; r + lanes <= in.rows; r += lanes) {
            vec<T, lanes> square[lanes];
            for (int n = 0; n < lanes; ++n) square[n] = load<lanes>(from + r + n * in.col_stride);
            transpose<T, lanes>(square);
            for (int k = 0; k < lanes; ++k) store<lanes>(to + (r + k) * pitch, square[k]);
          }
        }
        for (; r < in.rows; ++r)
          for (int n = 0; n < lanes; ++n) to[r * pitch + n] = first + n < in.cols ? in.at(r, first + n) : T{};
      }
    }
  }

  void store_rows(real const* from, matrix_view<T> out) const {
    if constexpr (is_complex<T>) {
      for (std::ptrdiff_t r = 0; r < out.rows; ++r, from += pitch)
        for (int n = 0; n < out.cols; ++n) out.at(r, n) = {from[lanes + n], sign_of_imaginary() * from[2 * lanes + n]};
    } else {
      for (std::ptrdiff_t first = 0; first < out.cols; first += lanes, from += lanes) {
        T* const to = out.data + first * out.col_stride;
        std::ptrdiff_t r = 0;
        if (first + lanes <= out.cols && out.col_stride == 1) {
          for (; r < out.rows; ++r) store<lanes>(to + r * out.row_stride, load<lanes>(from + r * pitch));
        } else if (first + lanes <= out.cols && out.row_stride == 1) {
          for (; r + lanes <= out.rows; r += lanes) {
            vec<T, lanes> square[lanes];
            for (int k = 0; k < lanes; ++k) square[k] = load<lanes>(from + (r + k) * pitch);
            transpose<T, lanes>(square);
            for (int n = 0; n < lanes; ++n) store<lanes>(to + r + n * out.col_stride, square[n]);
          }
        }
        for (; r < out.rows; ++r)
          for (int n = 0; n < lanes && first + n < out.cols; ++n) out.at(r, first + n) = from[r * pitch + n];
      }
    }
  }

  bool adjoint_;
  std::vector<stage> stages_;  ///< in the order in which they are applied
  int widest_ = 0;
  scratch<real> scratch_;
};

}  // namespace papillon::ops
