// SPDX-License-Identifier: MIT
/// \file group_norm_kernels.hpp
/// Group normalisation for every place but `seq`; formulas and source in nn/layers/group_norm.hpp. Statistics belong to
/// an image and a group: they are formed lane by lane, a block of images and a group by one functor, which goes over
/// its rows again and again while they are in a cache. Sums over images are needed for the parameters alone: those of
/// single images go to a row of lanes each, which then are added in the order of images, in double.
#pragma once

#include <cmath>

#include <papillon/nn/kernels/lane_functions.hpp>
#include <papillon/tensor/shape.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// Where the values of a block of images and a group lie; `item` numbers them, groups of a block side by side.
struct group_plane {
  shape extent;
  int groups, images, lanes;

  [[nodiscard]] PAPILLON_HD int image_blocks() const { return exec::blocks_for(images, lanes); }
  [[nodiscard]] PAPILLON_HD int items() const { return image_blocks() * groups; }
  [[nodiscard]] PAPILLON_HD int channels() const { return extent.channels / groups; }  ///< of a group
  [[nodiscard]] PAPILLON_HD int rows() const { return channels() * extent.pixels(); }  ///< of a group
  [[nodiscard]] PAPILLON_HD int first_channel(int item) const { return item % groups * channels(); }
  [[nodiscard]] PAPILLON_HD int first_row(int item) const {
    return item / groups * extent.size() + item % groups * rows();
  }
  [[nodiscard]] PAPILLON_HD int images_in(int block) const {
    int const left = images - block * lanes;
    return left < lanes ? left : lanes;
  }
};

/// Mean and 1 / sqrt(variance + epsilon) of `rows` rows, lane by lane. In one pass, about a centre near the mean.
template <class Lanes, class T, class V>
PAPILLON_HD void group_statistics(Lanes lanes, T const* x, int first, int rows, T epsilon, V& mean, V& inv_std) {
  int const sample = rows < 8 ? rows : 8;
  V centre = lanes.load(x, first);
  for (int r = 1; r < sample; ++r) centre += lanes.load(x, first + r);
  centre /= static_cast<T>(sample);
  // two sums of each kind: an addition need not wait for the one before
  V sum = lanes.all(T{}), squares = sum, sum2 = sum, squares2 = sum;
  int r = first;
  for (; r + 2 <= first + rows; r += 2) {
    auto const d = lanes.load(x, r) - centre, d2 = lanes.load(x, r + 1) - centre;
    sum += d;
    squares += d * d;
    sum2 += d2;
    squares2 += d2 * d2;
  }
  if (r < first + rows) {
    auto const d = lanes.load(x, r) - centre;
    sum += d;
    squares += d * d;
  }
  auto const shift = (sum + sum2) / static_cast<T>(rows);
  inv_std = (squares + squares2) / static_cast<T>(rows) - shift * shift;
  inv_std = inv_std > lanes.all(T{}) ? inv_std : lanes.all(T{});
  inv_std = map_lanes<T>(inv_std, [epsilon](T variance) { return T{1} / std::sqrt(variance + epsilon); });
  mean = centre + shift;
}

/// y = act(gamma (x - mean) inv_std + beta [+ shortcut]) of an item.
template <class T> struct group_norm_value {
  static constexpr char const* name = "group norm";
  static constexpr int flops = 8, bytes = 3 * sizeof(T), grain = 1;
  group_plane plane;
  T const *x, *shortcut;  ///< shortcut may be null
  T* y;
  T const *gamma, *beta;
  T epsilon;
  bool relu;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    auto const zero = lanes.all(T{});
    auto mean = zero, inv_std = zero;
    int const first = plane.first_row(item), pixels = plane.extent.pixels(),
              images = plane.images_in(item / plane.groups);
    group_statistics(lanes, x, first, plane.rows(), epsilon, mean, inv_std);
    for (int c = 0; c < plane.channels(); ++c) {
      int const channel = plane.first_channel(item) + c;
      auto const scale = gamma[channel] * inv_std, shift = beta[channel] - scale * mean;
      for (int row = first + c * pixels; row < first + (c + 1) * pixels; ++row) {
        auto v = scale * lanes.load(x, row) + shift;
        if (shortcut != nullptr) v += lanes.load(shortcut, row);
        if (relu) v = v > zero ? v : zero;
        lanes.store(y, row, images < Lanes::count ? lanes.first(images, v) : v);
      }
    }
  }
};

/// Rows of lanes with what each image adds to the derivatives of the parameters: of a block the channels' weights and,
/// `biases` rows on, their biases; `block_rows` from block to block.
template <class T> struct group_norm_sums {
  T* rows;
  int block_rows, biases;
};

/// With d = dy where the activation let it through and n = (x - mean) inv_std, of an item:
///   dx = inv_std (gamma d - mean of gamma d - n * mean of gamma d n);  d goes to the shortcut's derivative;
///   the sums of a channel are those of d n (weight) and of d (bias).
template <class T> struct group_norm_derivative {
  static constexpr char const* name = "group norm, backward";
  static constexpr int flops = 20, bytes = 5 * sizeof(T), grain = 1;
  group_plane plane;
  T const *x, *y, *dy, *gamma;
  T *dx, *dshortcut;  ///< may be null
  group_norm_sums<T> sums;
  T epsilon;
  bool relu, accumulate, accumulate_shortcut;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    auto const zero = lanes.all(T{});
    auto mean = zero, inv_std = zero, group_d = zero, group_product = zero;
    int const first = plane.first_row(item), pixels = plane.extent.pixels();
    group_statistics(lanes, x, first, plane.rows(), epsilon, mean, inv_std);
    for (int c = 0; c < plane.channels(); ++c) {
      int const channel = plane.first_channel(item) + c;
      auto sum = zero, product = zero;
      for (int row = first + c * pixels; row < first + (c + 1) * pixels; ++row) {
        auto d = lanes.load(dy, row);
        if (relu) d = lanes.load(y, row) > zero ? d : zero;
        sum += d;
        product += d * (lanes.load(x, row) - mean);
        if (dshortcut != nullptr) exec::store_or_add(lanes, dshortcut, row, d, accumulate_shortcut);
      }
      product *= inv_std;
      int const at = item / plane.groups * sums.block_rows + channel;
      lanes.store(sums.rows, at, product);
      lanes.store(sums.rows, at + sums.biases, sum);
      group_d += gamma[channel] * sum;
      group_product += gamma[channel] * product;
    }
    if (dx == nullptr) return;
    // dx = scale d - slope x + offset
    auto const slope = inv_std * inv_std * group_product / static_cast<T>(plane.rows()),
               offset = slope * mean - inv_std * group_d / static_cast<T>(plane.rows());
    for (int c = 0; c < plane.channels(); ++c) {
      auto const scale = gamma[plane.first_channel(item) + c] * inv_std;
      for (int row = first + c * pixels; row < first + (c + 1) * pixels; ++row) {
        auto d = lanes.load(dy, row);
        if (relu) d = lanes.load(y, row) > zero ? d : zero;
        exec::store_or_add(lanes, dx, row, scale * d - slope * lanes.load(x, row) + offset, accumulate);
      }
    }
  }
};

/// dgamma and dbeta of a channel, added to, from those of single images.
template <class T> struct group_norm_parameter_sums {
  static constexpr char const* name = "group norm, sums over images";
  static constexpr int flops = 2, bytes = 2 * sizeof(T), grain = 8;
  group_plane plane;
  group_norm_sums<T> sums;
  T *dgamma, *dbeta;

  PAPILLON_HD void operator()(int channel) const {
    double product = 0, sum = 0;
    auto const value = [&](int n, int row) {
      return static_cast<double>(sums.rows[static_cast<std::ptrdiff_t>(row) * plane.lanes + n % plane.lanes]);
    };
    for (int n = 0; n < plane.images; ++n) {
      int const at = n / plane.lanes * sums.block_rows + channel;
      product += value(n, at);
      sum += value(n, at + sums.biases);
    }
    dgamma[channel] += static_cast<T>(product);
    dbeta[channel] += static_cast<T>(sum);
  }
};

}  // namespace papillon::nn

#pragma GCC diagnostic pop
