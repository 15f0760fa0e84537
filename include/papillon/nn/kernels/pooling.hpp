// SPDX-License-Identifier: MIT
/// \file pooling.hpp
/// Global average pooling, C x H x W -> C x 1 x 1, and the parameter-free shortcut of He et al. (2016, option A):
/// every stride-th pixel, with the new channels zero, the old ones in the middle as pretrained CIFAR ResNets have it.
#pragma once

#include <algorithm>

#include <papillon/exec/parallel.hpp>
#include <papillon/tensor/tensor.hpp>
#include <papillon/tensor/vec.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class T, int L>
void global_average_pool_forward(exec::seq, tensor_view<T const, L> x, tensor_view<T, L> y) {
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

template <class T, int L>
void global_average_pool_forward(exec::omp e, tensor_view<T const, L> x, tensor_view<T, L> y) {
  int const pixels = x.extent().pixels();
  exec::parallel_for(e, x.blocks(), [&](int b, int) {
    for (int c = 0; c < x.extent().channels; ++c) {
      T const* const plane = x.block(b) + c * pixels * L;
      vec<T, L> sum{};
      for (int p = 0; p < pixels; ++p) sum += load<L>(plane + p * L);
      store<L>(y.block(b) + c * L, sum / static_cast<T>(pixels));
    }
  });
}

template <class T, int L>
void global_average_pool_backward(exec::omp e, tensor_view<T const, L> dy, tensor_view<T, L> dx, bool accumulate) {
  int const pixels = dx.extent().pixels();
  exec::parallel_for(e, dx.blocks(), [&](int b, int) {
    for (int c = 0; c < dx.extent().channels; ++c) {
      vec<T, L> const d = load<L>(dy.block(b) + c * L) / static_cast<T>(pixels);
      T* const plane = dx.block(b) + c * pixels * L;
      for (int p = 0; p < pixels; ++p) store<L>(plane + p * L, accumulate ? load<L>(plane + p * L) + d : d);
    }
  });
}

namespace detail {

/// Calls f(row of the large side, row of the small side) for every pixel that the padded shortcut copies.
template <class F>
void for_each_padded_shortcut_pixel(shape in, shape out, int stride, F&& f) {
  int const before = (out.channels - in.channels) / 2;
  for (int c = 0; c < in.channels; ++c)
    for (int y = 0; y < out.height; ++y)
      for (int x = 0; x < out.width; ++x) f(in.row(c, y * stride, x * stride), out.row(c + before, y, x));
}

}  // namespace detail

/// y = x subsampled by `stride`, channels padded with zeros: (out - in) / 2 of them before the old ones, the rest
/// after.
template <exec::policy E, class T, int L>
void padded_shortcut_forward(E e, int stride, tensor_view<T const, L> x, tensor_view<T, L> y) {
  exec::parallel_for(
      e, x.blocks(),
      [&](int b, int) {
        std::fill_n(y.block(b), y.block_stride(), T{});
        detail::for_each_padded_shortcut_pixel(
            x.extent(), y.extent(), stride,
            [&](int from, int to) { store<L>(y.block(b) + to * L, load<L>(x.block(b) + from * L)); });
      });
}

/// dx: the derivative of what was copied, zero elsewhere (added to dx if `accumulate`).
template <exec::policy E, class T, int L>
void padded_shortcut_backward(E e, int stride, tensor_view<T const, L> dy, tensor_view<T, L> dx, bool accumulate) {
  exec::parallel_for(
      e, dx.blocks(),
      [&](int b, int) {
        if (!accumulate) std::fill_n(dx.block(b), dx.block_stride(), T{});
        detail::for_each_padded_shortcut_pixel(
            dx.extent(), dy.extent(), stride,
            [&](int to, int from) {
              store<L>(dx.block(b) + to * L, load<L>(dx.block(b) + to * L) + load<L>(dy.block(b) + from * L));
            });
      });
}

}  // namespace papillon::nn
