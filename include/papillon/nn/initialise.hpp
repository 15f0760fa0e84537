// SPDX-License-Identifier: MIT
/// \file initialise.hpp
/// First values of a network, as PyTorch has them: weights and biases uniform in (-1/sqrt(n), 1/sqrt(n)) with n the
/// fan-in of the slot; batch norm weight 1, bias 0, running mean 0, running variance 1. Every slot draws from a
/// sequence of its own, keyed by its name: networks that share a layer start from the same values in it.
#pragma once

#include <papillon/nn/run/network.hpp>
#include <papillon/random/distributions.hpp>
#include <papillon/random/engine.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

namespace detail {
/// 40 bits of the FNV-1a hash of a name: an item of a random stream.
[[nodiscard]] constexpr std::uint64_t item_of(std::string_view name) {
  std::uint64_t h = 0xcbf29ce484222325ull;
  for (char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return (h ^ h >> 40) & ((std::uint64_t{1} << 40) - 1);
}
}  // namespace detail

template <class T, int Lanes>
[[nodiscard]] weights<T> initialise(network<T, Lanes> const& net, random::stream const& stream) {
  weights<T> w{std::vector<T>(net.parameter_count()), std::vector<T>(net.state_count())};
  for (slot const& s : net.parameters()) {
    if (s.kind == slot_kind::norm_weight) {
      std::fill_n(w.parameters.begin() + static_cast<std::ptrdiff_t>(s.offset), s.size, T{1});
    } else if (s.kind != slot_kind::norm_bias) {
      T const bound = static_cast<T>(1 / std::sqrt(static_cast<double>(s.fan_in)));
      random::engine draw(stream, 0, detail::item_of(s.name));
      for (std::size_t i = 0; i < s.size; ++i) w.parameters[s.offset + i] = random::uniform<T>(draw, -bound, bound);
    }
  }
  for (slot const& s : net.state())
    if (s.kind == slot_kind::running_var)
      std::fill_n(w.state.begin() + static_cast<std::ptrdiff_t>(s.offset), s.size, T{1});
  auto const learned = learned_parameters(net);  // a masked weight is zero off its mask
  for (std::size_t k = 0; k < learned.size(); ++k)
    if (learned[k] == 0) w.parameters[k] = T{};
  return w;
}

}  // namespace papillon::nn
