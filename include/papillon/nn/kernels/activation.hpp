// SPDX-License-Identifier: MIT
/// \file activation.hpp
/// ReLU y = max(0, x), and its derivative read off y > 0 (zero at zero, as in PyTorch).
#pragma once

#include <algorithm>

#include <papillon/exec/for_each.hpp>
#include <papillon/tensor/tensor_view.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

template <class T, int L> void relu_forward(exec::seq, tensor_view<T const, L> x, tensor_view<T, L> y) {
  for (int b = 0; b < x.blocks(); ++b)
    for (int i = 0; i < x.extent().size() * L; ++i) y.block(b)[i] = std::max(x.block(b)[i], T{});
}

/// dx = dy where y > 0, else 0 (added to dx if `accumulate`).
template <class T, int L>
void relu_backward(
    exec::seq, tensor_view<T const, L> y, tensor_view<T const, L> dy, tensor_view<T, L> dx, bool accumulate) {
  for (int b = 0; b < y.blocks(); ++b)
    for (int i = 0; i < y.extent().size() * L; ++i) {
      T const d = y.block(b)[i] > T{} ? dy.block(b)[i] : T{};
      dx.block(b)[i] = accumulate ? dx.block(b)[i] + d : d;
    }
}

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

}  // namespace papillon::nn

#pragma GCC diagnostic pop
