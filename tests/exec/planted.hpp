// SPDX-License-Identifier: MIT
/// \file planted.hpp
/// Small kernels for the tests of the executors: correct ones, and ones with one planted error each.
#pragma once

#include <papillon/exec/block.hpp>
#include <papillon/exec/shared_array.hpp>

namespace papillon::test {

/// out[i] = in[block * 64 + 63 - i % 64]: through shared memory, each thread reading what another wrote.
/// Without the barrier (Synced = false) what a thread reads depends on who came first.
template <bool Synced> struct mirror {
  static constexpr int threads = 64;
  struct shared {
    exec::shared_array<float, threads> v;
  };
  float const* in;
  float* out;
  int count;  ///< a multiple of 64

  [[nodiscard]] PAPILLON_HD int blocks() const { return count / threads; }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared& s) const {
    int const first = block.index() * threads;
    auto const fill = [&](int t) { s.v[t] = in[first + t]; };
    if constexpr (Synced) block.phase(fill);
    else block.phase_nosync(fill);
    block.phase_nosync([&](int t) { out[first + t] = s.v[threads - 1 - t]; });
  }
};

/// Every thread of a block adds to one shared number: a race inside a block.
struct shared_race {
  static constexpr int threads = 32;
  struct shared {
    exec::shared_array<int, 1> sum;
  };
  int* out;

  [[nodiscard]] PAPILLON_HD int blocks() const { return 1; }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared& s) const {
    block.phase([&](int t) {
      if (t == 0) s.sum[0] = 0;
    });
    block.phase([&](int t) { s.sum[0] += t; });
    block.phase_nosync([&](int t) {
      if (t == 0) out[0] = s.sum[0];
    });
  }
};

/// One block of a warp with as many shared numbers as threads.
struct one_warp {
  static constexpr int threads = 32;
  struct shared {
    exec::shared_array<float, threads> v;
  };
  float* out;

  [[nodiscard]] PAPILLON_HD int blocks() const { return 1; }
};

/// Reads in the phase that writes: a race that another order of the threads shows too.
struct phase_race : one_warp {
  template <class Block> PAPILLON_HD void operator()(Block& block, shared& s) const {
    block.phase([&](int t) {
      s.v[t] = static_cast<float>(t);
      out[t] = s.v[(t + 1) % threads];
    });
  }
};

/// Every block writes the same place: a race between blocks.
struct block_race {
  static constexpr int threads = 32;
  struct shared {};
  int* out;

  [[nodiscard]] PAPILLON_HD int blocks() const { return 8; }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared&) const {
    block.phase_nosync([&](int t) { out[t] = block.index(); });
  }
};

/// Reads a shared number that nobody wrote.
struct unwritten : one_warp {
  template <class Block> PAPILLON_HD void operator()(Block& block, shared& s) const {
    block.phase([&](int t) {
      if (t != 5) s.v[t] = 1;
    });
    block.phase_nosync([&](int t) { out[t] = s.v[t]; });
  }
};

/// Writes one past the end of a shared array.
struct outside {
  static constexpr int threads = 32;
  struct shared {
    exec::shared_array<float, threads> v;
    exec::shared_array<float, threads> neighbour;
  };

  [[nodiscard]] PAPILLON_HD int blocks() const { return 3; }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared& s) const {
    block.phase([&](int t) { s.v[t + 1] = 0; });
    block.phase([&](int t) { s.neighbour[t] = s.v[t]; });
  }
};

/// Per block the sum of its 128 numbers, each lane's warp sum, and what every thread remembers across phases.
template <class T> struct block_sums {
  static constexpr int threads = 128;
  struct shared {
    exec::shared_array<T, threads / exec::warp> partial;
  };
  T const* in;
  T* sums;       ///< one a block
  T* warp_sums;  ///< two a thread: of its number and of its square
  int count;     ///< of blocks

  [[nodiscard]] PAPILLON_HD int blocks() const { return count; }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared& s) const {
    int const first = block.index() * threads;
    typename Block::template per_thread<T> v;
    typename Block::template per_thread<exec::values<T, 2>> both;
    block.phase_nosync([&](int t) {
      v[t] = in[first + t];
      both[t][0] = v[t];
      both[t][1] = v[t] * v[t];
    });
    block.sum_lanes(both);
    T const total = exec::sum(block, v, s.partial);
    block.phase_nosync([&](int t) {
      warp_sums[2 * (first + t)] = both[t][0];
      warp_sums[2 * (first + t) + 1] = both[t][1];
      if (t == 0) sums[block.index()] = total;
    });
  }
};

}  // namespace papillon::test
