// SPDX-License-Identifier: MIT
/// \file networks.hpp
/// The layers and networks of the tests over all policies, of 32 lanes.
/// They take long to compile, so networks.cpp does it once for all.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/network.hpp>

namespace papillon::test {

/// papillon::cuda has kernels of float. Elsewhere double: in float now and then an activation is so near to zero that
/// rounding decides whether ReLU lets its derivative through, and gradients cannot be compared closely.
using scalar = std::conditional_t<exec::cuda_available, float, double>;
inline constexpr int lanes = exec::device_lanes;
using network = nn::network<scalar, lanes>;

/// A layer with values for its parameters, those that a mask removes zero.
struct layer_case {
  std::string name;
  nn::any_layer<scalar, lanes> layer;
  bool shortcut = false;  ///< whether it is given a second input
  std::vector<scalar> parameters;
  bool own_statistics = false;  ///< whether it forms statistics in evaluation, too
};

/// Convolutions and linear layers of every structure, batch and group norm, ReLU, pooling, the padded shortcut.
std::vector<layer_case> const& layer_cases();

network make_resnet(nn::resnet_options const& o);

/// A network of each structure with values for its parameters.
struct network_case {
  std::string name;
  network net;
  std::vector<std::uint8_t> mask;  ///< empty: nothing is pruned
  nn::weights<scalar> initial;
};

/// ResNets of depth 8: dense, masked (sparse, and dense enough to be multiplied in full), chains of two and of three
/// factors.
std::vector<network_case> resnets(int width, shape input, nn::norm_form norm = nn::norm_form::batch);

/// One residual block with a chain and a masked convolution, on images of 3 x 2 x 2.
network_case residual_block();

}  // namespace papillon::test
