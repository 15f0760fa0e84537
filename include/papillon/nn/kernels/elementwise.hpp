// SPDX-License-Identifier: MIT
/// \file elementwise.hpp
/// Kernels that compute every value by itself: ReLU, pooling, the padded shortcut, zeros. `elementwise` runs a small
/// struct with size() and operator()(int i) over all i, its name, and the operations and bytes of one i; a struct
/// rather than a lambda, because kernels are named in .cu files. Values are those of packed tensors, padding lanes
/// included, which come out zero as they went in.
#pragma once

#include <papillon/exec/block.hpp>
#include <papillon/exec/device.hpp>
#include <papillon/tensor/shape.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class F>
struct elementwise {
  static constexpr int threads = 256;
  struct shared {};
  F f;

  [[nodiscard]] char const* name() const { return F::name; }
  [[nodiscard]] exec::cost work() const {
    if constexpr (requires { f.work(); }) return f.work();
    else return {static_cast<double>(F::flops) * f.size(), static_cast<double>(F::bytes) * f.size()};
  }
  [[nodiscard]] PAPILLON_HD int blocks() const { return exec::blocks_for(f.size(), threads); }
  template <class Block>
  PAPILLON_HD void operator()(Block& block, shared&) const {
    block.phase_nosync([&](int t) {
      int const i = block.index() * threads + t;
      if (i < f.size()) f(i);
    });
  }
};

template <class F>
void for_each_value(exec::device const& on, F const& f) {
  on.launch(elementwise<F>{f});
}

/// Values of a packed tensor of a number of images.
[[nodiscard]] PAPILLON_HD constexpr int packed_size(int values, int images) {
  return exec::blocks_for(images, exec::warp) * values * exec::warp;
}

template <class T>
PAPILLON_HD void store_or_add(T& to, T value, bool add) {
  to = add ? to + value : value;
}

template <class T>
struct set_zero {
  static constexpr char const* name = "zeros";
  static constexpr int flops = 0, bytes = sizeof(T);
  T* x;
  int count;
  [[nodiscard]] PAPILLON_HD int size() const { return count; }
  PAPILLON_HD void operator()(int i) const { x[i] = T{}; }
};

/// y = max(0, x)
template <class T>
struct relu_value {
  static constexpr char const* name = "relu";
  static constexpr int flops = 1, bytes = 2 * sizeof(T);
  T const* x;
  T* y;
  int count;
  [[nodiscard]] PAPILLON_HD int size() const { return count; }
  PAPILLON_HD void operator()(int i) const { y[i] = x[i] > T{} ? x[i] : T{}; }
};

/// dx = dy where y > 0
template <class T>
struct relu_derivative {
  static constexpr char const* name = "relu, backward";
  static constexpr int flops = 1, bytes = 3 * sizeof(T);
  T const *y, *dy;
  T* dx;
  int count;
  bool accumulate;
  [[nodiscard]] PAPILLON_HD int size() const { return count; }
  PAPILLON_HD void operator()(int i) const { store_or_add(dx[i], y[i] > T{} ? dy[i] : T{}, accumulate); }
};

/// Mean over the pixels of a plane, for one image and channel.
template <class T>
struct pool_value {
  static constexpr char const* name = "pooling";
  T const* x;
  T* y;
  int pixels, count;  ///< count: values of y
  [[nodiscard]] exec::cost work() const { return {1.0 * pixels * count, sizeof(T) * (pixels + 1.0) * count}; }
  [[nodiscard]] PAPILLON_HD int size() const { return count; }
  PAPILLON_HD void operator()(int i) const {
    T const* const plane = x + i / exec::warp * pixels * exec::warp + i % exec::warp;
    T sum{};
    for (int p = 0; p < pixels; ++p) sum += plane[p * exec::warp];
    y[i] = sum / static_cast<T>(pixels);
  }
};

template <class T>
struct pool_derivative {
  static constexpr char const* name = "pooling, backward";
  static constexpr int flops = 1, bytes = sizeof(T);
  T const* dy;
  T* dx;
  int pixels, count;  ///< count: values of dx
  bool accumulate;
  [[nodiscard]] PAPILLON_HD int size() const { return count; }
  PAPILLON_HD void operator()(int i) const {
    T const d = dy[i / exec::warp / pixels * exec::warp + i % exec::warp];
    store_or_add(dx[i], d / static_cast<T>(pixels), accumulate);
  }
};

/// Every stride-th pixel, new channels zero on both sides: see nn/kernels/pooling.hpp.
template <class T>
struct padded_shortcut_value {
  static constexpr char const* name = "padded shortcut";
  static constexpr int flops = 0, bytes = 2 * sizeof(T);
  T const* x;
  T* y;
  shape in, out;
  int stride, count;  ///< count: values of y
  [[nodiscard]] PAPILLON_HD int size() const { return count; }
  PAPILLON_HD void operator()(int i) const {
    int const row = i / exec::warp % out.size(), b = i / exec::warp / out.size();
    int const c = row / out.pixels() - (out.channels - in.channels) / 2, p = row % out.pixels();
    bool const old = c >= 0 && c < in.channels;
    y[i] = old ? x[(b * in.size() + in.row(c, p / out.width * stride, p % out.width * stride)) * exec::warp +
                   i % exec::warp]
               : T{};
  }
};

template <class T>
struct padded_shortcut_derivative {
  static constexpr char const* name = "padded shortcut, backward";
  static constexpr int flops = 0, bytes = 3 * sizeof(T);
  T const* dy;
  T* dx;
  shape in, out;
  int stride, count;  ///< count: values of dx
  bool accumulate;
  [[nodiscard]] PAPILLON_HD int size() const { return count; }
  PAPILLON_HD void operator()(int i) const {
    int const row = i / exec::warp % in.size(), b = i / exec::warp / in.size();
    int const c = row / in.pixels(), y = row % in.pixels() / in.width, x = row % in.width;
    bool const copied = y % stride == 0 && x % stride == 0;
    int const from = b * out.size() + out.row(c + (out.channels - in.channels) / 2, y / stride, x / stride);
    store_or_add(dx[i], copied ? dy[from * exec::warp + i % exec::warp] : T{}, accumulate);
  }
};

}  // namespace papillon::nn
