// SPDX-License-Identifier: MIT
/// \file relu.hpp
/// ReLU y = max(0, x). No parameters; see nn/kernels/activation.hpp.
#pragma once

#include <memory>
#include <vector>

#include <papillon/nn/kernels/activation.hpp>
#include <papillon/nn/layers/elementwise_on_device.hpp>
#include <papillon/nn/layers/parameter_free.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

class relu : public parameter_free {
 public:
  explicit relu(shape extent) : extent_(extent) {}

  [[nodiscard]] shape input() const { return extent_; }
  [[nodiscard]] shape output() const { return extent_; }

  template <exec::policy E, class T, int L>
  void forward(E e, forward_args<T, L> const& a) const {
    nn::relu_forward<T, L>(e, a.x, a.y);
  }
  template <exec::policy E, class T, int L>
  void backward(E e, backward_args<T, L> const& a) const {
    nn::relu_backward<T, L>(e, a.y, a.dy, a.dx, a.accumulate_dx);
  }
  template <class T>
  [[nodiscard]] std::shared_ptr<device_layer<T> const> on_device(std::vector<int>&) const {
    return std::make_shared<relu_on_device<T>>(extent_);
  }

 private:
  shape extent_;
};

static_assert(runs_on<relu, exec::seq> && runs_on<relu, exec::emulated>);

}  // namespace papillon::nn
