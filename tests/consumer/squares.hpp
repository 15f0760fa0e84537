// SPDX-License-Identifier: MIT
#pragma once

#include <papillon/exec/block.hpp>

/// A kernel of one's own: y = x^2, number by number.
struct squares {
  static constexpr int threads = 64;
  struct shared {};
  float const* x;
  float* y;
  int count;

  [[nodiscard]] PAPILLON_HD int blocks() const { return papillon::exec::blocks_for(count, threads); }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared&) const {
    block.phase_nosync([&](int t) {
      int const i = block.index() * threads + t;
      if (i < count) y[i] = x[i] * x[i];
    });
  }
};
