// SPDX-License-Identifier: MIT
/// \file convolution_rows.hpp
/// What a convolution does with its neighbours on the way, so that activations cross memory as seldom as the
/// mathematics allows: `input_rows` forms its input (copied, or batch-normalised, with shortcut and ReLU),
/// `output_rows` passes its output on (with the moments a norm needs, or normalised in evaluation), `derivative_rows`
/// forms the derivative of its output through the norm that follows, `input_derivative_rows` finishes the derivative of
/// its input (sum, ReLU, the sums a norm needs). All work on rows of registers and leave padding lanes zero. What
/// stands in memory may be narrow (stored_view.hpp): sums are formed of the rounded values.
#pragma once

#include <papillon/nn/kernels/norm_statistics.hpp>
#include <papillon/nn/kernels/stored_view.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// Registers of one row to another, in whatever way either is kept.
template <class T, int L, class Narrow, class To>
PAPILLON_ALWAYS_INLINE void copy(stored_row<T, L, Narrow> const& from, int count, To const& to) {
  for (int i = 0; i < count; ++i) {
    auto v = from[i];
    to.put(i, v);
  }
}

/// A norm as a map of each channel, v -> act(scale[c] * v + shift[c] [+ shortcut]); none where scale is null.
template <class T, int L> struct norm_map {
  T const *scale = nullptr, *shift = nullptr;
  activations<T const, L> shortcut{};
  bool relu = false;

  /// f(register, result) for `count` registers of `from`: those of channel c from row y on of a block that has
  /// `images`.
  template <class Row, class F>
  PAPILLON_ALWAYS_INLINE void apply(Row const& from, int count, int block, int c, int y, int images, F const& f) const {
    vec<T, L> const a = broadcast<L>(scale[c]), zero{};
    vec<T, L> b = broadcast<L>(shift[c]);
    if (images < L) b *= lane_mask<T, L>(images);
    auto const added = shortcut.empty() ? stored_row<T const, L, f16>{} : shortcut.row(block, c, y);
    bool const adds = static_cast<bool>(added), rectified = relu;  // copies, which what f stores cannot change
    for (int i = 0; i < count; ++i) {
      vec<T, L> v = a * from[i] + b;
      if (adds) v += added[i];
      if (rectified) v = v > zero ? v : zero;
      f(i, v);
    }
  }
};

/// x, or its image under `map`.
template <class T, int L> struct input_rows {
  activations<T const, L> x;
  norm_map<T, L> map{};
  activations<T, L> keep{};  ///< where the result is written too, unless empty

  void row(int block, int c, int y, T* to) const {
    int const width = x.extent().width;
    auto const from = x.row(block, c, y);
    if (map.scale == nullptr) {
      copy(from, width, stored_row<T, L, f16>{to});
      return;
    }
    bool const keeps = !keep.empty();
    auto const kept = keeps ? keep.row(block, c, y) : stored_row<T, L, f16>{};
    map.apply(from, width, block, c, y, x.images_in(block), [&](int i, vec<T, L>& v) {
      if (keeps) kept.put_streaming(i, v);
      store<L>(to + i * L, v);
    });
  }
};

/// y = v, or its image under `map`. With `statistics` ([block][channel]), also the moments of what is stored.
template <class T, int L> struct output_rows {
  activations<T, L> y;
  moments* statistics = nullptr;
  norm_map<T, L> map{};

  /// `rows` rows of channel c from row `first` on, one after another at `from`.
  void strip(int block, int c, int first, int rows, T const* from) const {
    auto const to = y.row(block, c, first);
    int const count = rows * y.extent().width, images = y.images_in(block);
    if (statistics != nullptr)
      statistics[block * y.extent().channels + c].merge(
          moments_of<L>(from, count, images, [&](int i, vec<T, L>& v) { to.put_streaming(i, v); }));
    else if (map.scale == nullptr) copy(stored_row<T const, L, f16>{from}, count, to);
    else
      map.apply(stored_row<T const, L, f16>{from}, count, block, c, first, images,
          [&](int i, vec<T, L>& v) { to.put(i, v); });
  }
};

/// dy, or, with a norm, scale * dy - slope * (z - mean) - offset, z being the convolution's output.
template <class T, int L> struct derivative_rows {
  derivatives<T const, L> dy;
  norm_channels<T> const* norm = nullptr;
  activations<T const, L> z{};

  /// Row y of channel c; `formed`: that row of z where it has just been formed again (which may be `to`), else z is
  /// read.
  void row(int block, int c, int y, T* to, T const* formed = nullptr) const {
    int const width = dy.extent().width;
    auto const d = dy.row(block, c, y);
    if (norm == nullptr) {
      copy(d, width, stored_row<T, L, bf16>{to});
      return;
    }
    vec<T, L> const a = broadcast<L>(norm->scale[c]), m = broadcast<L>(norm->mean[c]);
    vec<T, L> k = broadcast<L>(norm->slope[c]), f = broadcast<L>(norm->offset[c]);
    if (dy.images_in(block) < L) {
      k *= lane_mask<T, L>(dy.images_in(block));
      f *= lane_mask<T, L>(dy.images_in(block));
    }
    auto const from = z.row(block, c, y);
    for (int i = 0; i < width; ++i) {
      vec<T, L> v;
      if (formed != nullptr) {
        v = load<L>(formed + i * L);
        from.round(v);
      } else {
        v = from[i];
      }
      store<L>(to + i * L, a * d[i] - k * (v - m) - f);
    }
  }
};

/// dx = v (+ dx with `accumulate`), zero where `relu` and the input is not positive; with `sums` ([block][channel]),
/// also the sums that the norm before the input needs, z being that norm's input.
template <class T, int L> struct input_derivative_rows {
  derivatives<T, L> dx;
  bool accumulate = false, relu = false;
  norm_sums* sums = nullptr;
  norm_channels<T> const* norm = nullptr;
  activations<T const, L> z{};

  /// `rows` rows of channel c from row `first` on, one after another at `from`; the convolution's input at x, x_row
  /// apart.
  void strip(int block, int c, int first, int rows, T const* from, T const* x, std::ptrdiff_t x_row) const {
    int const width = dx.extent().width;
    auto const to = dx.row(block, c, first);
    if (sums == nullptr && !relu && !accumulate) {
      copy(stored_row<T const, L, bf16>{from}, rows * width, to);
      return;
    }
    vec<T, L> const zero{};
    vec<T, L> sum{}, product{};
    vec<T, L> const m = norm == nullptr ? zero : broadcast<L>(norm->mean[c]);
    bool const summed = sums != nullptr, added = accumulate, rectified = relu;
    auto const from_norm = summed ? z.row(block, c, first) : stored_row<T const, L, f16>{};
    for (int r = 0, i = 0; r < rows; ++r, x += x_row) {
      for (int p = 0; p < width; ++p, ++i) {
        vec<T, L> v = load<L>(from + static_cast<std::ptrdiff_t>(i) * L);
        if (added) v += to[i];
        if (rectified) v = load<L>(x + p * L) > zero ? v : zero;
        if (added) to.put(i, v);
        else to.put_streaming(i, v);
        if (summed) {
          sum += v;
          product += v * (from_norm[i] - m);
        }
      }
    }
    if (sums != nullptr) {
      norm_sums& s = sums[block * dx.extent().channels + c];
      s.d += static_cast<double>(horizontal_sum<T, L>(sum));
      s.product += static_cast<double>(horizontal_sum<T, L>(product)) * static_cast<double>(norm->inv_std[c]);
    }
  }
};

}  // namespace papillon::nn

#pragma GCC diagnostic pop
