// SPDX-License-Identifier: MIT
/// \file relu.hpp
/// ReLU y = max(0, x). No parameters; see nn/kernels/activation.hpp.
#pragma once

#include <papillon/nn/kernels/activation.hpp>
#include <papillon/nn/layers/parameter_free.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

class relu : public parameter_free {
 public:
  explicit relu(shape extent) : extent_(extent) {}

  [[nodiscard]] shape input() const { return extent_; }
  [[nodiscard]] shape output() const { return extent_; }

  template <class T, int L> void forward(exec::seq e, forward_args<T, L> const& a) const {
    relu_forward<T, L>(e, a.x, a.y);
  }
  template <class T, int L> void backward(exec::seq e, backward_args<T, L> const& a) const {
    if (!a.dx.empty()) relu_backward<T, L>(e, a.y, a.dy, a.dx, a.accumulate_dx);
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
