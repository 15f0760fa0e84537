// SPDX-License-Identifier: MIT
/// \file batch_norm.hpp
/// Batch normalisation, then (optionally) the shortcut's addition and ReLU, in one pass:
///   y = act(gamma * (x - mean) / sqrt(var + eps) + beta [+ shortcut]),  mean and biased var per channel over images
///   and pixels.
/// The backward pass is that of Ioffe and Szegedy (2015); running statistics follow PyTorch: running += momentum *
/// (batch - running), with the unbiased variance. The activation's derivative is read off y > 0.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include <papillon/exec/parallel.hpp>
#include <papillon/nn/kernels/norm_statistics.hpp>
#include <papillon/tensor/tensor.hpp>
#include <papillon/tensor/vec.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

struct batch_norm_options {
  double epsilon = 1e-5;
  double momentum = 0.1;
  bool relu = false;  ///< apply max(0, .) last

  friend constexpr bool operator==(batch_norm_options const&, batch_norm_options const&) = default;
};

/// Training: statistics of the batch. `mean` and `inv_std` (C each) are kept for the backward pass.
template <class T, int L>
void batch_norm_train(exec::seq, batch_norm_options const& o, std::span<T const> gamma, std::span<T const> beta,
    tensor_view<T const, L> x, tensor_view<T const, L> shortcut, tensor_view<T, L> y, std::span<T> mean,
    std::span<T> inv_std, std::span<T> running_mean, std::span<T> running_var) {
  int const pixels = x.extent().pixels();
  for (int c = 0; c < x.extent().channels; ++c) {
    auto const i = static_cast<std::size_t>(c);
    moments m;
    double sum = 0;
    m.count = static_cast<double>(x.images()) * pixels;
    for (int n = 0; n < x.images(); ++n)
      for (int p = 0; p < pixels; ++p) sum += static_cast<double>(x.at(n, c * pixels + p));
    m.mean = sum / m.count;
    for (int n = 0; n < x.images(); ++n)
      for (int p = 0; p < pixels; ++p) m.squares += std::pow(static_cast<double>(x.at(n, c * pixels + p)) - m.mean, 2);
    mean[i] = static_cast<T>(m.mean);
    inv_std[i] = static_cast<T>(1 / std::sqrt(m.squares / m.count + o.epsilon));
    update_running(running_mean[i], running_var[i], m, o.momentum);
    for (int n = 0; n < x.images(); ++n)
      for (int p = 0; p < pixels; ++p) {
        int const r = c * pixels + p;
        T v = gamma[i] * ((x.at(n, r) - mean[i]) * inv_std[i]) + beta[i];
        if (!shortcut.empty()) v += shortcut.at(n, r);
        y.at(n, r) = o.relu ? std::max(v, T{}) : v;
      }
  }
  clear_padding(y);
}

/// Evaluation: running statistics.
template <class T, int L>
void batch_norm_eval(exec::seq, batch_norm_options const& o, std::span<T const> gamma, std::span<T const> beta,
    tensor_view<T const, L> x, tensor_view<T const, L> shortcut, tensor_view<T, L> y, std::span<T const> running_mean,
    std::span<T const> running_var) {
  int const pixels = x.extent().pixels();
  for (int c = 0; c < x.extent().channels; ++c) {
    auto const i = static_cast<std::size_t>(c);
    T const inv_std = static_cast<T>(1 / std::sqrt(static_cast<double>(running_var[i]) + o.epsilon));
    for (int n = 0; n < x.images(); ++n)
      for (int p = 0; p < pixels; ++p) {
        int const r = c * pixels + p;
        T v = gamma[i] * ((x.at(n, r) - running_mean[i]) * inv_std) + beta[i];
        if (!shortcut.empty()) v += shortcut.at(n, r);
        y.at(n, r) = o.relu ? std::max(v, T{}) : v;
      }
  }
  clear_padding(y);
}

/// From dy to dx (unless empty; added if `accumulate`), the shortcut's derivative (likewise), and those of gamma and
/// beta (added).
template <class T, int L>
void batch_norm_backward(exec::seq, batch_norm_options const& o, std::span<T const> gamma, tensor_view<T const, L> x,
    tensor_view<T const, L> y, tensor_view<T const, L> dy, std::span<T const> mean, std::span<T const> inv_std,
    tensor_view<T, L> dx, bool accumulate, tensor_view<T, L> dshortcut, bool accumulate_shortcut, std::span<T> dgamma,
    std::span<T> dbeta) {
  int const pixels = x.extent().pixels();
  double const count = static_cast<double>(x.images()) * pixels;
  for (int c = 0; c < x.extent().channels; ++c) {
    auto const i = static_cast<std::size_t>(c);
    auto const active = [&](int n, int r) { return o.relu && !(y.at(n, r) > T{}) ? T{} : dy.at(n, r); };
    double sum = 0, product = 0;
    for (int n = 0; n < x.images(); ++n)
      for (int p = 0; p < pixels; ++p) {
        int const r = c * pixels + p;
        double const d = static_cast<double>(active(n, r));
        sum += d;
        product += d * static_cast<double>((x.at(n, r) - mean[i]) * inv_std[i]);
        if (!dshortcut.empty()) dshortcut.at(n, r) = (accumulate_shortcut ? dshortcut.at(n, r) : T{}) + active(n, r);
      }
    dgamma[i] += static_cast<T>(product);
    dbeta[i] += static_cast<T>(sum);
    if (dx.empty()) continue;
    T const mean_d = static_cast<T>(sum / count), mean_p = static_cast<T>(product / count),
            scale = gamma[i] * inv_std[i];
    for (int n = 0; n < x.images(); ++n)
      for (int p = 0; p < pixels; ++p) {
        int const r = c * pixels + p;
        T const d = scale * (active(n, r) - mean_d - (x.at(n, r) - mean[i]) * inv_std[i] * mean_p);
        dx.at(n, r) = accumulate ? dx.at(n, r) + d : d;
      }
  }
  if (!dx.empty()) clear_padding(dx);
  if (!dshortcut.empty()) clear_padding(dshortcut);
}

namespace detail {

/// y = act(scale * x + shift [+ shortcut]) over one channel plane of one block.
template <class T, int L>
void normalise_plane(T const* x, T const* shortcut, T* y, int pixels, T scale, T shift, bool relu) {
  vec<T, L> const a = broadcast<L>(scale), b = broadcast<L>(shift), zero{};
  for (int p = 0; p < pixels; ++p) {
    vec<T, L> v = a * load<L>(x + p * L) + b;
    if (shortcut != nullptr) v += load<L>(shortcut + p * L);
    if (relu) v = v > zero ? v : zero;
    store<L>(y + p * L, v);
  }
}

/// Zeroes the padding lanes of one channel plane of the last block.
template <class T, int L> void clear_plane_padding(T* plane, int pixels, int images) {
  if (images < L)
    for (int p = 0; p < pixels; ++p) std::fill(plane + p * L + images, plane + (p + 1) * L, T{});
}

}  // namespace detail

/// y = act(scale * x + shift [+ shortcut]) with (scale, shift) = map(channel), a block of images at a time.
template <class T, int L, class Map>
void normalise(exec::omp e, Map const& map, bool relu, tensor_view<T const, L> x, tensor_view<T const, L> shortcut,
    tensor_view<T, L> y) {
  int const pixels = x.extent().pixels();
  std::ptrdiff_t const plane = static_cast<std::ptrdiff_t>(pixels) * L;
  exec::parallel_for(e, x.blocks(), [&](int b, int) {
    for (int c = 0; c < x.extent().channels; ++c) {
      auto const [scale, shift] = map(c);
      T* const out = y.block(b) + c * plane;
      detail::normalise_plane<T, L>(x.block(b) + c * plane, shortcut.empty() ? nullptr : shortcut.block(b) + c * plane,
          out, pixels, scale, shift, relu);
      detail::clear_plane_padding<T, L>(out, pixels, x.images_in(b));
    }
  });
}

/// The derivative with respect to a norm's output becomes, in place, that before the activation (zero where y is not
/// positive, with relu); sums[block][channel] receives what the norm's own derivative needs.
template <class T, int L>
void norm_backward_sums(exec::omp e, bool relu, tensor_view<T const, L> x, tensor_view<T const, L> y,
    tensor_view<T, L> d, norm_channels<T> const& norm, norm_sums* sums) {
  int const pixels = x.extent().pixels(), channels = x.extent().channels;
  std::ptrdiff_t const plane = static_cast<std::ptrdiff_t>(pixels) * L;
  exec::parallel_for(e, x.blocks(), [&](int b, int) {
    for (int c = 0; c < channels; ++c) {
      T const *const xb = x.block(b) + c * plane, *const yb = y.block(b) + c * plane;
      T* const db = d.block(b) + c * plane;
      vec<T, L> const zero{}, m = broadcast<L>(norm.mean[c]);
      vec<T, L> sum{}, product{};
      for (int p = 0; p < pixels; ++p) {
        vec<T, L> v = load<L>(db + p * L);
        if (relu) {
          v = load<L>(yb + p * L) > zero ? v : zero;
          store<L>(db + p * L, v);
        }
        sum += v;
        product += v * (load<L>(xb + p * L) - m);
      }
      sums[b * channels + c] = {static_cast<double>(horizontal_sum<T, L>(sum)),
          static_cast<double>(horizontal_sum<T, L>(product)) * static_cast<double>(norm.inv_std[c])};
    }
  });
}

/// A channel's (scale, shift) in evaluation: y = scale * x + shift.
template <class T>
[[nodiscard]] std::pair<T, T> evaluation_map(
    batch_norm_options const& o, T gamma, T beta, T running_mean, T running_var) {
  T const scale = gamma * static_cast<T>(1 / std::sqrt(static_cast<double>(running_var) + o.epsilon));
  return {scale, beta - scale * running_mean};
}

}  // namespace papillon::nn

#pragma GCC diagnostic pop
