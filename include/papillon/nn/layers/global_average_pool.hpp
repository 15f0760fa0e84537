// SPDX-License-Identifier: MIT
/// \file global_average_pool.hpp
/// Mean over the pixels of each channel, C x H x W -> C x 1 x 1. No parameters; see nn/kernels/pooling.hpp.
#pragma once

#include <papillon/nn/kernels/pooling.hpp>
#include <papillon/nn/layers/parameter_free.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

class global_average_pool : public parameter_free {
 public:
  explicit global_average_pool(shape input) : input_(input) {}

  [[nodiscard]] shape input() const { return input_; }
  [[nodiscard]] shape output() const { return {input_.channels, 1, 1}; }

  template <class T, int L> void forward(exec::seq e, forward_args<T, L> const& a) const {
    global_average_pool_forward<T, L>(e, a.x, a.y);
  }
  template <class T, int L> void backward(exec::seq e, backward_args<T, L> const& a) const {
    if (!a.dx.empty()) global_average_pool_backward<T, L>(e, a.dy, a.dx, a.accumulate_dx);
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
