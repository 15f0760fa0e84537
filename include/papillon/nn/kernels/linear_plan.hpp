// SPDX-License-Identifier: MIT
/// \file linear_plan.hpp
/// y = W x + b under `omp` for feature vectors (extent F x 1 x 1) and any structure W, its adjoint, and its gradient on
/// the support: register tiles with the blocks of images as positions. The groups of outputs are shared among threads,
/// so that every sum is formed by one thread in one order.
#pragma once

#include <papillon/exec/parallel.hpp>
#include <papillon/product/tile_kernel.hpp>
#include <papillon/tensor/tensor_view.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// What a linear layer prepares once; independent of coefficients and lane count.
class linear_plan {
 public:
  template <class Structure> explicit linear_plan(Structure const& w) {
    std::size_t first = 0, at = 0;
    for (auto const& f : factors_of(w)) {
      stages_.push_back({f.rows(), f.cols(), at, product::make_factor_plan(f, false, 1, 1, first, 4),
          product::make_factor_plan(f, true, 1, 1, first, 4)});
      first += static_cast<std::size_t>(f.storage());
      at += (stages_.back().forward.weights() + 63) / 64 * 64;
      if (stages_.size() > 1) widest_ = std::max(widest_, f.rows());
    }
    packed_ = at;
    coefficient_count_ = static_cast<int>(first);
  }

  [[nodiscard]] std::size_t scratch(int lanes, int images, bool training) const {
    auto const blocks = static_cast<std::size_t>((images + lanes - 1) / lanes);
    std::size_t const kept = training ? stages_.size() + 1 : 2;
    return packed_ * (training ? 3 : 1) + kept * intermediate(lanes, blocks);
  }

  template <class T, int L>
  void forward(exec::omp team, std::span<T const> coefficients, std::span<T const> bias, tensor_view<T const, L> x,
      tensor_view<T, L> y, std::span<T> scratch) const {
    T* const packed = scratch.data();
    for (stage const& s : stages_) pack(s.forward, coefficients.data(), packed + s.packed);
    T const* in = x.data();
    for (std::size_t l = stages_.size(); l-- > 0;) {
      T* const out =
          l == 0 ? y.data() : packed + packed_ + (l % 2) * intermediate(L, static_cast<std::size_t>(x.blocks()));
      run<L>(team, stages_[l].forward, packed + stages_[l].packed, in, stages_[l].cols, out, stages_[l].rows,
          x.blocks(), false);
      in = out;
    }
    for (int b = 0; b < y.blocks(); ++b)
      for (std::size_t r = 0; r < bias.size(); ++r)
        for (int i = 0; i < y.images_in(b); ++i) y.block(b)[r * L + static_cast<std::size_t>(i)] += bias[r];
  }

  /// `of_images`: see backward_args::image_gradients, the weight's rows and then the bias's.
  template <class T, int L>
  void backward(exec::omp team, std::span<T const> coefficients, tensor_view<T const, L> x, tensor_view<T const, L> dy,
      tensor_view<T, L> dx, bool accumulate, std::span<T> gradient, std::span<T> bias_gradient,
      tensor_view<T, L> of_images, std::span<T> scratch) const {
    T* const packed = scratch.data();
    T* const packed_adjoint = packed + packed_;
    T* const packed_gradient = packed_adjoint + packed_;
    T* const kept = packed_gradient + packed_;
    std::size_t const size = intermediate(L, static_cast<std::size_t>(x.blocks()));
    int const blocks = x.blocks();
    // Intermediates again: v_l = K_{l+1} ... K_L x stands at kept + l * size for 0 < l < L.
    T const* v = x.data();
    for (std::size_t l = stages_.size(); l-- > 1;) {
      stage const& s = stages_[l];
      pack(s.forward, coefficients.data(), packed + s.packed);
      run<L>(team, s.forward, packed + s.packed, v, s.cols, kept + l * size, s.rows, blocks, false);
      v = kept + l * size;
    }
    std::fill_n(packed_gradient, packed_, T{});
    T const* d = dy.data();
    for (std::size_t l = 0; l < stages_.size(); ++l) {
      stage const& s = stages_[l];
      T const* const in = l + 1 == stages_.size() ? x.data() : kept + (l + 1) * size;
      product::position_grid const grid{1, blocks, 0, s.cols, 0, s.rows};
      exec::parallel_for(team, static_cast<int>(s.forward.groups.size()), [&](int g, int) {
        auto const& group = s.forward.groups[static_cast<std::size_t>(g)];
        if (of_images.empty()) return accumulate_gradient<L>(s.forward, group, in, d, grid, packed_gradient + s.packed);
        for (int b = 0; b < blocks; ++b)
          form_lane_gradients<L>(s.forward, group, in + b * grid.in_col * L, d + b * grid.out_col * L,
              {1, 1, 0, 0, 0, 0}, of_images.block(b), s.forward.weight_index.data(), false);
      });
      for (std::size_t i = 0; i < s.forward.weights() && of_images.empty(); ++i)
        gradient[static_cast<std::size_t>(s.forward.weight_index[i])] += packed_gradient[s.packed + i];
      bool const last = l + 1 == stages_.size();
      if (last && dx.empty()) break;
      // The slot of v_l (or slot 0) is free once this factor's gradient is formed, and v_{l+1}'s is still wanted.
      T* const out = last ? dx.data() : (l % 2 == 0 ? kept : kept + stages_.size() * size);
      pack(s.adjoint, coefficients.data(), packed_adjoint + s.packed);
      run<L>(team, s.adjoint, packed_adjoint + s.packed, d, s.rows, out, s.cols, blocks, last && accumulate);
      d = out;
    }
    if (!of_images.empty()) {  // the bias's are what dy holds
      int const biases = of_images.extent().size() - coefficient_count_;
      for (int b = 0; b < blocks; ++b)
        std::copy_n(dy.block(b), biases * L, of_images.block(b) + static_cast<std::ptrdiff_t>(coefficient_count_) * L);
      return;
    }
    for (std::size_t r = 0; r < bias_gradient.size(); ++r) {
      vec<T, L> sum{};
      for (int b = 0; b < blocks; ++b) sum += load<L>(dy.block(b) + r * L);
      bias_gradient[r] += horizontal_sum<T, L>(sum);
    }
  }

 private:
  struct stage {
    int rows, cols;
    std::size_t packed;
    product::product_plan forward, adjoint;
  };

  [[nodiscard]] std::size_t intermediate(int lanes, std::size_t blocks) const {
    return static_cast<std::size_t>(widest_) * static_cast<std::size_t>(lanes) * blocks;
  }

  template <int L, class T>
  static void run(exec::omp team, product::product_plan const& plan, T const* packed, T const* in, int in_rows, T* out,
      int out_rows, int blocks, bool accumulate) {
    product::position_grid const grid{1, blocks, 0, in_rows, 0, out_rows};
    exec::parallel_for(team, static_cast<int>(plan.groups.size()), [&](int g, int) {
      multiply<L>(
          plan, std::span(plan.groups).subspan(static_cast<std::size_t>(g), 1), packed, in, out, grid, accumulate);
    });
  }

  int widest_ = 0, coefficient_count_ = 0;
  std::size_t packed_ = 0;
  std::vector<stage> stages_;
};

}  // namespace papillon::nn

#pragma GCC diagnostic pop
