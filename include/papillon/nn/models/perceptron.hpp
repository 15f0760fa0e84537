// SPDX-License-Identifier: MIT
/// \file perceptron.hpp
/// Fully connected layers with ReLU between them, from vectors or images to logits. Layers are named as in a
/// torch.nn.Sequential, which for images starts with an nn.Flatten.
#pragma once

#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/layers/reshape.hpp>
#include <papillon/nn/models/masked_weights.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// hidden: neurons of each hidden layer. mask: one byte a parameter, 0 = pruned, which makes the weights CSR-masked
/// (biases stay); empty: not pruned; read only while the network is built. Throws papillon::error (usage) for a layer
/// without neurons, (bad_input) for a mask of another size.
template <class T, int Lanes = native_lanes<T>>
[[nodiscard]] network<T, Lanes> make_perceptron(
    shape input, std::vector<int> const& hidden, int outputs, std::span<std::uint8_t const> mask = {}) {
  network<T, Lanes> net(input);
  auto const add = [&](any_layer<T, Lanes> layer) { net.add(std::to_string(net.size()), std::move(layer)); };
  auto const add_linear = [&](int neurons) {
    add(make_masked(net, mask, neurons, net.output().size(),
        [](auto weight) -> any_layer<T, Lanes> { return linear<decltype(weight)>(std::move(weight)); }));
  };
  if (shape const flat{input.size(), 1, 1}; input != flat) add(reshape(input, flat));
  for (int const neurons : hidden) {
    if (neurons < 1)
      throw error(errc::usage, message("perceptron: a hidden layer of ", neurons, " neurons (at least one)"));
    add_linear(neurons);
    add(relu(net.output()));
  }
  add_linear(outputs);
  require_mask_of(net, mask);
  return net;
}

/// The same for vectors of so many numbers.
template <class T, int Lanes = native_lanes<T>>
[[nodiscard]] network<T, Lanes> make_perceptron(
    int inputs, std::vector<int> const& hidden, int outputs, std::span<std::uint8_t const> mask = {}) {
  return make_perceptron<T, Lanes>(shape{inputs, 1, 1}, hidden, outputs, mask);
}

}  // namespace papillon::nn
