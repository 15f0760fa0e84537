// SPDX-License-Identifier: MIT
/// \file parallel.hpp
/// The only threading of the library: a loop over independent indices under a policy.
/// Iterations are handed out in short runs as threads ask for them, so that one whose processor works for somebody else
/// holds nobody up. Results must not depend on which thread ran what: partial sums belong to an index, never to a
/// thread.
#pragma once

#include <algorithm>
#include <type_traits>

#include <papillon/exec/policy.hpp>
#if PAPILLON_OPENMP
#  include <omp.h>
#endif

namespace papillon::inline PAPILLON_ISA::exec {

/// Whether this translation unit was compiled with OpenMP; without it nothing runs under `exec::omp`.
inline constexpr bool omp_available = PAPILLON_OPENMP != 0;

/// The policy of the host's share of the work: preparing batches, and what is too small for a device. Emulation keeps
/// to one thread, so that it can be compared with `seq` step by step.
[[nodiscard]] constexpr seq host_of(seq e) noexcept { return e; }
[[nodiscard]] constexpr omp host_of(omp e) noexcept { return e; }
[[nodiscard]] constexpr seq host_of(emulated) noexcept { return {}; }
[[nodiscard]] constexpr seq host_of(emulated_threads) noexcept { return {}; }
[[nodiscard]] constexpr auto host_of(cuda) noexcept { return std::conditional_t<omp_available, omp, seq>{}; }

/// Threads that a loop under the policy uses when it starts now; 1 inside a parallel region of the caller.
[[nodiscard]] inline int thread_count(seq) noexcept { return 1; }
[[nodiscard]] inline int thread_count([[maybe_unused]] omp e) noexcept {
#if PAPILLON_OPENMP
  if (omp_in_parallel()) return 1;
  return std::max(1, e.threads > 0 ? e.threads : omp_get_max_threads());
#else
  return 1;
#endif
}

template <device_policy E> [[nodiscard]] int thread_count(E e) noexcept { return thread_count(host_of(e)); }

/// Calls f(index, thread) for index = 0 .. count-1, thread < thread_count(e). f must not throw.
template <class F> void parallel_for(seq, int count, F&& f) {
  for (int i = 0; i < count; ++i) f(i, 0);
}

template <class F> void parallel_for([[maybe_unused]] omp e, [[maybe_unused]] int count, [[maybe_unused]] F&& f) {
  static_assert(omp_available && sizeof(F) != 0,
      "papillon::exec::omp: this translation unit is compiled without OpenMP (add -fopenmp)");
#if PAPILLON_OPENMP
  int const threads = std::min(thread_count(e), count);
  if (threads <= 1) {
    for (int i = 0; i < count; ++i) f(i, 0);
    return;
  }
  constexpr int shares = 32;  // of a thread: few enough that asking for them costs nothing
  int const run = std::max(1, count / (threads * shares));
#  pragma omp parallel for schedule(dynamic, run) num_threads(threads)
  for (int i = 0; i < count; ++i) f(i, omp_get_thread_num());
#endif
}

/// On the host: a loop of arbitrary code is no kernel.
template <device_policy E, class F> void parallel_for(E e, int count, F&& f) { parallel_for(host_of(e), count, f); }

}  // namespace papillon::exec
