// SPDX-License-Identifier: MIT
/// \file place.hpp
/// Places buffers with known lifetimes in one arena, so that those which never live at the same time share storage.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

namespace detail {

/// A buffer wanted during steps first .. last, both included.
struct lifetime {
  std::size_t size;
  int first, last;
  std::size_t offset = 0;
};

/// Gives every buffer an offset so that those alive together do not overlap: largest first, at the lowest free place.
/// Returns the arena's size.
inline std::size_t place(std::span<lifetime> buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(
      order.begin(), order.end(), [&](std::size_t l, std::size_t r) { return buffers[l].size > buffers[r].size; });
  std::size_t total = 0;
  std::vector<lifetime const*> placed;  // by offset
  for (std::size_t i : order) {
    lifetime& b = buffers[i];
    b.offset = 0;
    if (b.size == 0) continue;
    for (lifetime const* p : placed)
      if (p->first <= b.last && b.first <= p->last && p->offset < b.offset + b.size && b.offset < p->offset + p->size)
        b.offset = p->offset + p->size;
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), &b, [](auto* l, auto* r) { return l->offset < r->offset; }), &b);
    total = std::max(total, b.offset + b.size);
  }
  return total;
}

}  // namespace detail

}  // namespace papillon::nn
