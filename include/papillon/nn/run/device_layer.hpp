// SPDX-License-Identifier: MIT
/// \file device_layer.hpp
/// A layer as kernels: what it needs on a device and how it runs there. A layer makes one from its description
/// (on_device); networks keep them in a device_workspace. All pointers are memory of the device, tensors packed with
/// device_lanes lanes.
#pragma once

#include <cstddef>

#include <papillon/exec/device.hpp>
#include <papillon/nn/layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// As forward_args, on a device.
template <class T>
struct device_forward_args {
  mode how = mode::eval;
  int images = 0;
  int const* tables = nullptr;  ///< of all layers
  T const* parameters = nullptr;
  T* state = nullptr;  ///< written in training only
  T const *x = nullptr, *shortcut = nullptr;
  T *y = nullptr, *saved = nullptr, *scratch = nullptr;
};

/// As backward_args, on a device.
template <class T>
struct device_backward_args {
  int images = 0;
  int const* tables = nullptr;
  T const* parameters = nullptr;
  T const *x = nullptr, *y = nullptr, *dy = nullptr;
  T *dx = nullptr, *dshortcut = nullptr;  ///< null where no derivative is wanted
  bool accumulate_dx = false, accumulate_dshortcut = false;
  T* gradient = nullptr;  ///< added to
  T const* saved = nullptr;
  T* scratch = nullptr;
};

template <class T>
class device_layer {
 public:
  virtual ~device_layer() = default;
  /// Values of scratch for a number of images.
  [[nodiscard]] virtual std::size_t scratch_size(int images, mode m) const = 0;
  /// Launch kernels and return; results are there after on.wait().
  virtual void forward(exec::device const& on, device_forward_args<T> const& a) const = 0;
  virtual void backward(exec::device const& on, device_backward_args<T> const& a) const = 0;
};

}  // namespace papillon::nn
