// SPDX-License-Identifier: MIT
/// \file norm_kernels.hpp
/// Batch normalisation for every place but `seq`; formulas and source in nn/layers/batch_norm.hpp. The sums of a
/// channel in one block of images form a part; parts are merged in the order of the blocks, in double; then every value
/// is computed by itself. No atomic operation, the same bits every time.
#pragma once

#include <papillon/exec/for_each.hpp>
#include <papillon/exec/shared_array.hpp>
#include <papillon/nn/kernels/norm_statistics.hpp>
#include <papillon/tensor/shape.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// Where a channel's values of one block of images lie. On a device thread t of a thread block has lane t % 32 of the
/// pixels t / 32, t / 32 + warps, ...
struct norm_plane {
  shape extent;
  int images, lanes;
  /// One a channel and block of images, which is `part % image_blocks()`.
  [[nodiscard]] PAPILLON_HD int parts() const { return extent.channels * image_blocks(); }
  [[nodiscard]] PAPILLON_HD int image_blocks() const { return exec::blocks_for(images, lanes); }
  [[nodiscard]] PAPILLON_HD int images_in(int b) const {
    int const left = images - b * lanes;
    return left < lanes ? left : lanes;
  }
  [[nodiscard]] PAPILLON_HD int rows() const { return image_blocks() * extent.size(); }
  [[nodiscard]] PAPILLON_HD int channel_of(int row) const { return row / extent.pixels() % extent.channels; }
  /// First row of a part.
  [[nodiscard]] PAPILLON_HD int first_row(int part) const {
    return part % image_blocks() * extent.size() + part / image_blocks() * extent.pixels();
  }
};

/// Two sums of a part, written by one of its threads.
template <class Block, class T> PAPILLON_HD void store_pair(Block& block, T* partial, T first, T second) {
  block.phase_nosync([&](int t) {
    if (t != 0) return;
    partial[2 * block.index()] = first;
    partial[2 * block.index() + 1] = second;
  });
}

/// partial[channel][block of images] = mean, sum of squared deviations from it.
template <class T> struct norm_moments {
  static constexpr int threads = 256;
  struct shared {
    exec::shared_array<T, threads / exec::warp> partial;
  };
  norm_plane plane;
  T const* x;
  T* partial;

  [[nodiscard]] char const* name() const { return "norm, moments"; }
  [[nodiscard]] exec::cost work() const {
    double const n = 1.0 * plane.rows() * plane.lanes;
    return {4 * n, sizeof(T) * n};
  }
  [[nodiscard]] PAPILLON_HD int blocks() const { return plane.parts(); }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared& s) const {
    T const* const from = x + static_cast<std::ptrdiff_t>(plane.first_row(block.index())) * exec::warp;
    int const count = plane.extent.pixels() * exec::warp,
              images = plane.images_in(block.index() % plane.image_blocks());
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

/// partial[channel][block of images] = sum of d, sum of d * (x - mean) inv_std, with d = dy where the activation let it
/// through; d also goes to the shortcut's derivative, if there is one.
template <class T> struct norm_derivative_sums {
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
    double const n = 1.0 * plane.rows() * plane.lanes;
    return {5 * n, sizeof(T) * n * (dshortcut == nullptr ? 3 : 4)};
  }
  [[nodiscard]] PAPILLON_HD int blocks() const { return plane.parts(); }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared& s) const {
    int const c = block.index() / plane.image_blocks(), count = plane.extent.pixels() * exec::warp;
    std::ptrdiff_t const first = static_cast<std::ptrdiff_t>(plane.first_row(block.index())) * exec::warp;
    typename Block::template per_thread<T> sum, product;
    block.phase_nosync([&](int t) {
      T v{}, w{};
      for (int i = t; i < count; i += threads) {
        std::ptrdiff_t const at = first + i;
        T const d = relu && !(y[at] > T{}) ? T{} : dy[at];  // zero in padding lanes, as dy is
        v += d;
        w = std::fma(d, (x[at] - mean[c]) * inv_std[c], w);
        if (dshortcut != nullptr) dshortcut[at] = accumulate_shortcut ? dshortcut[at] + d : d;
      }
      sum[t] = v;
      product[t] = w;
    });
    T const total = exec::sum(block, sum, s.partial), total_product = exec::sum(block, product, s.partial);
    store_pair(block, partial, total, total_product);
  }
};

/// The same sums of one part on the host.
template <int L, class T> void form_part(norm_moments<T> const& k, int part) {
  T const* const from = k.x + static_cast<std::ptrdiff_t>(k.plane.first_row(part)) * L;
  moments const m = moments_of<L>(
      from, k.plane.extent.pixels(), k.plane.images_in(part % k.plane.image_blocks()), [](int, auto const&) {});
  k.partial[2 * part] = static_cast<T>(m.mean);
  k.partial[2 * part + 1] = static_cast<T>(m.squares);
}
template <int L, class T> void form_part(norm_derivative_sums<T> const& k, int part) {
  exec::all_lanes<L> const lanes;
  int const c = part / k.plane.image_blocks(), first = k.plane.first_row(part);
  vec<T, L> const zero{}, mean = broadcast<L>(k.mean[c]), inv_std = broadcast<L>(k.inv_std[c]);
  vec<T, L> sum{}, product{};
  for (int row = first; row < first + k.plane.extent.pixels(); ++row) {
    vec<T, L> d = lanes.load(k.dy, row);
    if (k.relu) d = lanes.load(k.y, row) > zero ? d : zero;
    sum += d;
    product += d * ((lanes.load(k.x, row) - mean) * inv_std);
    if (k.dshortcut != nullptr) exec::store_or_add(lanes, k.dshortcut, row, d, k.accumulate_shortcut);
  }
  k.partial[2 * part] = horizontal_sum<T, L>(sum);
  k.partial[2 * part + 1] = horizontal_sum<T, L>(product);
}

/// Statistics of a channel from those of its parts (Chan et al., 1979): mean and 1 / sqrt(var + epsilon) for the passes
/// that follow, and the running ones.
template <class T> struct norm_channel_statistics {
  static constexpr char const* name = "norm, statistics";
  static constexpr int flops = 0, bytes = 8 * sizeof(T);
  norm_plane plane;
  T const* partial;
  T *mean, *inv_std, *running_mean, *running_var;
  double epsilon, momentum;

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
    auto const old_mean = static_cast<double>(running_mean[c]), old_var = static_cast<double>(running_var[c]);
    running_mean[c] = static_cast<T>(std::fma(momentum, m - old_mean, old_mean));
    running_var[c] = static_cast<T>(std::fma(momentum, unbiased - old_var, old_var));
  }
};

/// For evaluation: inv_std = 1 / sqrt(running variance + epsilon).
template <class T> struct norm_running_inv_std {
  static constexpr char const* name = "norm, running statistics";
  static constexpr int flops = 0, bytes = 2 * sizeof(T);
  T const* running_var;
  T* inv_std;
  double epsilon;

  PAPILLON_HD void operator()(int c) const {
    inv_std[c] = static_cast<T>(1 / std::sqrt(static_cast<double>(running_var[c]) + epsilon));
  }
};

/// A row of y = act(gamma (x - mean) inv_std + beta [+ shortcut])
template <class T> struct norm_value {
  static constexpr char const* name = "norm";
  static constexpr int flops = 4, bytes = 3 * sizeof(T);
  norm_plane plane;
  T const *x, *shortcut;  ///< shortcut may be null
  T* y;
  T const *gamma, *beta, *mean, *inv_std;
  bool relu;

  struct channel {
    T gamma, beta, mean, inv_std;
  };
  [[nodiscard]] PAPILLON_HD channel of(int c) const { return {gamma[c], beta[c], mean[c], inv_std[c]}; }
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    compute(lanes, row, of(plane.channel_of(row)), plane.images_in(row / plane.extent.size()));
  }
  template <class Lanes> PAPILLON_HD void compute(Lanes lanes, int row, channel const& k, int images) const {
    auto const zero = lanes.all(T{});
    auto v = k.gamma * ((lanes.load(x, row) - k.mean) * k.inv_std) + k.beta;
    if (shortcut != nullptr) v += lanes.load(shortcut, row);
    if (relu) v = v > zero ? v : zero;
    lanes.store(y, row, images < Lanes::count ? lanes.first(images, v) : v);
  }
};

/// dgamma and dbeta (added to), and the means of the two sums.
template <class T> struct norm_derivative_means {
  static constexpr char const* name = "norm, means for backward";
  static constexpr int flops = 0, bytes = 8 * sizeof(T);
  norm_plane plane;
  T const* partial;
  T *dgamma, *dbeta, *means;  ///< means: two a channel

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

/// A row of dx = gamma inv_std (d - mean of d - (x - mean) inv_std * mean of the products)
template <class T> struct norm_derivative {
  static constexpr char const* name = "norm, backward";
  static constexpr int flops = 8, bytes = 4 * sizeof(T);
  norm_plane plane;
  T const *x, *y, *dy, *gamma, *mean, *inv_std, *means;
  T* dx;
  bool relu, accumulate;

  struct channel {
    T gamma, mean, inv_std, mean_d, mean_product;
  };
  [[nodiscard]] PAPILLON_HD channel of(int c) const {
    return {gamma[c], mean[c], inv_std[c], means[2 * c], means[2 * c + 1]};
  }
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    compute(lanes, row, of(plane.channel_of(row)), plane.images_in(row / plane.extent.size()));
  }
  template <class Lanes> PAPILLON_HD void compute(Lanes lanes, int row, channel const& k, int images) const {
    auto const zero = lanes.all(T{});
    auto d = lanes.load(dy, row);
    if (relu) d = lanes.load(y, row) > zero ? d : zero;
    auto const normalised = (lanes.load(x, row) - k.mean) * k.inv_std;
    auto const v = k.gamma * k.inv_std * ((d - k.mean_d) - normalised * k.mean_product);
    exec::store_or_add(lanes, dx, row, images < Lanes::count ? lanes.first(images, v) : v, accumulate);
  }
};

/// The values of a part on the host: what belongs to its channel is read once.
template <int L, class F> void compute_part(F const& f, int part) {
  norm_plane const& plane = f.plane;
  F const mine = f;  // a local whose address nobody has: its pointers need not be read again after each store
  auto const channel = mine.of(part / plane.image_blocks());
  int const first = plane.first_row(part), end = first + plane.extent.pixels(),
            images = plane.images_in(part % plane.image_blocks());
  for (int row = first; row < end; ++row) mine.compute(exec::all_lanes<L>{}, row, channel, images);
}
/// All values, a block of images at a time.
template <int L, class F> void compute_values(exec::omp e, F const& f) {
  int const blocks = f.plane.image_blocks();
  exec::parallel_for(e, blocks, [&](int b, int) {
    for (int c = 0; c < f.plane.extent.channels; ++c) compute_part<L>(f, c * blocks + b);
  });
}
template <int L, class F> void compute_values(exec::device const& on, F const& f) {
  exec::for_each_row<L>(on, f.plane.rows(), f);
}

/// Of every channel its parts' sums, what follows from them, and then its values if there are `values` to be computed.
/// On the host a channel belongs to one thread, whose second pass finds it in the caches.
template <int L, class Parts, class Sums, class Values>
void run_channels(exec::omp e, Parts const& parts, Sums const& sums, Values const* values) {
  int const blocks = parts.plane.image_blocks();
  exec::parallel_for(e, parts.plane.extent.channels, [&](int c, int) {
    for (int b = 0; b < blocks; ++b) form_part<L>(parts, c * blocks + b);
    sums(c);
    for (int b = 0; b < blocks && values != nullptr; ++b) compute_part<L>(*values, c * blocks + b);
  });
}
template <int L, class Parts, class Sums, class Values>
void run_channels(exec::device const& on, Parts const& parts, Sums const& sums, Values const* values) {
  on.launch(parts);
  exec::for_each(on, parts.plane.extent.channels, sums);
  if (values != nullptr) exec::for_each_row<L>(on, parts.plane.rows(), *values);
}

}  // namespace papillon::nn

#pragma GCC diagnostic pop
