// SPDX-License-Identifier: MIT
/// \file global_average_pool.hpp
/// Mean over the pixels of each channel, C x H x W -> C x 1 x 1; dx = dy / (H W) everywhere in the plane.
#pragma once

#include <papillon/nn/layer.hpp>
#include <papillon/tensor/tensor.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

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

class global_average_pool {
 public:
  explicit global_average_pool(shape input) : input_(input) {}

  [[nodiscard]] shape input() const { return input_; }
  [[nodiscard]] shape output() const { return {input_.channels, 1, 1}; }
  [[nodiscard]] std::vector<slot> parameters() const { return {}; }

  template <class T, int L> void forward(exec::seq, forward_args<T, L> const& a) const {
    int const pixels = input_.pixels();
    for (int n = 0; n < a.x.images(); ++n)
      for (int c = 0; c < input_.channels; ++c) {
        T sum{};
        for (int p = 0; p < pixels; ++p) sum += a.x.at(n, c * pixels + p);
        a.y.at(n, c) = sum / static_cast<T>(pixels);
      }
    clear_padding(a.y);
  }
  template <class T, int L> void backward(exec::seq, backward_args<T, L> const& a) const {
    if (a.dx.empty()) return;
    for (int n = 0; n < a.dx.images(); ++n)
      for (int r = 0; r < input_.size(); ++r) {
        T const d = a.dy.at(n, r / input_.pixels()) / static_cast<T>(input_.pixels());
        a.dx.at(n, r) = a.accumulate_dx ? a.dx.at(n, r) + d : d;
      }
    clear_padding(a.dx);
  }
  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    exec::for_each_row<L>(e, a.y.blocks() * input_.channels, pool_value<T>{a.x.data(), a.y.data(), input_.pixels()});
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    if (a.dx.empty()) return;
    exec::for_each_row<L>(e, a.dy.blocks() * input_.channels,
        pool_derivative<T>{a.dy.data(), a.dx.data(), input_.pixels(), a.accumulate_dx});
  }

 private:
  shape input_;
};

static_assert(runs_on<global_average_pool, exec::seq> && runs_on<global_average_pool, exec::emulated>);

}  // namespace papillon::nn

#pragma GCC diagnostic pop
