// SPDX-License-Identifier: MIT
/// \file convolution_rows.hpp
/// What a convolution does with its neighbours on the way, so that activations cross memory as seldom as the
/// mathematics allows: `input_rows` forms its input (copied, or batch-normalised, with shortcut and ReLU),
/// `output_rows` passes its output on (with the moments a norm needs, or normalised in evaluation), `derivative_rows`
/// forms the derivative of its output through the norm that follows, `input_derivative_rows` finishes the derivative of
/// its input (sum, ReLU, the sums a norm needs). All work on rows of registers and leave padding lanes zero.
#pragma once

#include <algorithm>

#include <papillon/nn/kernels/norm_statistics.hpp>
#include <papillon/tensor/tensor_view.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// First register of row y of channel c of a block.
template <class T, int L> [[nodiscard]] T* row_of(tensor_view<T, L> const& v, int block, int c, int y) {
  return v.block(block) + static_cast<std::ptrdiff_t>(v.extent().row(c, y, 0)) * L;
}

/// A norm as a map of each channel, v -> act(scale[c] * v + shift[c] [+ shortcut]); none where scale is null.
template <class T, int L> struct norm_map {
  T const *scale = nullptr, *shift = nullptr;
  tensor_view<T const, L> shortcut{};
  bool relu = false;

  /// f(offset, result) for `count` registers at `from`: those of channel c from row y on of a block that has `images`.
  template <class F>
  PAPILLON_ALWAYS_INLINE void apply(T const* from, int count, int block, int c, int y, int images, F const& f) const {
    vec<T, L> const a = broadcast<L>(scale[c]), zero{};
    vec<T, L> b = broadcast<L>(shift[c]);
    if (images < L) b *= lane_mask<T, L>(images);
    T const* const added = shortcut.empty() ? nullptr : row_of(shortcut, block, c, y);
    bool const rectified = relu;  // a copy, which what f stores cannot change
    for (int i = 0; i < count * L; i += L) {
      vec<T, L> v = a * load<L>(from + i) + b;
      if (added != nullptr) v += load<L>(added + i);
      if (rectified) v = v > zero ? v : zero;
      f(i, v);
    }
  }
};

/// x, or its image under `map`.
template <class T, int L> struct input_rows {
  tensor_view<T const, L> x;
  norm_map<T, L> map{};
  tensor_view<T, L> keep{};  ///< where the result is written too, unless empty

  void row(int block, int c, int y, T* to) const {
    int const width = x.extent().width;
    T const* const from = row_of(x, block, c, y);
    if (map.scale == nullptr) {
      std::copy_n(from, static_cast<std::size_t>(width) * L, to);
      return;
    }
    T* const kept = keep.empty() ? nullptr : row_of(keep, block, c, y);
    map.apply(from, width, block, c, y, x.images_in(block), [&](int i, vec<T, L> const& v) {
      store<L>(to + i, v);
      if (kept != nullptr) store_streaming<L>(kept + i, v);
    });
  }
};

/// y = v, or its image under `map`. With `statistics` ([block][channel]), also the moments of v.
template <class T, int L> struct output_rows {
  tensor_view<T, L> y;
  moments* statistics = nullptr;
  norm_map<T, L> map{};

  /// `rows` rows of channel c from row `first` on, one after another at `from`.
  void strip(int block, int c, int first, int rows, T const* from) const {
    T* const to = row_of(y, block, c, first);
    int const count = rows * y.extent().width, images = y.images_in(block);
    if (statistics != nullptr)
      statistics[block * y.extent().channels + c].merge(
          moments_of<L>(from, count, images, [&](int p, vec<T, L> const& v) { store_streaming<L>(to + p * L, v); }));
    else if (map.scale == nullptr) std::copy_n(from, static_cast<std::size_t>(count) * L, to);
    else map.apply(from, count, block, c, first, images, [&](int i, vec<T, L> const& v) { store<L>(to + i, v); });
  }
};

/// dy, or, with a norm, scale * dy - slope * (z - mean) - offset, z being the convolution's output.
template <class T, int L> struct derivative_rows {
  tensor_view<T const, L> dy;
  norm_channels<T> const* norm = nullptr;
  tensor_view<T const, L> z{};

  /// Row y of channel c; `formed`: that row of z where it has just been formed again (which may be `to`), else z is
  /// read.
  void row(int block, int c, int y, T* to, T const* formed = nullptr) const {
    int const width = dy.extent().width;
    T const* const d = row_of(dy, block, c, y);
    if (norm == nullptr) {
      std::copy_n(d, static_cast<std::size_t>(width) * L, to);
      return;
    }
    vec<T, L> const a = broadcast<L>(norm->scale[c]), m = broadcast<L>(norm->mean[c]);
    vec<T, L> k = broadcast<L>(norm->slope[c]), f = broadcast<L>(norm->offset[c]);
    if (dy.images_in(block) < L) {
      k *= lane_mask<T, L>(dy.images_in(block));
      f *= lane_mask<T, L>(dy.images_in(block));
    }
    T const* const from = formed != nullptr ? formed : row_of(z, block, c, y);
    for (int i = 0; i < width * L; i += L) store<L>(to + i, a * load<L>(d + i) - k * (load<L>(from + i) - m) - f);
  }
};

/// dx = v (+ dx with `accumulate`), zero where `relu` and the input is not positive; with `sums` ([block][channel]),
/// also the sums that the norm before the input needs, z being that norm's input.
template <class T, int L> struct input_derivative_rows {
  tensor_view<T, L> dx;
  bool accumulate = false, relu = false;
  norm_sums* sums = nullptr;
  norm_channels<T> const* norm = nullptr;
  tensor_view<T const, L> z{};

  /// `rows` rows of channel c from row `first` on, one after another at `from`; the convolution's input at x, x_row
  /// apart.
  void strip(int block, int c, int first, int rows, T const* from, T const* x, std::ptrdiff_t x_row) const {
    int const width = dx.extent().width * L;
    T* to = row_of(dx, block, c, first);
    if (sums == nullptr && !relu && !accumulate) {
      std::copy_n(from, static_cast<std::size_t>(rows) * static_cast<std::size_t>(width), to);
      return;
    }
    vec<T, L> const zero{};
    vec<T, L> sum{}, product{};
    vec<T, L> const m = norm == nullptr ? zero : broadcast<L>(norm->mean[c]);
    T const* from_norm = sums == nullptr ? nullptr : row_of(z, block, c, first);
    for (int r = 0; r < rows; ++r, from += width, to += width, x += x_row) {
      for (int i = 0; i < width; i += L) {
        vec<T, L> v = load<L>(from + i);
        if (accumulate) v += load<L>(to + i);
        if (relu) v = load<L>(x + i) > zero ? v : zero;
        if (from_norm != nullptr) {
          sum += v;
          product += v * (load<L>(from_norm + i) - m);
        }
        if (accumulate) store<L>(to + i, v);
        else store_streaming<L>(to + i, v);
      }
      if (from_norm != nullptr) from_norm += width;
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
