// SPDX-License-Identifier: MIT
/// \file product_on_device.hpp
/// Convolutions and linear layers of every structure as kernels; see nn/kernels/structured_product.hpp.
#pragma once

#include <utility>

#include <papillon/nn/kernels/structured_product.hpp>
#include <papillon/nn/run/device_layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class T>
class product_on_device final : public device_layer<T> {
 public:
  explicit product_on_device(nn::structured_product product) : product_(std::move(product)) {}

  [[nodiscard]] std::size_t scratch_size(int images, mode m) const override {
    return product_.scratch(images, m == mode::train);
  }
  void forward(exec::device const& on, device_forward_args<T> const& a) const override {
    product_.forward(on, a.tables, a.parameters, a.x, a.y, a.images, a.scratch);
  }
  void backward(exec::device const& on, device_backward_args<T> const& a) const override {
    product_.backward(on, a.tables, a.parameters, a.x, a.dy, a.dx, a.accumulate_dx, a.gradient, a.images, a.scratch);
  }

 private:
  nn::structured_product product_;
};

}  // namespace papillon::nn
