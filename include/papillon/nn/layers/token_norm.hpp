// SPDX-License-Identifier: MIT
/// \file token_norm.hpp
/// Layer normalisation of tokens (extent E x T x 1: E numbers of each of T tokens):
///   y = gamma * (x - mean) / sqrt(var + eps) + beta,  mean and biased var over the numbers of a token.
/// J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", 2016. Parameters weight, bias; no state; the backward
/// pass forms the statistics again.
#pragma once

#include <cmath>

#include <papillon/nn/kernels/group_norm_kernels.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/tensor/tensor.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// The tokens of a batch; `item` numbers them, those of a block of images side by side.
struct token_plane {
  int numbers, tokens;

  /// Where number e of a token stands.
  [[nodiscard]] PAPILLON_HD int row(int item, int e) const {
    return (item / tokens * numbers + e) * tokens + item % tokens;
  }
};

/// Of a token mean and 1 / sqrt(var + epsilon): rows item and `tokens of the batch` + item of what follows.
template <class T> struct token_statistics {
  static constexpr char const* name = "token norm, statistics";
  static constexpr int flops = 256, bytes = 64 * sizeof(T), grain = 64;
  token_plane place;
  T const* x;
  T* statistics;
  int items;
  T epsilon;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    auto mean = lanes.all(T{}), squares = mean;
    for (int e = 0; e < place.numbers; ++e) mean += lanes.load(x, place.row(item, e));
    mean /= static_cast<T>(place.numbers);
    for (int e = 0; e < place.numbers; ++e) {
      auto const d = lanes.load(x, place.row(item, e)) - mean;
      squares += d * d;
    }
    squares /= static_cast<T>(place.numbers);
    lanes.store(statistics, item, mean);
    lanes.store(statistics, items + item,
        map_lanes<T>(squares, [e = epsilon](T variance) { return T{1} / std::sqrt(variance + e); }));
  }
};

template <class T> struct token_norm_value {
  static constexpr char const* name = "token norm";
  static constexpr int flops = 256, bytes = 128 * sizeof(T), grain = 64;
  token_plane place;
  int images;
  T const *x, *statistics, *gamma, *beta;
  T* y;
  int items;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    auto const mean = lanes.load(statistics, item), inv_std = lanes.load(statistics, items + item);
    int const left = images - item / place.tokens * Lanes::count;
    for (int e = 0; e < place.numbers; ++e) {
      auto const v = gamma[e] * ((lanes.load(x, place.row(item, e)) - mean) * inv_std) + beta[e];
      lanes.store(y, place.row(item, e), left < Lanes::count ? lanes.first(left, v) : v);
    }
  }
};

/// dx = inv_std (gamma dy - mean of gamma dy - n * mean of gamma dy n),  n = (x - mean) inv_std.
template <class T> struct token_norm_derivative {
  static constexpr char const* name = "token norm, backward";
  static constexpr int flops = 768, bytes = 256 * sizeof(T), grain = 64;
  token_plane place;
  T const *x, *statistics, *dy, *gamma;
  T* dx;
  int items;
  bool accumulate;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    auto const mean = lanes.load(statistics, item), inv_std = lanes.load(statistics, items + item);
    auto sum = lanes.all(T{}), product = sum;
    for (int e = 0; e < place.numbers; ++e) {
      auto const d = gamma[e] * lanes.load(dy, place.row(item, e));
      sum += d;
      product += d * ((lanes.load(x, place.row(item, e)) - mean) * inv_std);
    }
    sum /= static_cast<T>(place.numbers);
    product /= static_cast<T>(place.numbers);
    for (int e = 0; e < place.numbers; ++e) {
      int const row = place.row(item, e);
      auto const n = (lanes.load(x, row) - mean) * inv_std;
      exec::store_or_add(lanes, dx, row, inv_std * (gamma[e] * lanes.load(dy, row) - sum - n * product), accumulate);
    }
  }
};

/// What each image adds to the derivatives of the parameters of one number; item: block * numbers + number.
template <class T> struct token_norm_sums {
  static constexpr char const* name = "token norm, sums of images";
  static constexpr int flops = 64, bytes = 32 * sizeof(T), grain = 64;
  token_plane place;
  T const *x, *statistics, *dy;
  group_norm_sums<T> sums;
  int items;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    int const block = item / place.numbers, e = item % place.numbers;
    auto weight = lanes.all(T{}), bias = weight;
    for (int t = 0; t < place.tokens; ++t) {
      int const token = block * place.tokens + t, row = place.row(token, e);
      auto const d = lanes.load(dy, row);
      weight += d * ((lanes.load(x, row) - lanes.load(statistics, token)) * lanes.load(statistics, items + token));
      bias += d;
    }
    lanes.store(sums.rows, block * sums.block_rows + e, weight);
    lanes.store(sums.rows, block * sums.block_rows + sums.biases + e, bias);
  }
};

class token_norm {
 public:
  static constexpr bool forms_image_gradients = true;

  explicit token_norm(shape extent, double epsilon = 1e-5) : extent_(extent), epsilon_(epsilon) {}

  [[nodiscard]] shape input() const { return extent_; }
  [[nodiscard]] shape output() const { return extent_; }
  [[nodiscard]] std::vector<slot> parameters() const {
    auto const numbers = static_cast<std::size_t>(extent_.channels);
    return {make_slot("weight", slot_kind::norm_weight, {numbers}), make_slot("bias", slot_kind::norm_bias, {numbers})};
  }

  [[nodiscard]] std::size_t scratch_size(exec::seq, int, int, mode) const { return 0; }
  /// Two statistics a token, and in training two sums a number and image.
  template <exec::place P> [[nodiscard]] std::size_t scratch_size(P const&, int lanes, int images, mode how) const {
    int const rows = extent_.pixels() + (how == mode::train ? extent_.channels : 0);
    return 2 * static_cast<std::size_t>(rows) * static_cast<std::size_t>(exec::blocks_for(images, lanes) * lanes);
  }

  template <class T, int L> void forward(exec::seq, forward_args<T, L> const& a) const {
    for (int n = 0; n < a.x.images(); ++n)
      for (int t = 0; t < extent_.pixels(); ++t) {
        auto const s = statistics(a.x, n, t);
        for (int e = 0; e < extent_.channels; ++e)
          a.y.at(n, row(e, t)) = a.parameters[at(e)] * ((a.x.at(n, row(e, t)) - s.mean) * s.inv_std) +
                                 a.parameters[at(extent_.channels + e)];
      }
    clear_padding(a.y);
  }
  template <class T, int L> void backward(exec::seq, backward_args<T, L> const& a) const {
    for (int n = 0; n < a.x.images(); ++n)
      for (int t = 0; t < extent_.pixels(); ++t) {
        auto const s = statistics(a.x, n, t);
        auto const normalised = [&](int e) { return (a.x.at(n, row(e, t)) - s.mean) * s.inv_std; };
        double sum = 0, product = 0;
        for (int e = 0; e < extent_.channels; ++e) {
          T const d = a.dy.at(n, row(e, t));
          a.gradient[at(e)] += d * normalised(e);
          a.gradient[at(extent_.channels + e)] += d;
          sum += static_cast<double>(a.parameters[at(e)] * d);
          product += static_cast<double>(a.parameters[at(e)] * d * normalised(e));
        }
        if (a.dx.empty()) continue;
        T const mean_d = static_cast<T>(sum / extent_.channels),
                mean_product = static_cast<T>(product / extent_.channels);
        for (int e = 0; e < extent_.channels; ++e) {
          T const d = s.inv_std * (a.parameters[at(e)] * a.dy.at(n, row(e, t)) - mean_d - normalised(e) * mean_product);
          a.dx.at(n, row(e, t)) = a.accumulate_dx ? a.dx.at(n, row(e, t)) + d : d;
        }
      }
    if (!a.dx.empty()) clear_padding(a.dx);
  }

  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    int const items = a.x.blocks() * extent_.pixels();
    exec::for_each_row<L>(e, items, token_statistics<T>{plane(), a.x.data(), a.scratch.data(), items, epsilon<T>()});
    exec::for_each_row<L>(e, items,
        token_norm_value<T>{plane(), a.x.images(), a.x.data(), a.scratch.data(), a.parameters.data(),
            a.parameters.data() + extent_.channels, a.y.data(), items});
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    int const items = a.x.blocks() * extent_.pixels();
    T* const statistics = a.scratch.data();
    exec::for_each_row<L>(e, items, token_statistics<T>{plane(), a.x.data(), statistics, items, epsilon<T>()});
    if (!a.dx.empty())
      exec::for_each_row<L>(e, items,
          token_norm_derivative<T>{
              plane(), a.x.data(), statistics, a.dy.data(), a.parameters.data(), a.dx.data(), items, a.accumulate_dx});
    bool const by_images = !a.image_gradients.empty();
    group_norm_sums<T> const sums = by_images
                                        ? group_norm_sums<T>{a.image_gradients.data(),
                                              static_cast<int>(a.image_gradients.block_stride() / L), extent_.channels}
                                        : group_norm_sums<T>{statistics + static_cast<std::ptrdiff_t>(2 * items) * L,
                                              2 * extent_.channels, extent_.channels};
    exec::for_each_row<L>(e, a.x.blocks() * extent_.channels,
        token_norm_sums<T>{plane(), a.x.data(), statistics, a.dy.data(), sums, items});
    if (by_images) return;
    exec::for_each(e, extent_.channels,
        group_norm_parameter_sums<T>{
            {extent_, 1, a.x.images(), L}, sums, a.gradient.data(), a.gradient.data() + extent_.channels});
  }

 private:
  template <class T> struct token_values { T mean, inv_std; };
  [[nodiscard]] token_plane plane() const { return {extent_.channels, extent_.pixels()}; }
  template <class T> [[nodiscard]] T epsilon() const { return static_cast<T>(epsilon_); }
  [[nodiscard]] static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  [[nodiscard]] int row(int number, int token) const { return number * extent_.pixels() + token; }
  template <class T, int L>
  [[nodiscard]] token_values<T> statistics(tensor_view<T const, L> x, int image, int token) const {
    double sum = 0, squares = 0;
    for (int e = 0; e < extent_.channels; ++e) sum += static_cast<double>(x.at(image, row(e, token)));
    double const mean = sum / extent_.channels;
    for (int e = 0; e < extent_.channels; ++e)
      squares += std::pow(static_cast<double>(x.at(image, row(e, token))) - mean, 2);
    return {static_cast<T>(mean), static_cast<T>(1 / std::sqrt(squares / extent_.channels + epsilon_))};
  }

  shape extent_;
  double epsilon_;
};

static_assert(runs_on<token_norm, exec::seq> && runs_on<token_norm, exec::emulated>);

}  // namespace papillon::nn

#pragma GCC diagnostic pop
