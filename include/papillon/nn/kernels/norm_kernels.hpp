// SPDX-License-Identifier: MIT
/// \file norm_kernels.hpp
/// Batch normalisation as kernels; formulas and source in nn/kernels/normalise.hpp. A thread block forms the sums of
/// one channel of one block of images; one thread a channel merges them in the order of the blocks, in double; then
/// every value is computed by itself. No atomic operation, the same bits every time.
#pragma once

#include <cmath>
#include <cstddef>

#include <papillon/exec/block.hpp>
#include <papillon/exec/shared_array.hpp>
#include <papillon/nn/kernels/elementwise.hpp>
#include <papillon/tensor/shape.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// Where a channel's values of one block of images lie, and how the threads share them: thread t has lane t % 32 of the
/// pixels t / 32, t / 32 + warps, ...
struct norm_plane {
  shape extent;
  int images;
  /// Thread blocks, one a channel and block of images, which is `part % image_blocks()`.
  [[nodiscard]] PAPILLON_HD int parts() const { return extent.channels * image_blocks(); }
  [[nodiscard]] PAPILLON_HD int image_blocks() const { return exec::blocks_for(images, exec::warp); }
  [[nodiscard]] PAPILLON_HD int images_in(int b) const {
    int const left = images - b * exec::warp;
    return left < exec::warp ? left : exec::warp;
  }
  /// Of value i of the whole tensor.
  [[nodiscard]] PAPILLON_HD int channel_of(int i) const { return i / exec::warp / extent.pixels() % extent.channels; }
  [[nodiscard]] PAPILLON_HD bool has_image(int i) const {
    return i / exec::warp / extent.size() * exec::warp + i % exec::warp < images;
  }
  /// First value of channel c in block b.
  [[nodiscard]] PAPILLON_HD std::ptrdiff_t first(int c, int b) const {
    return (static_cast<std::ptrdiff_t>(b) * extent.size() + static_cast<std::ptrdiff_t>(c) * extent.pixels()) *
           exec::warp;
  }
};

/// Two sums of a part, written by one of its threads.
template <class Block, class T>
PAPILLON_HD void store_pair(Block& block, T* partial, T first, T second) {
  block.phase_nosync([&](int t) {
    if (t != 0) return;
    partial[2 * block.index()] = first;
    partial[2 * block.index() + 1] = second;
  });
}

/// partial[channel][block of images] = mean, sum of squared deviations from it.
template <class T>
struct norm_moments {
  static constexpr int threads = 256;
  struct shared {
    exec::shared_array<T, threads / exec::warp> partial;
  };
  norm_plane plane;
  T const* x;
  T* partial;

  [[nodiscard]] char const* name() const { return "norm, moments"; }
  [[nodiscard]] exec::cost work() const {
    double const n = packed_size(plane.extent.size(), plane.images);
    return {4 * n, sizeof(T) * n};
  }
  [[nodiscard]] PAPILLON_HD int blocks() const { return plane.parts(); }
  template <class Block>
  PAPILLON_HD void operator()(Block& block, shared& s) const {
    int const b = block.index() % plane.image_blocks(), c = block.index() / plane.image_blocks();
    T const* const from = x + plane.first(c, b);
    int const count = plane.extent.pixels() * exec::warp, images = plane.images_in(b);
    typename Block::template per_thread<T> sum;
    block.phase_nosync([&](int t) {
      T v{};
      for (int i = t; i < count; i += threads) v += from[i];  // padding lanes are zero
      sum[t] = v;
    });
    T const mean = exec::sum(block, sum, s.partial) / static_cast<T>(images * plane.extent.pixels());
    block.phase_nosync([&](int t) {
      T v{};
      if (t % exec::warp < images)
        for (int i = t; i < count; i += threads) {
          T const d = from[i] - mean;
          v += d * d;
        }
      sum[t] = v;
    });
    T const squares = exec::sum(block, sum, s.partial);
    store_pair(block, partial, mean, squares);
  }
};

/// Statistics of a channel from those of its blocks (Chan et al., 1979): mean and 1 / sqrt(var + epsilon) for the
/// passes that follow, and the running ones.
template <class T>
struct norm_statistics {
  static constexpr char const* name = "norm, statistics";
  static constexpr int flops = 0, bytes = 8 * sizeof(T);
  norm_plane plane;
  T const* partial;
  T *mean, *inv_std, *running_mean, *running_var;
  double epsilon, momentum;

  [[nodiscard]] PAPILLON_HD int size() const { return plane.extent.channels; }
  PAPILLON_HD void operator()(int c) const {
    double count = 0, m = 0, squares = 0;
    for (int b = 0; b < plane.image_blocks(); ++b) {
      T const* const p = partial + 2 * (c * plane.image_blocks() + b);
      double const n = static_cast<double>(plane.images_in(b)) * plane.extent.pixels(), total = count + n,
                   delta = static_cast<double>(p[0]) - m;
      m = std::fma(delta, n / total, m);
      squares += std::fma(delta * delta, count * n / total, static_cast<double>(p[1]));
      count = total;
    }
    mean[c] = static_cast<T>(m);
    inv_std[c] = static_cast<T>(1 / std::sqrt(squares / count + epsilon));
    double const unbiased = count > 1 ? squares / (count - 1) : 0.0;
    running_mean[c] = static_cast<T>(
        std::fma(momentum, m - static_cast<double>(running_mean[c]), static_cast<double>(running_mean[c])));
    running_var[c] = static_cast<T>(
        std::fma(momentum, unbiased - static_cast<double>(running_var[c]), static_cast<double>(running_var[c])));
  }
};

/// For evaluation: inv_std = 1 / sqrt(running variance + epsilon).
template <class T>
struct norm_running_inv_std {
  static constexpr char const* name = "norm, running statistics";
  static constexpr int flops = 0, bytes = 2 * sizeof(T);
  T const* running_var;
  T* inv_std;
  int channels;
  double epsilon;

  [[nodiscard]] PAPILLON_HD int size() const { return channels; }
  PAPILLON_HD void operator()(int c) const {
    inv_std[c] = static_cast<T>(1 / std::sqrt(static_cast<double>(running_var[c]) + epsilon));
  }
};

/// y = act(gamma (x - mean) inv_std + beta [+ shortcut])
template <class T>
struct norm_value {
  static constexpr char const* name = "norm";
  static constexpr int flops = 4, bytes = 3 * sizeof(T);
  norm_plane plane;
  T const *x, *shortcut;  ///< shortcut may be null
  T* y;
  T const *gamma, *beta, *mean, *inv_std;
  bool relu;

  [[nodiscard]] PAPILLON_HD int size() const { return packed_size(plane.extent.size(), plane.images); }
  PAPILLON_HD void operator()(int i) const {
    int const c = plane.channel_of(i);
    T v = gamma[c] * ((x[i] - mean[c]) * inv_std[c]) + beta[c];
    if (shortcut != nullptr) v += shortcut[i];
    if (relu && !(v > T{})) v = T{};
    y[i] = plane.has_image(i) ? v : T{};
  }
};

/// partial[channel][block of images] = sum of d, sum of d * (x - mean) inv_std, with d = dy where the activation let it
/// through; d also goes to the shortcut's derivative, if there is one.
template <class T>
struct norm_derivative_sums {
  static constexpr int threads = 256;
  struct shared {
    exec::shared_array<T, threads / exec::warp> partial;
  };
  norm_plane plane;
  T const *x, *y, *dy, *mean, *inv_std;
  T *dshortcut, *partial;  ///< dshortcut may be null
  bool relu, accumulate_shortcut;

  [[nodiscard]] char const* name() const { return "norm, sums for backward"; }
  [[nodiscard]] exec::cost work() const {
    double const n = packed_size(plane.extent.size(), plane.images);
    return {5 * n, sizeof(T) * n * (dshortcut == nullptr ? 3 : 4)};
  }
  [[nodiscard]] PAPILLON_HD int blocks() const { return plane.parts(); }
  template <class Block>
  PAPILLON_HD void operator()(Block& block, shared& s) const {
    int const b = block.index() % plane.image_blocks(), c = block.index() / plane.image_blocks();
    std::ptrdiff_t const first = plane.first(c, b);
    int const count = plane.extent.pixels() * exec::warp;
    typename Block::template per_thread<T> sum, product;
    block.phase_nosync([&](int t) {
      T v{}, w{};
      for (int i = t; i < count; i += threads) {
        std::ptrdiff_t const at = first + i;
        T const d = relu && !(y[at] > T{}) ? T{} : dy[at];  // zero in padding lanes, as dy is
        v += d;
        w = std::fma(d, (x[at] - mean[c]) * inv_std[c], w);
        if (dshortcut != nullptr) store_or_add(dshortcut[at], d, accumulate_shortcut);
      }
      sum[t] = v;
      product[t] = w;
    });
    T const total = exec::sum(block, sum, s.partial), total_product = exec::sum(block, product, s.partial);
    store_pair(block, partial, total, total_product);
  }
};

/// dgamma and dbeta (added to), and the means of the two sums.
template <class T>
struct norm_derivative_means {
  static constexpr char const* name = "norm, means for backward";
  static constexpr int flops = 0, bytes = 8 * sizeof(T);
  norm_plane plane;
  T const* partial;
  T *dgamma, *dbeta, *means;  ///< means: two a channel

  [[nodiscard]] PAPILLON_HD int size() const { return plane.extent.channels; }
  PAPILLON_HD void operator()(int c) const {
    double sum = 0, product = 0;
    for (int b = 0; b < plane.image_blocks(); ++b) {
      T const* const p = partial + 2 * (c * plane.image_blocks() + b);
      sum += static_cast<double>(p[0]);
      product += static_cast<double>(p[1]);
    }
    double const count = static_cast<double>(plane.images) * plane.extent.pixels();
    dgamma[c] += static_cast<T>(product);
    dbeta[c] += static_cast<T>(sum);
    means[2 * c] = static_cast<T>(sum / count);
    means[2 * c + 1] = static_cast<T>(product / count);
  }
};

/// dx = gamma inv_std (d - mean of d - (x - mean) inv_std * mean of the products)
template <class T>
struct norm_derivative {
  static constexpr char const* name = "norm, backward";
  static constexpr int flops = 8, bytes = 4 * sizeof(T);
  norm_plane plane;
  T const *x, *y, *dy, *gamma, *mean, *inv_std, *means;
  T* dx;
  bool relu, accumulate;

  [[nodiscard]] PAPILLON_HD int size() const { return packed_size(plane.extent.size(), plane.images); }
  PAPILLON_HD void operator()(int i) const {
    int const c = plane.channel_of(i);
    T const d = relu && !(y[i] > T{}) ? T{} : dy[i];
    T const normalised = (x[i] - mean[c]) * inv_std[c];
    T const v = gamma[c] * inv_std[c] * std::fma(-normalised, means[2 * c + 1], d - means[2 * c]);
    if (plane.has_image(i)) store_or_add(dx[i], v, accumulate);
    else dx[i] = T{};
  }
};

}  // namespace papillon::nn
