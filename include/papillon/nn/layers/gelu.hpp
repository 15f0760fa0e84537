// SPDX-License-Identifier: MIT
/// \file gelu.hpp
/// y = x Phi(x), Phi the normal distribution, by the error function. D. Hendrycks, K. Gimpel, "Gaussian error linear
/// units", 2016, equation 1.
#pragma once

#include <numbers>

#include <papillon/nn/kernels/lane_functions.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/tensor/tensor.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

template <class T> [[nodiscard]] PAPILLON_HD T gelu_of(T x) {
  return x * (T{1} + std::erf(x * std::numbers::sqrt2_v<T> / T{2})) / T{2};
}
/// Phi(x) + x phi(x).
template <class T> [[nodiscard]] PAPILLON_HD T gelu_slope(T x) {
  constexpr T root_of_half_over_pi = std::numbers::inv_sqrtpi_v<T> / std::numbers::sqrt2_v<T>;
  return (T{1} + std::erf(x * std::numbers::sqrt2_v<T> / T{2})) / T{2} +
         x * root_of_half_over_pi * std::exp(-x * x / T{2});
}

template <class T> struct gelu_value {
  static constexpr char const* name = "gelu";
  static constexpr int flops = 30, bytes = 2 * sizeof(T), grain = 512;
  T const* x;
  T* y;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    lanes.store(y, row,
        map_lanes<T>(
            lanes.load(x, row), [](T v) { return gelu_of(v); }));
  }
};
template <class T> struct gelu_derivative {
  static constexpr char const* name = "gelu, backward";
  static constexpr int flops = 60, bytes = 3 * sizeof(T), grain = 512;
  T const *x, *dy;
  T* dx;
  bool accumulate;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    auto const slope = map_lanes<T>(lanes.load(x, row), [](T v) { return gelu_slope(v); });
    exec::store_or_add(lanes, dx, row, slope * lanes.load(dy, row), accumulate);
  }
};

class gelu {
 public:
  explicit gelu(shape extent) : extent_(extent) {}

  [[nodiscard]] shape input() const { return extent_; }
  [[nodiscard]] shape output() const { return extent_; }
  [[nodiscard]] std::vector<slot> parameters() const { return {}; }

  template <class T, int L> void forward(exec::seq, forward_args<T, L> const& a) const {
    for (int n = 0; n < a.x.images(); ++n)
      for (int r = 0; r < extent_.size(); ++r) a.y.at(n, r) = gelu_of(a.x.at(n, r));
    clear_padding(a.y);
  }
  template <class T, int L> void backward(exec::seq, backward_args<T, L> const& a) const {
    if (a.dx.empty()) return;
    for (int n = 0; n < a.x.images(); ++n)
      for (int r = 0; r < extent_.size(); ++r) {
        T const d = gelu_slope(a.x.at(n, r)) * a.dy.at(n, r);
        a.dx.at(n, r) = a.accumulate_dx ? a.dx.at(n, r) + d : d;
      }
    clear_padding(a.dx);
  }
  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    exec::for_each_row<L>(e, a.x.blocks() * extent_.size(), gelu_value<T>{a.x.data(), a.y.data()});
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    if (a.dx.empty()) return;
    exec::for_each_row<L>(
        e, a.x.blocks() * extent_.size(), gelu_derivative<T>{a.x.data(), a.dy.data(), a.dx.data(), a.accumulate_dx});
  }

 private:
  shape extent_;
};

static_assert(runs_on<gelu, exec::seq> && runs_on<gelu, exec::emulated>);

}  // namespace papillon::nn

#pragma GCC diagnostic pop
