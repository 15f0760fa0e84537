// SPDX-License-Identifier: MIT
/// \file global_average_pool.hpp
/// Mean over the pixels of each channel, C x H x W -> C x 1 x 1. No parameters; see nn/kernels/pooling.hpp.
#pragma once

#include <memory>
#include <vector>

#include <papillon/nn/kernels/pooling.hpp>
#include <papillon/nn/layers/elementwise_on_device.hpp>
#include <papillon/nn/layers/parameter_free.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

class global_average_pool : public parameter_free {
 public:
  explicit global_average_pool(shape input) : input_(input) {}

  [[nodiscard]] shape input() const { return input_; }
  [[nodiscard]] shape output() const { return {input_.channels, 1, 1}; }

  template <exec::policy E, class T, int L>
  void forward(E e, forward_args<T, L> const& a) const {
    nn::global_average_pool_forward<T, L>(e, a.x, a.y);
  }
  template <exec::policy E, class T, int L>
  void backward(E e, backward_args<T, L> const& a) const {
    nn::global_average_pool_backward<T, L>(e, a.dy, a.dx, a.accumulate_dx);
  }
  template <class T>
  [[nodiscard]] std::shared_ptr<device_layer<T> const> on_device(std::vector<int>&) const {
    return std::make_shared<pool_on_device<T>>(input_);
  }

 private:
  shape input_;
};

static_assert(runs_on<global_average_pool, exec::seq> && runs_on<global_average_pool, exec::emulated>);

}  // namespace papillon::nn
