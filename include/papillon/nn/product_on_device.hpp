// SPDX-License-Identifier: MIT
/// \file product_on_device.hpp
/// Convolutions and linear layers of every structure as kernels; see ops/device/structured_product.hpp.
#pragma once

#include <utility>

#include <papillon/nn/device_layer.hpp>
#include <papillon/ops/device/structured_product.hpp>

namespace papillon::nn {

template <class T>
class product_on_device final : public device_layer<T> {
 public:
  explicit product_on_device(ops::device::structured_product product) : product_(std::move(product)) {}

  [[nodiscard]] std::size_t scratch_size(int images, mode m) const override { return product_.scratch(images, m == mode::train); }
  void forward(kernel::device const& on, device_forward_args<T> const& a) const override {
    product_.forward(on, a.tables, a.parameters, a.x, a.y, a.images, a.scratch);
  }
  void backward(kernel::device const& on, device_backward_args<T> const& a) const override {
    product_.backward(on, a.tables, a.parameters, a.x, a.dy, a.dx, a.accumulate_dx, a.gradient, a.images, a.scratch);
  }

 private:
  ops::device::structured_product product_;
};

}  // namespace papillon::nn
