// SPDX-License-Identifier: MIT
/// \file perceptron.hpp
/// Fully connected layers with ReLU between them, from vectors to logits. Layers are named as in a torch.nn.Sequential.
#pragma once

#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/run/network.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// hidden: neurons of each hidden layer. Throws papillon::error (usage) for a layer without neurons.
template <class T, int Lanes = native_lanes<T>>
[[nodiscard]] network<T, Lanes> make_perceptron(int inputs, std::vector<int> const& hidden, int outputs) {
  network<T, Lanes> net({inputs, 1, 1});
  for (int n : hidden) {
    if (n < 1) throw error(errc::usage, message("perceptron: a hidden layer of ", n, " neurons (at least one)"));
    net.add(std::to_string(net.size()), linear<dense>(dense(n, inputs)));
    net.add(std::to_string(net.size()), relu({n, 1, 1}));
    inputs = n;
  }
  net.add(std::to_string(net.size()), linear<dense>(dense(outputs, inputs)));
  return net;
}

}  // namespace papillon::nn
