// SPDX-License-Identifier: MIT
/// \file padded_shortcut.hpp
/// The parameter-free shortcut (He et al. 2016, option A): every stride-th pixel, new channels zero. No parameters; see
/// nn/kernels/pooling.hpp.
#pragma once

#include <papillon/nn/kernels/pooling.hpp>
#include <papillon/nn/layers/parameter_free.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

class padded_shortcut : public parameter_free {
 public:
  padded_shortcut(shape input, int channels, int stride) : input_(input), channels_(channels), stride_(stride) {}

  [[nodiscard]] shape input() const { return input_; }
  [[nodiscard]] shape output() const {
    return {channels_, (input_.height + stride_ - 1) / stride_, (input_.width + stride_ - 1) / stride_};
  }

  template <class T, int L> void forward(exec::seq e, forward_args<T, L> const& a) const {
    padded_shortcut_forward<T, L>(e, stride_, a.x, a.y);
  }
  template <class T, int L> void backward(exec::seq e, backward_args<T, L> const& a) const {
    if (!a.dx.empty()) padded_shortcut_backward<T, L>(e, stride_, a.dy, a.dx, a.accumulate_dx);
  }
  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    exec::for_each_row<L>(
        e, a.y.blocks() * output().size(), padded_shortcut_value<T>{a.x.data(), a.y.data(), input_, output(), stride_});
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    if (a.dx.empty()) return;
    exec::for_each_row<L>(e, a.dx.blocks() * input_.size(),
        padded_shortcut_derivative<T>{.dy = a.dy.data(),
            .dx = a.dx.data(),
            .in = input_,
            .out = output(),
            .stride = stride_,
            .accumulate = a.accumulate_dx});
  }

 private:
  shape input_;
  int channels_, stride_;
};

static_assert(runs_on<padded_shortcut, exec::seq> && runs_on<padded_shortcut, exec::emulated>);

}  // namespace papillon::nn
