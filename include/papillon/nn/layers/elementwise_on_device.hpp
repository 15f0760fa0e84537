// SPDX-License-Identifier: MIT
/// \file elementwise_on_device.hpp
/// ReLU, global average pooling and the padded shortcut as kernels; see nn/kernels/elementwise.hpp. They need no
/// scratch.
#pragma once

#include <papillon/nn/kernels/elementwise.hpp>
#include <papillon/nn/run/device_layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class T>
class relu_on_device final : public device_layer<T> {
 public:
  explicit relu_on_device(shape extent) : extent_(extent) {}

  [[nodiscard]] std::size_t scratch_size(int, mode) const override { return 0; }
  void forward(exec::device const& on, device_forward_args<T> const& a) const override {
    nn::for_each_value(on, nn::relu_value<T>{a.x, a.y, nn::packed_size(extent_.size(), a.images)});
  }
  void backward(exec::device const& on, device_backward_args<T> const& a) const override {
    if (a.dx == nullptr) return;
    int const size = nn::packed_size(extent_.size(), a.images);
    nn::for_each_value(on, nn::relu_derivative<T>{a.y, a.dy, a.dx, size, a.accumulate_dx});
  }

 private:
  shape extent_;
};

template <class T>
class pool_on_device final : public device_layer<T> {
 public:
  explicit pool_on_device(shape input) : input_(input) {}

  [[nodiscard]] std::size_t scratch_size(int, mode) const override { return 0; }
  void forward(exec::device const& on, device_forward_args<T> const& a) const override {
    int const size = nn::packed_size(input_.channels, a.images);
    nn::for_each_value(on, nn::pool_value<T>{a.x, a.y, input_.pixels(), size});
  }
  void backward(exec::device const& on, device_backward_args<T> const& a) const override {
    if (a.dx == nullptr) return;
    int const size = nn::packed_size(input_.size(), a.images);
    nn::for_each_value(on, nn::pool_derivative<T>{a.dy, a.dx, input_.pixels(), size, a.accumulate_dx});
  }

 private:
  shape input_;
};

template <class T>
class shortcut_on_device final : public device_layer<T> {
 public:
  shortcut_on_device(shape input, shape output, int stride) : input_(input), output_(output), stride_(stride) {}

  [[nodiscard]] std::size_t scratch_size(int, mode) const override { return 0; }
  void forward(exec::device const& on, device_forward_args<T> const& a) const override {
    int const size = nn::packed_size(output_.size(), a.images);
    nn::for_each_value(on, nn::padded_shortcut_value<T>{a.x, a.y, input_, output_, stride_, size});
  }
  void backward(exec::device const& on, device_backward_args<T> const& a) const override {
    if (a.dx == nullptr) return;
    int const size = nn::packed_size(input_.size(), a.images);
    nn::for_each_value(on,
                       nn::padded_shortcut_derivative<T>{a.dy, a.dx, input_, output_, stride_, size, a.accumulate_dx});
  }

 private:
  shape input_, output_;
  int stride_;
};

}  // namespace papillon::nn
