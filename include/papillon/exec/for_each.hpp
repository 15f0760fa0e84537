// SPDX-License-Identifier: MIT
/// \file for_each.hpp
/// Mathematics that computes every value by itself, written once as a functor and run wherever work runs: `for_each`
/// calls f(i) for every index, `for_each_row` f(lanes, row) for every row of lanes of a batch-blocked tensor, `lanes`
/// being a whole register on the host and one lane on a device. Functors are structs (kernels are named where nvcc
/// compiles them), with their name and, for tables of estimates, the operations and bytes of one value.
#pragma once

#include <algorithm>
#include <cstring>

#include <papillon/exec/device.hpp>
#include <papillon/exec/parallel.hpp>
#include <papillon/tensor/vec.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::exec {

/// All lanes of a row at once, on the host.
template <int L> struct all_lanes {
  static constexpr int count = L;
  template <class T> [[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, L> load(T const* p, int row) const {
    vec<T, L> v;
    std::memcpy(&v, p + static_cast<std::ptrdiff_t>(row) * L, sizeof v);
    return v;
  }
  template <class T> PAPILLON_ALWAYS_INLINE void store(T* p, int row, vec<T, L> const& v) const {
    papillon::store<L>(p + static_cast<std::ptrdiff_t>(row) * L, v);
  }
  template <class T> [[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, L> all(T s) const {
    vec<T, L> v;
    vec<T, L> const all = broadcast<L>(s);
    std::memcpy(&v, &all, sizeof v);
    return v;
  }
  /// Lanes one by one: how many there are here, which of the row's each is, and what it is set to.
  [[nodiscard]] static constexpr int here() { return L; }
  [[nodiscard]] static constexpr int number(int l) { return l; }
  template <class V, class T> static PAPILLON_ALWAYS_INLINE void put(V& v, int l, T value) { v[l] = value; }
  /// v in the first `n` lanes, zero in the others.
  template <class V> [[nodiscard]] PAPILLON_ALWAYS_INLINE V first(int n, V const& from) const {
    V v;
    std::memcpy(&v, &from, sizeof v);
    for (int l = n; l < L; ++l) v[l] = 0;
    return v;
  }
};

/// One lane of a row, on a device.
struct one_lane {
  static constexpr int count = warp;
  int lane;
  template <class T> [[nodiscard]] PAPILLON_HD T load(T const* p, int row) const {
    return p[static_cast<std::ptrdiff_t>(row) * warp + lane];
  }
  template <class T> PAPILLON_HD void store(T* p, int row, T v) const {
    p[static_cast<std::ptrdiff_t>(row) * warp + lane] = v;
  }
  template <class T> [[nodiscard]] PAPILLON_HD T all(T s) const { return s; }
  [[nodiscard]] static constexpr PAPILLON_HD int here() { return 1; }
  [[nodiscard]] PAPILLON_HD int number(int) const { return lane; }
  template <class T> static PAPILLON_HD void put(T& v, int, T value) { v = value; }
  template <class T> [[nodiscard]] PAPILLON_HD T first(int n, T v) const { return lane < n ? v : T{}; }
};

/// Stores v, or adds it to what is there.
template <class Lanes, class T, class V>
PAPILLON_HD void store_or_add(Lanes lanes, T* p, int row, V const& v, bool add) {
  if (add) lanes.store(p, row, lanes.load(p, row) + v);
  else lanes.store(p, row, v);
}

/// for_each as a kernel: a thread an index.
template <class F> struct index_kernel {
  static constexpr int threads = 256;
  struct shared {};
  F f;
  int count;

  [[nodiscard]] char const* name() const { return F::name; }
  [[nodiscard]] cost work() const { return {1.0 * F::flops * count, 1.0 * F::bytes * count}; }
  [[nodiscard]] PAPILLON_HD int blocks() const { return blocks_for(count, threads); }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared&) const {
    block.phase_nosync([&](int t) {
      int const i = block.index() * threads + t;
      if (i < count) f(i);
    });
  }
};

/// for_each_row as a kernel: a thread a lane.
template <class F> struct row_kernel {
  static constexpr int threads = 256;
  struct shared {};
  F f;
  int rows;

  [[nodiscard]] char const* name() const { return F::name; }
  [[nodiscard]] cost work() const { return {1.0 * F::flops * rows * warp, 1.0 * F::bytes * rows * warp}; }
  [[nodiscard]] PAPILLON_HD int blocks() const { return blocks_for(rows, threads / warp); }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared&) const {
    block.phase_nosync([&](int t) {
      int const row = block.index() * (threads / warp) + t / warp;
      if (row < rows) f(one_lane{t % warp}, row);
    });
  }
};

/// x = 0
template <class T> struct zero_value {
  static constexpr char const* name = "zeros";
  static constexpr int flops = 0, bytes = sizeof(T);
  T* x;
  PAPILLON_HD void operator()(int i) const { x[i] = T{}; }
};

namespace detail {
/// Indices that a thread takes at a time: what a functor says of itself, else some tens of microseconds' worth.
template <class F> [[nodiscard]] constexpr int grain_of() {
  if constexpr (requires { F::grain; }) return F::grain;
  else return 8192;
}

/// f(begin, end) for consecutive ranges that cover [0, count), whatever the number of threads.
template <class F> void for_each_range(omp e, int count, int grain, F const& f) {
  parallel_for(
      e, (count + grain - 1) / grain, [&](int c, int) { f(c * grain, std::min(count, (c + 1) * grain)); });
}
}  // namespace detail

/// f(i) for i = 0 .. count-1, in any order.
template <class F> void for_each(seq, int count, F const& f) {
  for (int i = 0; i < count; ++i) f(i);
}
template <class F> void for_each(omp e, int count, F const& f) {
  detail::for_each_range(
      e, count, detail::grain_of<F>(),
      [f](int begin, int end) {
        F const mine = f;  // a local whose address nobody has: its pointers need not be read again after each store
        for (int i = begin; i < end; ++i) mine(i);
      });
}
template <class F> void for_each(device const& on, int count, F const& f) { on.launch(index_kernel<F>{f, count}); }

/// f(lanes, row) for row = 0 .. rows-1, in any order.
template <int L, class F> void for_each_row(seq, int rows, F const& f) {
  for (int r = 0; r < rows; ++r) f(all_lanes<L>{}, r);
}
template <int L, class F> void for_each_row(omp e, int rows, F const& f) {
  detail::for_each_range(
      e, rows, std::max(1, detail::grain_of<F>() / L),
      [f](int begin, int end) {
        F const mine = f;
        for (int r = begin; r < end; ++r) mine(all_lanes<L>{}, r);
      });
}
template <int L, class F> void for_each_row(device const& on, int rows, F const& f) {
  static_assert(L == device_lanes, "papillon::exec::for_each_row: a device has rows of exec::device_lanes");
  on.launch(row_kernel<F>{f, rows});
}

}  // namespace papillon::exec

#pragma GCC diagnostic pop
