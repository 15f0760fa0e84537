// SPDX-License-Identifier: MIT
/// \file norm_statistics.hpp
/// What batch normalisation knows of a channel, gathered in pieces so that the passes over memory of other operations
/// can form it on the way: `moments` of the values forward, `norm_sums` of the derivatives backward. A piece belongs to
/// a block of images; pieces are merged in the order of the blocks, whatever thread formed them. Merging: Chan, Golub
/// and LeVeque (1979). Derivative of the normalisation: Ioffe and Szegedy (2015).
#pragma once

#include <cmath>
#include <utility>

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

/// Number, mean and sum of squared deviations of a set of values.
struct moments {
  double count = 0, mean = 0, squares = 0;
  void merge(moments const& o) {
    if (o.count == 0) return;
    double const total = count + o.count, delta = o.mean - mean;
    mean += delta * (o.count / total);
    squares += o.squares + delta * delta * (count * o.count / total);
    count = total;
  }
};

/// Sums of d and of d * (x - mean) / std, d being the derivative with respect to a norm's output before its activation.
struct norm_sums {
  double d = 0, product = 0;
};

/// A norm's values of one training step, C each.
template <class T> struct norm_channels {
  T *mean, *inv_std;
  T *scale, *shift;   ///< y = scale * x + shift
  T *slope, *offset;  ///< dx = scale * d - slope * (x - mean) - offset
  static constexpr std::size_t arrays = 6;
  /// In storage for arrays * channels values.
  static norm_channels in(T* storage, std::size_t channels) {
    return {storage, storage + channels, storage + 2 * channels, storage + 3 * channels, storage + 4 * channels,
        storage + 5 * channels};
  }
};

/// 1 in lanes that hold an image, 0 in padding.
template <class T, int L> [[nodiscard]] vec<T, L> lane_mask(int images) {
  vec<T, L> m{};
  for (int i = 0; i < images; ++i) m[i] = T{1};
  return m;
}

/// running += momentum * (batch - running), with the unbiased variance, as PyTorch has it.
template <class T> void update_running(T& running_mean, T& running_var, moments const& m, double momentum) {
  double const unbiased = m.count > 1 ? m.squares / (m.count - 1) : 0.0;
  running_mean = static_cast<T>((1 - momentum) * static_cast<double>(running_mean) + momentum * m.mean);
  running_var = static_cast<T>((1 - momentum) * static_cast<double>(running_var) + momentum * unbiased);
}

/// Moments of `count` registers of which the first `images` lanes count (the others are zero), about a centre near
/// their mean, in one pass; f(position, register) is called on the way and may round what then counts.
template <int L, class T, class F> [[nodiscard]] moments moments_of(T const* v, int count, int images, F const& f) {
  int const sample = count < 8 ? count : 8;
  vec<T, L> first{};
  for (int p = 0; p < sample; ++p) first += load<L>(v + p * L);
  T const centre = horizontal_sum<T, L>(first) / static_cast<T>(sample * images);
  vec<T, L> const c = images == L ? broadcast<L>(centre) : broadcast<L>(centre) * lane_mask<T, L>(images);
  vec<T, L> sum{}, squares{};
  for (int p = 0; p < count; ++p) {
    vec<T, L> value = load<L>(v + p * L);
    f(p, value);
    vec<T, L> const d = value - c;
    sum += d;
    squares += d * d;
  }
  double const n = static_cast<double>(count) * images, shift = static_cast<double>(horizontal_sum<T, L>(sum)) / n;
  double const about_centre = static_cast<double>(horizontal_sum<T, L>(squares));
  return {n, static_cast<double>(centre) + shift,
      about_centre > n * shift * shift ? about_centre - n * shift * shift : 0.0};
}

/// From the moments of a channel to what the norm needs of it; running statistics are updated.
template <class T>
void finish_norm(std::size_t channel, moments const& m, batch_norm_options const& o, T gamma, T beta,
    norm_channels<T> const& to, T& running_mean, T& running_var) {
  to.mean[channel] = static_cast<T>(m.mean);
  to.inv_std[channel] = static_cast<T>(1 / std::sqrt(m.squares / m.count + o.epsilon));
  to.scale[channel] = gamma * to.inv_std[channel];
  to.shift[channel] = beta - to.scale[channel] * to.mean[channel];
  update_running(running_mean, running_var, m, o.momentum);
}

/// A channel's (scale, shift) in evaluation: y = scale * x + shift.
template <class T>
[[nodiscard]] std::pair<T, T> evaluation_map(
    batch_norm_options const& o, T gamma, T beta, T running_mean, T running_var) {
  T const scale = gamma * static_cast<T>(1 / std::sqrt(static_cast<double>(running_var) + o.epsilon));
  return {scale, beta - scale * running_mean};
}

/// From the sums of a channel over `count` values to its derivatives.
template <class T>
void finish_norm_backward(
    std::size_t channel, norm_sums const& s, double count, norm_channels<T> const& to, T& dgamma, T& dbeta) {
  dgamma += static_cast<T>(s.product);
  dbeta += static_cast<T>(s.d);
  to.slope[channel] = to.scale[channel] * to.inv_std[channel] * static_cast<T>(s.product / count);
  to.offset[channel] = to.scale[channel] * static_cast<T>(s.d / count);
}

}  // namespace papillon::nn

#pragma GCC diagnostic pop
