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
      stages_.push_back({make_factor_plan(f, adjoint, 1, 1, first, 8), {}});
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
    constexpr int L = lanes;
    int const tiles = static_cast<int>((in.cols + L - 1) / L);
    int const threads = std::max(1, std::min(exec::thread_count(e), tiles));
    std::size_t const plane = static_cast<std::size_t>(widest_) * L, size = (is_complex<T> ? 3 : 1) * plane;
    buffer<real> scratch(2 * size * static_cast<std::size_t>(threads));
    exec::parallel_for(exec::omp{threads}, tiles, [&](int tile, int thread) {
      real* from = scratch.data() + 2 * size * static_cast<std::size_t>(thread);
      real* to = from + size;
      std::ptrdiff_t const first = static_cast<std::ptrdiff_t>(tile) * L, vectors = std::min<std::ptrdiff_t>(L, in.cols - first);
      real const sign = adjoint_ ? real{-1} : real{1};  // W^H x is the conjugate of W^T applied to the conjugate
      for (std::ptrdiff_t r = 0; r < in.rows; ++r)
        for (std::ptrdiff_t n = 0; n < L; ++n) {
          T const x = n < vectors ? in.at(r, first + n) : T{};
          real* const at = from + r * L + n;
          if constexpr (is_complex<T>) at[0] = -sign * x.imag(), at[plane] = x.real(), at[2 * plane] = sign * x.imag();
          else *at = x;
        }
      for (stage const& s : stages_) {
        if constexpr (is_complex<T>) {
          // (Re, Im) = Re W (Re, Im) + Im W (-Im, Re): two neighbouring planes, one plane apart.
          position_grid const two{1, 2, 0, widest_, 0, widest_};
          multiply<L>(s.plan, s.packed.data(), from + plane, to + plane, two);
          multiply<L>(s.plan, s.packed.data() + s.plan.weights(), from, to + plane, two, true);
          for (std::size_t i = 0; i < plane; ++i) to[i] = -to[2 * plane + i];
        } else {
          multiply<L>(s.plan, s.packed.data(), from, to, position_grid{1, 1, 0, 0, 0, 0});
        }
        std::swap(from, to);
      }
      for (std::ptrdiff_t r = 0; r < out.rows; ++r)
        for (std::ptrdiff_t n = 0; n < vectors; ++n) {
          real const* const at = from + r * L + n;
          if constexpr (is_complex<T>) out.at(r, first + n) = {at[plane], sign * at[2 * plane]};
          else out.at(r, first + n) = *at;
        }
    });
  }

 private:
  struct stage {
    product_plan plan;
    buffer<real> packed;  ///< real parts, then, of complex numbers, imaginary parts
  };

  bool adjoint_;
  std::vector<stage> stages_;  ///< in the order in which they are applied
  int widest_ = 0;
};

}  // namespace papillon::ops
