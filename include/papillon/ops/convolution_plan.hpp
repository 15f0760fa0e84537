// SPDX-License-Identifier: MIT
/// \file convolution_plan.hpp
/// Convolution under `omp`: per block of images, on tiles that stay in cache, without unfolding.
/// W = K_1 ... K_L splits into the input-side factor K_L, which sees pixels under the kernel, and the others, which act
/// on each pixel alone. Forward: a zero-padded copy of the block's input, then for a strip of output rows all factors
/// in turn. Backward: intermediates recomputed a strip at a time; the derivative before K_L in a padded plane, from
/// which the input's derivative is gathered (a stride s gives s^2 pixel classes, each a small stride-1 convolution).
/// Weight gradients are summed a block of images at a time, then over the blocks in their order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <papillon/exec/parallel.hpp>
#include <papillon/ops/convolution.hpp>
#include <papillon/ops/product_plan.hpp>
#include <papillon/ops/tile_kernel.hpp>

namespace papillon::ops {

/// Share of nonzeros from which a masked weight is multiplied as a dense one whose zeros are multiplied too: measured
/// over ResNet-20's training step on AVX-512, 16 lanes, the two take equal time at about a half (its gradient
/// stays on the support either way).
inline constexpr double dense_from_density = 0.5;

/// What a convolution of one geometry and structure prepares once; independent of coefficients and lane count.
class convolution_plan {
 public:
  template <class Structure>
  convolution_plan(convolution_geometry const& geometry, Structure const& w) : g_(geometry) {
    check_convolution(g_, w.rows(), w.cols());
    auto const factors = factors_of(w);
    auto const& last = factors[factors.size() - 1];
    mid_rows_ = last.rows();
    // Halo of the derivative's plane: how far the gather of an input pixel reaches beyond the output pixels.
    shape const in = g_.input, out = g_.output();
    halo_ = std::max({0, (g_.kernel - 1 - g_.padding) / g_.stride, (in.height - 1 + g_.padding) / g_.stride - (out.height - 1),
                      (in.width - 1 + g_.padding) / g_.stride - (out.width - 1)});
    std::size_t widest = 0;
    for (std::size_t l = 0; l + 1 < factors.size(); ++l) widest = std::max(widest, static_cast<std::size_t>(factors[l].cols()));
    // A strip: as many rows as keep two intermediates in a 32 KiB share of L1 with 64-byte registers, but at least one.
    int const wanted = widest == 0 ? out.height : static_cast<int>(256 / (widest * static_cast<std::size_t>(out.width)));
    strip_rows_ = std::clamp(wanted, 1, out.height);

    std::size_t first = 0;
    for (std::size_t l = 0; l + 1 < factors.size(); ++l) {
      bool const to_output = l == 0;
      auto const& f = factors[l];
      pointwise_.push_back({f.cols(), make_factor_plan(f, false, strip_size(), to_output ? out_pixels() : strip_size(), first, 4),
                            make_factor_plan(f, true, to_output ? out_pixels() : strip_size(),
                                             l + 2 == factors.size() ? dmid_plane() : strip_size(), first, 4)});
      first += storage_of(f);
    }
    plan_input_factor(last, first);
  }

  [[nodiscard]] convolution_geometry const& geometry() const { return g_; }

  /// Scalars of scratch that `forward` and `backward` need for a number of images and threads.
  [[nodiscard]] std::size_t scratch(int lanes, int images, int threads, bool training) const {
    int const blocks = (images + lanes - 1) / lanes;
    return packed_weights() * (training ? 2 : 1) + per_thread(lanes) * static_cast<std::size_t>(threads) +
           (training ? gradient_weights() * static_cast<std::size_t>(blocks) : 0);
  }

  /// y = W * x.
  template <class T, int L>
  void forward(exec::omp e, int threads, std::span<T const> coefficients, tensor_view<T const, L> x, tensor_view<T, L> y,
               std::span<T> scratch) const {
    T* const packed = scratch.data();
    pack_forward(coefficients.data(), packed);
    T* const work = packed + packed_weights();
    exec::parallel_for(exec::omp{std::min(threads, exec::thread_count(e))}, x.blocks(), [&](int b, int thread) {
      thread_scratch<T> s = slice<T, L>(work, thread);
      T const* const in = padded_input<T, L>(x, b, s);
      for (int row = 0; row < g_.output().height; row += strip_rows_) {
        int const rows = std::min(strip_rows_, g_.output().height - row);
        if (pointwise_.empty()) {
          multiply<L>(input_factor_, packed + input_packed_, in + in_offset(row) * L,
                      y.block(b) + static_cast<std::ptrdiff_t>(row) * g_.output().width * L,
                      {rows, g_.output().width, in_row(), g_.stride, g_.output().width, 1});
        } else {
          T* v = intermediates<T, L>(packed, in, row, rows, s);
          multiply<L>(pointwise_[0].forward, packed, v, y.block(b) + static_cast<std::ptrdiff_t>(row) * g_.output().width * L,
                      flat(rows));
        }
      }
    });
  }

  /// dx = W^T * dy (added if `accumulate`; skipped if dx is empty), gradient += dL/dW on the support.
  template <class T, int L>
  void backward(exec::omp e, int threads, std::span<T const> coefficients, tensor_view<T const, L> x, tensor_view<T const, L> dy,
                tensor_view<T, L> dx, bool accumulate, std::span<T> gradient, std::span<T> scratch) const {
    T* const packed = scratch.data();
    T* const packed_adjoint = packed + packed_weights();
    pack_forward(coefficients.data(), packed);
    pack_adjoint(coefficients.data(), packed_adjoint);
    T* const partial = packed_adjoint + packed_weights();
    T* const work = partial + gradient_weights() * static_cast<std::size_t>(x.blocks());
    exec::omp const team{std::min(threads, exec::thread_count(e))};
    exec::parallel_for(team, x.blocks(), [&](int b, int thread) {
      thread_scratch<T> s = slice<T, L>(work, thread);
      T* const dw = partial + gradient_weights() * static_cast<std::size_t>(b);
      std::fill_n(dw, gradient_weights(), T{});
      T const* const in = padded_input<T, L>(x, b, s);
      std::fill_n(s.dmid, static_cast<std::size_t>(mid_rows_) * static_cast<std::size_t>(dmid_plane()) * L, T{});
      if (pointwise_.empty())
        copy_into_plane<T, L>(dy.block(b), s.dmid);
      else
        for (int row = 0; row < g_.output().height; row += strip_rows_)
          backward_strip<T, L>(packed, packed_adjoint, in, dy.block(b), row, dw, s);
      T const* const d = s.dmid + (halo_ * dmid_width() + halo_) * L;  // output pixel (0, 0)
      accumulate_gradient<L>(input_factor_gradient_, in, d,
                             {g_.output().height, g_.output().width, in_row(), g_.stride, dmid_width(), 1}, dw + input_packed_);
      if (!dx.empty())
        for (pixel_class const& k : classes_)
          multiply<L>(k.plan, packed_adjoint + k.packed, d, dx.block(b) + k.first * L,
                      {k.rows, k.cols, dmid_width(), 1, static_cast<std::ptrdiff_t>(g_.stride) * g_.input.width, g_.stride}, accumulate);
    });
    // Over the blocks in their order, whatever thread formed them.
    int const chunks = static_cast<int>((gradient_weights() + 1023) / 1024);
    exec::parallel_for(team, chunks, [&](int chunk, int) {
      std::size_t const begin = static_cast<std::size_t>(chunk) * 1024, end = std::min(begin + 1024, gradient_weights());
      for (int b = 1; b < x.blocks(); ++b) {
        T const* const from = partial + gradient_weights() * static_cast<std::size_t>(b);
        for (std::size_t i = begin; i < end; ++i) partial[i] += from[i];
      }
      for (std::size_t i = begin; i < std::min(end, gradient_index_.size()); ++i)
        if (gradient_index_[i] != nowhere) gradient[static_cast<std::size_t>(gradient_index_[i])] += partial[i];
    });
  }

 private:
  struct pointwise_factor {
    int cols;
    product_plan forward, adjoint;
    std::size_t forward_packed = 0;  ///< where its weights start among the packed ones; the same for both directions
  };
  /// Input pixels (y, x) with the same (y mod stride, x mod stride): they read the same taps.
  struct pixel_class {
    product_plan plan;
    std::ptrdiff_t first;  ///< its first pixel in dx
    int rows, cols;
    std::size_t packed;
  };
  template <class T>
  struct thread_scratch {
    T *input, *a, *b, *dmid;
  };

  // Sizes, in registers of lanes.
  [[nodiscard]] int out_pixels() const { return g_.output().pixels(); }
  [[nodiscard]] int strip_size() const { return strip_rows_ * g_.output().width; }
  [[nodiscard]] int padded_width() const { return g_.input.width + 2 * g_.padding; }
  [[nodiscard]] int padded_height() const { return g_.input.height + 2 * g_.padding; }
  [[nodiscard]] int padded_plane() const { return padded_width() * padded_height(); }
  [[nodiscard]] std::ptrdiff_t in_row() const { return static_cast<std::ptrdiff_t>(g_.stride) * padded_width(); }
  [[nodiscard]] std::ptrdiff_t in_offset(int out_row) const { return out_row * in_row(); }
  [[nodiscard]] int dmid_width() const { return g_.output().width + 2 * halo_; }
  [[nodiscard]] int dmid_plane() const { return dmid_width() * (g_.output().height + 2 * halo_); }
  [[nodiscard]] position_grid flat(int rows) const { return {1, rows * g_.output().width, 0, 1, 0, 1}; }
  /// Storage for packed weights, rounded up so that what follows stays aligned.
  [[nodiscard]] std::size_t packed_weights() const { return aligned(std::max(forward_weights_, adjoint_weights_)); }
  [[nodiscard]] std::size_t gradient_weights() const { return aligned(forward_weights_); }
  [[nodiscard]] static std::size_t aligned(std::size_t n) { return (n + 63) / 64 * 64; }
  [[nodiscard]] std::size_t strip_rows_storage() const {
    std::size_t widest = static_cast<std::size_t>(mid_rows_);
    for (pointwise_factor const& f : pointwise_) widest = std::max(widest, static_cast<std::size_t>(f.cols));
    return pointwise_.empty() ? 0 : widest * static_cast<std::size_t>(strip_size());
  }
  /// All intermediates of a strip are kept for the gradient, one after another.
  [[nodiscard]] std::size_t intermediates_storage() const {
    return strip_rows_storage() * pointwise_.size();
  }
  [[nodiscard]] std::size_t per_thread(int lanes) const {
    std::size_t const input = static_cast<std::size_t>(g_.input.channels) * static_cast<std::size_t>(padded_plane());
    std::size_t const dmid = static_cast<std::size_t>(mid_rows_) * static_cast<std::size_t>(dmid_plane());
    return (input + intermediates_storage() + 2 * strip_rows_storage() + dmid) * static_cast<std::size_t>(lanes);
  }

  template <class T, int L>
  [[nodiscard]] thread_scratch<T> slice(T* work, int thread) const {
    T* p = work + per_thread(L) * static_cast<std::size_t>(thread);
    thread_scratch<T> s{};
    s.input = p;
    s.a = s.input + static_cast<std::size_t>(g_.input.channels) * static_cast<std::size_t>(padded_plane()) * L;
    s.b = s.a + intermediates_storage() * L;
    s.dmid = s.b + 2 * strip_rows_storage() * L;
    return s;
  }

  template <class Factor>
  void plan_input_factor(Factor const& f, std::size_t first_index) {
    bool const alone = pointwise_.empty();
    std::vector<product_entry> forward, gradient;
    std::vector<std::vector<product_entry>> gather(static_cast<std::size_t>(g_.stride * g_.stride));
    auto const list = [&](int row, int col, int i) {
      int const index = static_cast<int>(first_index) + i;
      int const channel = g_.channel_of(col), ky = g_.tap_of(col) / g_.kernel, kx = g_.tap_of(col) % g_.kernel;
      int const in = channel * padded_plane() + ky * padded_width() + kx;
      forward.push_back({row * (alone ? out_pixels() : strip_size()), in, index});
      gradient.push_back({row * dmid_plane(), in, index});
      // Output pixel of input pixel y under tap ky: (y + padding - ky) / stride, where that is an integer.
      int const cy = ((ky - g_.padding) % g_.stride + g_.stride) % g_.stride;
      int const cx = ((kx - g_.padding) % g_.stride + g_.stride) % g_.stride;
      int const oy = (cy + g_.padding - ky) / g_.stride, ox = (cx + g_.padding - kx) / g_.stride;
      gather[static_cast<std::size_t>(cy * g_.stride + cx)].push_back(
          {channel * g_.input.pixels(), row * dmid_plane() + oy * dmid_width() + ox, index});
    };
    for_each_multiplied(f, list);
    input_factor_ = grouped(forward, f.rows(), alone ? out_pixels() : strip_size());
    input_factor_gradient_ = grouped(gradient, f.rows(), dmid_plane());

    std::size_t at = 0;
    for (pointwise_factor& p : pointwise_) {
      p.forward_packed = at;
      gradient_index_.insert(gradient_index_.end(), p.forward.weight_index.begin(), p.forward.weight_index.end());
      at += p.forward.weights();
    }
    input_packed_ = at;
    gradient_index_.insert(gradient_index_.end(), input_factor_gradient_.weight_index.begin(), input_factor_gradient_.weight_index.end());
    keep_gradient_on_support(f, first_index);
    forward_weights_ = at + input_factor_.weights();
    for (int c = 0; c < g_.stride * g_.stride; ++c) {
      int const cy = c / g_.stride, cx = c % g_.stride;
      if (cy >= g_.input.height || cx >= g_.input.width) continue;
      product_plan plan = grouped(gather[static_cast<std::size_t>(c)], g_.input.channels, g_.input.pixels());
      std::size_t const weights = plan.weights();
      classes_.push_back({std::move(plan), static_cast<std::ptrdiff_t>(cy) * g_.input.width + cx,
                          (g_.input.height - cy + g_.stride - 1) / g_.stride, (g_.input.width - cx + g_.stride - 1) / g_.stride, at});
      at += weights;
    }
    adjoint_weights_ = at;
  }

  /// The entries the tiles multiply: the nonzeros, or all of a masked weight that is too dense for sparse tiles to pay.
  template <class Factor, class F>
  static void for_each_multiplied(Factor const& f, F&& list) { for_each_nonzero(f, list); }
  template <class F>
  static void for_each_multiplied(masked const& f, F&& list) {
    if (f.support->nnz() < dense_from_density * static_cast<double>(f.storage())) for_each_nonzero(f, list);
    else for_each_nonzero(dense(f.rows(), f.cols()), list);
  }

  template <class Factor>
  void keep_gradient_on_support(Factor const&, std::size_t) {}
  void keep_gradient_on_support(masked const& f, std::size_t first_index) {
    std::vector<char> kept(f.storage());
    for_each_nonzero(f, [&](int, int, int i) { kept[static_cast<std::size_t>(i)] = 1; });
    for (int& index : gradient_index_)
      if (kept[static_cast<std::size_t>(index) - first_index] == 0) index = nowhere;
  }

  [[nodiscard]] static product_plan grouped(std::vector<product_entry>& entries, int outputs, int output_stride) {
    std::stable_sort(entries.begin(), entries.end(), [](auto const& l, auto const& r) { return l.input < r.input; });
    std::vector<int> all(static_cast<std::size_t>(outputs));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i) * output_stride;
    return make_product_plan(entries, all, 4);
  }

  template <class T>
  void pack_forward(T const* coefficients, T* packed) const {
    for (pointwise_factor const& f : pointwise_) pack(f.forward, coefficients, packed + f.forward_packed);
    pack(input_factor_, coefficients, packed + input_packed_);
  }
  template <class T>
  void pack_adjoint(T const* coefficients, T* packed) const {
    for (pointwise_factor const& f : pointwise_) pack(f.adjoint, coefficients, packed + f.forward_packed);
    for (pixel_class const& k : classes_) pack(k.plan, coefficients, packed + k.packed);
  }

  /// The block's input with a border of zeros; the input itself where there is no border.
  template <class T, int L>
  [[nodiscard]] T const* padded_input(tensor_view<T const, L> x, int block, thread_scratch<T> const& s) const {
    if (g_.padding == 0) return x.block(block);
    std::size_t const row_values = static_cast<std::size_t>(g_.input.width) * L, border = static_cast<std::size_t>(g_.padding) * L;
    T const* from = x.block(block);
    T* to = s.input;
    for (int c = 0; c < g_.input.channels; ++c) {
      to = std::fill_n(to, static_cast<std::size_t>(g_.padding * padded_width()) * L, T{});
      for (int y = 0; y < g_.input.height; ++y, from += row_values) {
        to = std::fill_n(to, border, T{});
        to = std::copy_n(from, row_values, to);
        to = std::fill_n(to, border, T{});
      }
      to = std::fill_n(to, static_cast<std::size_t>(g_.padding * padded_width()) * L, T{});
    }
    return s.input;
  }

  template <class T, int L>
  void copy_into_plane(T const* dy, T* plane) const {
    std::size_t const row_values = static_cast<std::size_t>(g_.output().width) * L;
    for (int c = 0; c < mid_rows_; ++c)
      for (int y = 0; y < g_.output().height; ++y, dy += row_values)
        std::copy_n(dy, row_values, plane + (static_cast<std::ptrdiff_t>(c) * dmid_plane() + (y + halo_) * dmid_width() + halo_) * L);
  }

  /// The intermediates of a strip, v_{L-1} first, one after another in s.a; returns the last, input of factor 0.
  template <class T, int L>
  [[nodiscard]] T* intermediates(T const* packed, T const* in, int row, int rows, thread_scratch<T> const& s) const {
    T* v = s.a;
    multiply<L>(input_factor_, packed + input_packed_, in + in_offset(row) * L, v,
                {rows, g_.output().width, in_row(), g_.stride, g_.output().width, 1});
    for (std::size_t l = pointwise_.size(); l-- > 1;) {
      T* const next = v + strip_rows_storage() * L;
      multiply<L>(pointwise_[l].forward, packed + pointwise_[l].forward_packed, v, next, flat(rows));
      v = next;
    }
    return v;
  }

  /// Gradient of the per-pixel factors over a strip, and the derivative before the input-side factor into s.dmid.
  template <class T, int L>
  void backward_strip(T const* packed, T const* packed_adjoint, T const* in, T const* dy, int row, T* dw,
                      thread_scratch<T> const& s) const {
    int const rows = std::min(strip_rows_, g_.output().height - row), width = g_.output().width;
    T const* v = intermediates<T, L>(packed, in, row, rows, s);
    T const* d = dy + static_cast<std::ptrdiff_t>(row) * width * L;
    for (std::size_t l = 0; l < pointwise_.size(); ++l, v -= strip_rows_storage() * L) {
      pointwise_factor const& f = pointwise_[l];
      accumulate_gradient<L>(f.forward, v, d, flat(rows), dw + f.forward_packed);
      bool const last = l + 1 == pointwise_.size();
      T* const next = last ? s.dmid + ((row + halo_) * dmid_width() + halo_) * L : s.b + (l % 2) * strip_rows_storage() * L;
      position_grid const to_plane{rows, width, width, 1, dmid_width(), 1};
      multiply<L>(f.adjoint, packed_adjoint + f.forward_packed, d, next, last ? to_plane : flat(rows));
      d = next;
    }
  }

  convolution_geometry g_;
  int mid_rows_ = 0, strip_rows_ = 1, halo_ = 0;
  std::vector<pointwise_factor> pointwise_;  ///< K_1 ... K_{L-1}
  product_plan input_factor_;                ///< K_L, forward
  product_plan input_factor_gradient_;       ///< K_L, its outputs in the derivative's plane
  std::vector<pixel_class> classes_;         ///< K_L's adjoint
  static constexpr int nowhere = -1;
  std::vector<int> gradient_index_;          ///< packed gradient -> position in the parameters, or nowhere
  std::size_t input_packed_ = 0, forward_weights_ = 0, adjoint_weights_ = 0;
};

}  // namespace papillon::ops
