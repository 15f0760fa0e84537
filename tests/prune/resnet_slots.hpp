// SPDX-License-Identifier: MIT
/// \file resnet_slots.hpp
/// The parameter slots of the CIFAR ResNet with projection shortcuts, written down independently of the network's code.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <papillon/nn/layer.hpp>
#include <papillon/prune/magnitude.hpp>

namespace papillon::test {

/// Slots in PyTorch's order; depth 20 and width 16 give 272,474 parameters.
inline std::vector<nn::slot> resnet_slots(int depth = 20, std::size_t width = 16) {
  std::vector<nn::slot> slots;
  std::size_t offset = 0;
  auto const add = [&](std::string const& name, nn::slot_kind kind, std::vector<std::size_t> const& dims,
                       std::size_t fan_in) {
    std::size_t size = 1;
    for (std::size_t const d : dims) size *= d;
    slots.push_back({name, kind, dims, offset, size, fan_in});
    offset += size;
  };
  auto const convolution = [&](std::string const& name, std::size_t out, std::size_t in, std::size_t side) {
    add(name + ".weight", nn::slot_kind::convolution, {out, in, side, side}, in * side * side);
  };
  auto const norm = [&](std::string const& name, std::size_t channels) {
    add(name + ".weight", nn::slot_kind::norm_weight, {channels}, channels);
    add(name + ".bias", nn::slot_kind::norm_bias, {channels}, channels);
  };
  convolution("conv1", width, 3, 3);
  norm("bn1", width);
  std::size_t in = width;
  for (int segment = 1; segment <= 3; ++segment) {
    std::size_t const out = width << (segment - 1);
    for (int block = 0; block < (depth - 2) / 6; ++block) {
      std::string const name = "layer" + std::to_string(segment) + "." + std::to_string(block);
      convolution(name + ".conv1", out, in, 3);
      norm(name + ".bn1", out);
      convolution(name + ".conv2", out, out, 3);
      norm(name + ".bn2", out);
      if (in != out) {
        convolution(name + ".downsample.0", out, in, 1);
        norm(name + ".downsample.1", out);
      }
      in = out;
    }
  }
  add("fc.weight", nn::slot_kind::linear, {10, in}, in);
  add("fc.bias", nn::slot_kind::bias, {10}, in);
  return slots;
}

/// Parameters that the slots describe.
inline std::size_t size_of(std::vector<nn::slot> const& slots) { return slots.back().offset + slots.back().size; }

/// Prunable weights that are kept.
inline std::size_t prunable_kept(std::vector<nn::slot> const& slots, prune::mask const& m) {
  std::size_t count = 0;
  for (nn::slot const& s : slots)
    if (prune::prunable(s)) count += m.kept(s.offset, s.size);
  return count;
}

/// Nonzero parameters of the whole network in per cent of its parameters, batch norm and biases among them.
inline double nonzero_percentage(prune::mask const& m) {
  return 100.0 * static_cast<double>(m.kept()) / static_cast<double>(m.keep.size());
}

}  // namespace papillon::test
