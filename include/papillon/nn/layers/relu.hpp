// SPDX-License-Identifier: MIT
/// \file relu.hpp
/// ReLU y = max(0, x), and its derivative read off y > 0 (zero at zero, as in PyTorch).
#pragma once

#include <papillon/nn/layer.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// A row of y = max(0, x).
template <class T> struct relu_value {
  static constexpr char const* name = "relu";
  static constexpr int flops = 1, bytes = 2 * sizeof(T);
  T const* x;
  T* y;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    auto const v = lanes.load(x, row), zero = lanes.all(T{});
    lanes.store(y, row, v > zero ? v : zero);
  }
};

/// A row of dx = dy where y > 0.
template <class T> struct relu_derivative {
  static constexpr char const* name = "relu, backward";
  static constexpr int flops = 1, bytes = 3 * sizeof(T);
  T const *y, *dy;
  T* dx;
  bool accumulate;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    auto const zero = lanes.all(T{}), d = lanes.load(dy, row);
    exec::store_or_add(lanes, dx, row, lanes.load(y, row) > zero ? d : zero, accumulate);
  }
};

class relu {
 public:
  explicit relu(shape extent) : extent_(extent) {}

  [[nodiscard]] shape input() const { return extent_; }
  [[nodiscard]] shape output() const { return extent_; }
  [[nodiscard]] std::vector<slot> parameters() const { return {}; }

  template <class T, int L> void forward(exec::seq, forward_args<T, L> const& a) const {
    for (int b = 0; b < a.x.blocks(); ++b)
      for (int i = 0; i < extent_.size() * L; ++i) a.y.block(b)[i] = std::max(a.x.block(b)[i], T{});
  }
  template <class T, int L> void backward(exec::seq, backward_args<T, L> const& a) const {
    if (a.dx.empty()) return;
    for (int b = 0; b < a.y.blocks(); ++b)
      for (int i = 0; i < extent_.size() * L; ++i) {
        T const d = a.y.block(b)[i] > T{} ? a.dy.block(b)[i] : T{};
        a.dx.block(b)[i] = a.accumulate_dx ? a.dx.block(b)[i] + d : d;
      }
  }
  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    exec::for_each_row<L>(e, a.x.blocks() * extent_.size(), relu_value<T>{a.x.data(), a.y.data()});
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    if (a.dx.empty()) return;
    exec::for_each_row<L>(
        e, a.x.blocks() * extent_.size(), relu_derivative<T>{a.y.data(), a.dy.data(), a.dx.data(), a.accumulate_dx});
  }

 private:
  shape extent_;
};

static_assert(runs_on<relu, exec::seq> && runs_on<relu, exec::emulated>);

}  // namespace papillon::nn

#pragma GCC diagnostic pop
