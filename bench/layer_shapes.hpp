// SPDX-License-Identifier: MIT
/// \file layer_shapes.hpp
/// The convolutions of ResNet-20, and their names in all benchmarks, ours and others'.
#pragma once

#include <string>

#include <papillon/nn/kernels/convolution.hpp>

namespace bench {

struct layer_shape {
  int in, out, side, stride, kernel = 3;
  [[nodiscard]] papillon::nn::convolution_geometry geometry() const {
    return {{in, side, side}, out, kernel, stride, kernel / 2};
  }
  [[nodiscard]] int columns() const { return in * kernel * kernel; }
  [[nodiscard]] std::string name() const {
    return std::to_string(in) + "->" + std::to_string(out) + "/side:" + std::to_string(side) +
           "/stride:" + std::to_string(stride) + (kernel == 1 ? "/1x1" : "");
  }
};

/// In the order of the network; the last two are the shortcuts.
inline constexpr layer_shape layer_shapes[] = {{3, 16, 32, 1}, {16, 16, 32, 1}, {16, 32, 32, 2}, {32, 32, 16, 1},
    {32, 64, 16, 2}, {64, 64, 8, 1}, {16, 32, 32, 2, 1}, {32, 64, 16, 2, 1}};

}  // namespace bench
