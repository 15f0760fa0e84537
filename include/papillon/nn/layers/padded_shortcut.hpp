// SPDX-License-Identifier: MIT
/// \file padded_shortcut.hpp
/// The parameter-free shortcut (He et al. 2016, option A): every stride-th pixel, new channels zero. No parameters; see
/// nn/kernels/pooling.hpp.
#pragma once

#include <memory>
#include <vector>

#include <papillon/nn/kernels/pooling.hpp>
#include <papillon/nn/layers/elementwise_on_device.hpp>
#include <papillon/nn/layers/parameter_free.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

class padded_shortcut : public parameter_free {
 public:
  padded_shortcut(shape input, int channels, int stride) : input_(input), channels_(channels), stride_(stride) {}

  [[nodiscard]] shape input() const { return input_; }
  [[nodiscard]] shape output() const {
    return {channels_, (input_.height + stride_ - 1) / stride_, (input_.width + stride_ - 1) / stride_};
  }

  template <exec::policy E, class T, int L>
  void forward(E e, forward_args<T, L> const& a) const {
    nn::padded_shortcut_forward(e, stride_, a.x, a.y);
  }
  template <exec::policy E, class T, int L>
  void backward(E e, backward_args<T, L> const& a) const {
    nn::padded_shortcut_backward(e, stride_, a.dy, a.dx, a.accumulate_dx);
  }
  template <class T>
  [[nodiscard]] std::shared_ptr<device_layer<T> const> on_device(std::vector<int>&) const {
    return std::make_shared<shortcut_on_device<T>>(input(), output(), stride_);
  }

 private:
  shape input_;
  int channels_, stride_;
};

static_assert(runs_on<padded_shortcut, exec::seq> && runs_on<padded_shortcut, exec::emulated>);

}  // namespace papillon::nn
