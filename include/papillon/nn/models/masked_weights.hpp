// SPDX-License-Identifier: MIT
/// \file masked_weights.hpp
/// What a mask makes of the weights of a network that is being built: without one they are dense, with one CSR, of what
/// it keeps. A mask has one byte a parameter of the network, 0 = pruned, in the order of the slots. Used by the models
/// that can be pruned.
#pragma once

#include <cstdint>
#include <span>

#include <papillon/nn/run/network.hpp>
#include <papillon/structure/csr_mask.hpp>
#include <papillon/structure/dense.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// The layer make(structure) for a weight of rows x cols whose slot comes next in `net`. Throws papillon::error
/// (bad_input) for a mask that ends before it.
template <class T, int Lanes, class Make>
[[nodiscard]] any_layer<T, Lanes> make_masked(
    network<T, Lanes> const& net, std::span<std::uint8_t const> mask, int rows, int cols, Make const& make) {
  if (mask.empty()) return make(dense(rows, cols));
  std::size_t const size = static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
  if (net.parameter_count() + size > mask.size())
    throw error(errc::bad_input, message("network: mask of ", mask.size(),
                                     " entries is too short (one per parameter) make one for this network"));
  return make(csr_mask(rows, cols, mask.subspan(net.parameter_count(), size)));
}

/// Throws papillon::error (bad_input) unless there is no mask, or one of an entry a parameter of the finished network.
template <class T, int Lanes> void require_mask_of(network<T, Lanes> const& net, std::span<std::uint8_t const> mask) {
  if (!mask.empty() && mask.size() != net.parameter_count())
    throw error(errc::bad_input, message("network: mask of ", mask.size(), " entries (", net.parameter_count(),
                                     " parameters) a mask has one entry per parameter"));
}

}  // namespace papillon::nn
