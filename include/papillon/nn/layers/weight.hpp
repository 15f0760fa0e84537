// SPDX-License-Identifier: MIT
/// \file weight.hpp
/// How a structured weight is kept in a network: a dense weight and a CSR-masked one in one slot of the layer's full
/// shape (PyTorch's; zero off the mask), a chain in one slot a factor, "factor0" leftmost, as T[a][b][c][d].
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <papillon/nn/layer.hpp>
#include <papillon/product/nonzeros.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// The form in which the operators see the coefficients of a structure S inside a network.
[[nodiscard]] inline dense const& stored(dense const& s) { return s; }
[[nodiscard]] inline product::masked stored(csr_mask const& s) { return {&s}; }
[[nodiscard]] inline runtime_chain const& stored(runtime_chain const& s) { return s; }
template <pattern... Ps>
[[nodiscard]] chain<Ps...> stored(chain<Ps...> const& s) {
  return s;
}

/// Slots of a weight whose dense shape is `dims` (rows first).
[[nodiscard]] inline std::vector<slot> weight_slots(dense const& s, slot_kind kind, std::vector<std::size_t> dims) {
  return {make_slot("weight", kind, std::move(dims), static_cast<std::size_t>(s.cols()))};
}
[[nodiscard]] inline std::vector<slot> weight_slots(csr_mask const& s, slot_kind kind, std::vector<std::size_t> dims) {
  return {make_slot("weight", kind, std::move(dims), static_cast<std::size_t>(s.cols()))};
}
/// Fan-in of a factor is its c, the nonzeros of a row.
template <class Chain>
[[nodiscard]] std::vector<slot> weight_slots(Chain const& s, slot_kind kind, std::vector<std::size_t> const&) {
  std::vector<slot> slots;
  for (pattern const& p : product::factors_of(s))
    slots.push_back(make_slot("factor" + std::to_string(slots.size()), kind,
                              {static_cast<std::size_t>(p.a), static_cast<std::size_t>(p.b),
                               static_cast<std::size_t>(p.c), static_cast<std::size_t>(p.d)},
                              static_cast<std::size_t>(p.c)));
  return slots;
}

/// Coefficients kept for a structure, off-support zeros of a masked weight included.
template <class S>
[[nodiscard]] std::size_t stored_size(S const& s) {
  std::size_t n = 0;
  for (auto const& f : product::factors_of(stored(s))) n += product::storage_of(f);
  return n;
}

}  // namespace papillon::nn
