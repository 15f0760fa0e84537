// SPDX-License-Identifier: MIT
/// \file weight.hpp
/// How a structured weight is kept in a network. One factor is the slot "weight": of a dense weight and of a CSR-masked
/// one in the layer's full shape (PyTorch's; zero off the mask), of a structure of yours as long as its storage.
/// Several factors, and those of chains, have a slot each, "factor0" leftmost; a Kronecker factor's is T[a][b][c][d].
#pragma once

#include <algorithm>
#include <concepts>
#include <utility>
#include <vector>

#include <papillon/nn/layer.hpp>
#include <papillon/product/masked.hpp>
#include <papillon/structure/factor_name.hpp>
#include <papillon/structure/pattern.hpp>
#include <papillon/structure/size.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// The form in which products see the coefficients of a structure inside a network.
template <structure S> [[nodiscard]] S const& stored(S const& s) { return s; }
[[nodiscard]] inline product::masked stored(csr_mask const& s) { return {&s}; }

/// Slots of a weight whose dense shape is `dims` (rows first). Fan-in is the largest number of nonzeros of a row; of a
/// masked weight that of the dense one, from which it was pruned.
template <structure S>
[[nodiscard]] std::vector<slot> weight_slots(S const& s, slot_kind kind, std::vector<std::size_t> const& dims) {
  using factor = factor_of<S>;
  std::vector<slot> slots;
  for (factor const& f : factors_of(s)) {
    bool constexpr in_full = std::same_as<factor, dense> || std::same_as<factor, csr_mask>;
    std::vector<std::size_t> in_row(
        static_cast<std::size_t>(f.rows()), in_full ? static_cast<std::size_t>(f.cols()) : 0);
    if constexpr (!in_full) f.for_each_nonzero([&](int r, int, int) { ++in_row[static_cast<std::size_t>(r)]; });
    std::vector<std::size_t> shape{static_cast<std::size_t>(f.storage())};
    if constexpr (std::same_as<factor, pattern>)
      shape = {static_cast<std::size_t>(f.a), static_cast<std::size_t>(f.b), static_cast<std::size_t>(f.c),
          static_cast<std::size_t>(f.d)};
    else if (in_full) shape = dims;
    bool constexpr alone = std::same_as<factor, S> && !std::same_as<factor, pattern>;
    slots.push_back(make_slot(alone ? "weight" : factor_name(slots.size()), kind, std::move(shape),
        *std::max_element(in_row.begin(), in_row.end())));
  }
  return slots;
}

/// Which coefficients of a structure may be other than zero; empty: all of them.
template <class S> [[nodiscard]] std::vector<bool> support_of(S const&) { return {}; }
[[nodiscard]] inline std::vector<bool> support_of(csr_mask const& s) {
  auto const m = stored(s);
  std::vector<bool> support(coefficients(m));
  for (auto const& f : factors_of(m))
    f.for_each_nonzero([&](int, int, int i) { support[static_cast<std::size_t>(i)] = true; });
  return support;
}

}  // namespace papillon::nn
