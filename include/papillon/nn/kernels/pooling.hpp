// SPDX-License-Identifier: MIT
/// \file pooling.hpp
/// Global average pooling, C x H x W -> C x 1 x 1, and the parameter-free shortcut of He et al. (2016, option A):
/// every stride-th pixel, with the new channels zero, the old ones in the middle as pretrained CIFAR ResNets have it.
#pragma once

#include <papillon/exec/for_each.hpp>
#include <papillon/tensor/tensor.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

template <class T, int L> void global_average_pool_forward(exec::seq, tensor_view<T const, L> x, tensor_view<T, L> y) {
  int const pixels = x.extent().pixels();
  for (int n = 0; n < x.images(); ++n)
    for (int c = 0; c < x.extent().channels; ++c) {
      T sum{};
      for (int p = 0; p < pixels; ++p) sum += x.at(n, c * pixels + p);
      y.at(n, c) = sum / static_cast<T>(pixels);
    }
  clear_padding(y);
}

/// dx = dy / (H W) everywhere in the plane (added to dx if `accumulate`).
template <class T, int L>
void global_average_pool_backward(exec::seq, tensor_view<T const, L> dy, tensor_view<T, L> dx, bool accumulate) {
  int const pixels = dx.extent().pixels();
  for (int n = 0; n < dx.images(); ++n)
    for (int r = 0; r < dx.extent().size(); ++r) {
      T const d = dy.at(n, r / pixels) / static_cast<T>(pixels);
      dx.at(n, r) = accumulate ? dx.at(n, r) + d : d;
    }
  clear_padding(dx);
}

/// A row of y: the mean over the pixels of a channel.
template <class T> struct pool_value {
  static constexpr char const* name = "pooling";
  static constexpr int flops = 1, bytes = 2 * sizeof(T), grain = 512;
  T const* x;
  T* y;
  int pixels;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    auto sum = lanes.load(x, row * pixels);
    for (int p = 1; p < pixels; ++p) sum += lanes.load(x, row * pixels + p);
    lanes.store(y, row, sum / static_cast<T>(pixels));
  }
};

/// The rows of dx that belong to a row of dy.
template <class T> struct pool_derivative {
  static constexpr char const* name = "pooling, backward";
  static constexpr int flops = 1, bytes = 2 * sizeof(T), grain = 512;
  T const* dy;
  T* dx;
  int pixels;
  bool accumulate;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    auto const d = lanes.load(dy, row) / static_cast<T>(pixels);
    for (int p = 0; p < pixels; ++p) exec::store_or_add(lanes, dx, row * pixels + p, d, accumulate);
  }
};

/// Between an input and an output channel of the padded shortcut: how many zero channels come first.
[[nodiscard]] PAPILLON_HD constexpr int channels_before(shape in, shape out) {
  return (out.channels - in.channels) / 2;
}

/// y = x subsampled by `stride`, channels padded with zeros: (out - in) / 2 of them before the old ones, the rest
/// after.
template <class T, int L>
void padded_shortcut_forward(exec::seq, int stride, tensor_view<T const, L> x, tensor_view<T, L> y) {
  int const before = channels_before(x.extent(), y.extent());
  for (int n = 0; n < x.images(); ++n)
    for (int c = 0; c < y.extent().channels; ++c)
      for (int row = 0; row < y.extent().height; ++row)
        for (int column = 0; column < y.extent().width; ++column) {
          bool const old = c >= before && c < before + x.extent().channels;
          y.at(n, c, row, column) = old ? x.at(n, c - before, row * stride, column * stride) : T{};
        }
  clear_padding(y);
}

/// dx: the derivative of what was copied, zero elsewhere (added to dx if `accumulate`).
template <class T, int L>
void padded_shortcut_backward(
    exec::seq, int stride, tensor_view<T const, L> dy, tensor_view<T, L> dx, bool accumulate) {
  int const before = channels_before(dx.extent(), dy.extent());
  for (int n = 0; n < dx.images(); ++n)
    for (int c = 0; c < dx.extent().channels; ++c)
      for (int row = 0; row < dx.extent().height; ++row)
        for (int column = 0; column < dx.extent().width; ++column) {
          bool const copied = row % stride == 0 && column % stride == 0;
          T const d = copied ? dy.at(n, c + before, row / stride, column / stride) : T{};
          dx.at(n, c, row, column) = accumulate ? dx.at(n, c, row, column) + d : d;
        }
  clear_padding(dx);
}

/// A row of the padded shortcut's y.
template <class T> struct padded_shortcut_value {
  static constexpr char const* name = "padded shortcut";
  static constexpr int flops = 0, bytes = 2 * sizeof(T);
  T const* x;
  T* y;
  shape in, out;
  int stride;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    int const b = row / out.size(), r = row % out.size(), p = r % out.pixels();
    int const c = r / out.pixels() - channels_before(in, out);
    bool const old = c >= 0 && c < in.channels;
    int const from = old ? b * in.size() + in.row(c, p / out.width * stride, p % out.width * stride) : 0;
    lanes.store(y, row, old ? lanes.load(x, from) : lanes.all(T{}));
  }
};

/// A row of the padded shortcut's dx.
template <class T> struct padded_shortcut_derivative {
  static constexpr char const* name = "padded shortcut, backward";
  static constexpr int flops = 0, bytes = 3 * sizeof(T);
  T const* dy;
  T* dx;
  shape in, out;
  int stride;
  bool accumulate;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    int const b = row / in.size(), r = row % in.size(), y = r % in.pixels() / in.width, x = r % in.width;
    bool const copied = y % stride == 0 && x % stride == 0;
    int const from =
        copied ? b * out.size() + out.row(r / in.pixels() + channels_before(in, out), y / stride, x / stride) : 0;
    exec::store_or_add(lanes, dx, row, copied ? lanes.load(dy, from) : lanes.all(T{}), accumulate);
  }
};

}  // namespace papillon::nn

#pragma GCC diagnostic pop
