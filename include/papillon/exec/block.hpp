// SPDX-License-Identifier: MIT
/// \file block.hpp
/// The vocabulary of device code. A kernel is a struct: `threads` (of a block, a multiple of 32), `struct shared` (what
/// the threads of a block share, uninitialised), `blocks()` (how many) and a body `operator()(Block&, shared&) const`.
/// The body works thread by thread inside block.phase([&](int t) {...}), which ends in a barrier, and keeps what a
/// thread remembers between phases in Block::per_thread<T>. So the same source runs as loops, as threads and on a GPU.
#pragma once

#include <concepts>
#include <type_traits>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

/// Threads that run in step: the lanes of a block of images.
inline constexpr int warp = 32;

/// A kernel as launch() takes it. The body is not part of the concept, since it is a template over the kind of block; a
/// block has
///   index()                 its number, 0 .. blocks() - 1
///   phase(f)                f(t) for every thread t, then a barrier
///   phase_nosync(f)         the same without the barrier: for what later phases do not read
///   per_thread<T>           v[t] belongs to thread t and lives as long as the body's call
///   sum_lanes(v)            every v[t], an arithmetic value or `values`, becomes its warp's sum, always in the same
///   order
/// Code outside the phases is run by every thread, or by one for all: it may compute, and must not write what others
/// read. Every thread reaches the same phases.
template <class K> concept block_kernel = std::is_trivially_copyable_v<K> && requires(K const& k) {
  typename K::shared;
  requires std::is_trivially_copyable_v<typename K::shared>;
  requires(K::threads > 0 && K::threads % warp == 0 && K::threads <= 1024);
  { k.blocks() } -> std::same_as<int>;
};

/// What a launch has to do at least, for tables of estimates: floating-point operations, and bytes that it must read or
/// write once if caches are perfect. A kernel may offer `cost work() const` and `char const* name() const`.
struct cost {
  double flops = 0, bytes = 0;
};

/// N numbers that travel together.
template <class T, int N> struct values {
  T v[N];
  [[nodiscard]] PAPILLON_HD T& operator[](int i) { return v[i]; }
  [[nodiscard]] PAPILLON_HD T const& operator[](int i) const { return v[i]; }
};

/// Blocks that a number of items needs.
[[nodiscard]] PAPILLON_HD constexpr int blocks_for(int items, int in_a_block) {
  return (items + in_a_block - 1) / in_a_block;
}

/// Sum of v over all threads of a block: lanes by halves, then warps in their order. Every thread gets it. `partial` is
/// free again afterwards.
template <class Block, class PerThread, class Partial>
[[nodiscard]] PAPILLON_HD auto sum(Block& block, PerThread& v, Partial& partial) {
  block.sum_lanes(v);
  block.phase([&](int t) {
    if (t % warp == 0) partial[t / warp] = v[t];
  });
  auto total = partial[0];
  for (int w = 1; w < partial.size(); ++w) total += partial[w];
  block.phase([](int) {});
  return total;
}

}  // namespace papillon::exec
