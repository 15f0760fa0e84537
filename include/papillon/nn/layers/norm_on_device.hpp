// SPDX-License-Identifier: MIT
/// \file norm_on_device.hpp
/// Batch normalisation, with the shortcut's addition and ReLU, as kernels; see nn/kernels/norm_kernels.hpp.
/// Saved: mean and 1 / standard deviation of each channel.
#pragma once

#include <papillon/nn/kernels/norm_kernels.hpp>
#include <papillon/nn/kernels/normalise.hpp>
#include <papillon/nn/run/device_layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class T>
class norm_on_device final : public device_layer<T> {
 public:
  norm_on_device(shape extent, nn::batch_norm_options const& options) : extent_(extent), options_(options) {}

  [[nodiscard]] std::size_t scratch_size(int images, mode) const override {
    // Two sums for a channel and block of images, then two means a channel; in evaluation one value a channel.
    return 2 * static_cast<std::size_t>(extent_.channels) *
           static_cast<std::size_t>(exec::blocks_for(images, exec::warp) + 1);
  }
  void forward(exec::device const& on, device_forward_args<T> const& a) const override {
    using namespace nn;
    int const c = extent_.channels;
    norm_plane const plane{extent_, a.images};
    T const *mean = a.state, *inv_std = a.scratch;
    if (a.how == mode::train) {
      on.launch(norm_moments<T>{plane, a.x, a.scratch});
      for_each_value(on, norm_statistics<T>{plane, a.scratch, a.saved, a.saved + c, a.state, a.state + c,
                                            options_.epsilon, options_.momentum});
      mean = a.saved;
      inv_std = a.saved + c;
    } else {
      for_each_value(on, norm_running_inv_std<T>{a.state + c, a.scratch, c, options_.epsilon});
    }
    for_each_value(
        on, norm_value<T>{plane, a.x, a.shortcut, a.y, a.parameters, a.parameters + c, mean, inv_std, options_.relu});
  }
  void backward(exec::device const& on, device_backward_args<T> const& a) const override {
    using namespace nn;
    int const c = extent_.channels;
    norm_plane const plane{extent_, a.images};
    T* const means = a.scratch + 2 * c * plane.image_blocks();
    on.launch(norm_derivative_sums<T>{plane, a.x, a.y, a.dy, a.saved, a.saved + c, a.dshortcut, a.scratch,
                                      options_.relu, a.accumulate_dshortcut});
    for_each_value(on, norm_derivative_means<T>{plane, a.scratch, a.gradient, a.gradient + c, means});
    if (a.dx != nullptr)
      for_each_value(on, norm_derivative<T>{plane, a.x, a.y, a.dy, a.parameters, a.saved, a.saved + c, means, a.dx,
                                            options_.relu, a.accumulate_dx});
  }

 private:
  shape extent_;
  nn::batch_norm_options options_;
};

}  // namespace papillon::nn
