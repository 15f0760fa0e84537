// SPDX-License-Identifier: MIT
/// \file mask.hpp
/// Which entries of a network's parameter buffer are trained (1) and which are pruned, that is zero for good (0).
/// Parameters that pruning never touches (batch norm, biases) are always 1.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::prune {

/// One byte for each parameter, in the order of the parameter buffer.
struct mask {
  std::vector<std::uint8_t> keep;

  /// Entries that are not pruned.
  [[nodiscard]] std::size_t kept() const { return kept(0, keep.size()); }

  /// Entries that are not pruned among [offset, offset + size).
  [[nodiscard]] std::size_t kept(std::size_t offset, std::size_t size) const {
    std::span<std::uint8_t const> const part = std::span(keep).subspan(offset, size);
    return static_cast<std::size_t>(std::count(part.begin(), part.end(), std::uint8_t{1}));
  }

  /// Sets the pruned entries of `values` (weights, momentum or gradient; one for each parameter) to zero.
  template <class T> void apply(std::span<T> values) const {
    assert(values.size() == keep.size());
    for (std::size_t i = 0; i < keep.size(); ++i)
      if (keep[i] == 0) values[i] = T{};
  }

  friend bool operator==(mask const&, mask const&) = default;
};

/// The mask of a network that is not pruned.
[[nodiscard]] inline mask dense_mask(std::size_t parameters) { return {std::vector<std::uint8_t>(parameters, 1)}; }

}  // namespace papillon::prune
