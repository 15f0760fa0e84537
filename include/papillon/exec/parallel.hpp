// SPDX-License-Identifier: MIT
/// \file parallel.hpp
/// The only threading of the library: a loop over independent indices under a policy.
/// Iterations are dealt to threads in contiguous runs; results must not depend on which thread ran what,
/// so partial sums belong to an index, never to a thread.
#pragma once

#include <algorithm>

#include <papillon/exec/policy.hpp>
#if PAPILLON_OPENMP
#  include <omp.h>
#endif

namespace papillon::exec {

/// Whether this translation unit was compiled with OpenMP; without it nothing runs under `exec::omp`.
inline constexpr bool omp_available = PAPILLON_OPENMP != 0;

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

/// Calls f(index, thread) for index = 0 .. count-1, thread < thread_count(e). f must not throw.
template <class F>
void parallel_for(seq, int count, F&& f) {
  for (int i = 0; i < count; ++i) f(i, 0);
}

template <class F>
void parallel_for(omp e, int count, F&& f) {
  static_assert(omp_available, "papillon::exec::omp: this translation unit is compiled without OpenMP (add -fopenmp)");
#if PAPILLON_OPENMP
  int const threads = std::min(thread_count(e), count);
  if (threads <= 1) {
    for (int i = 0; i < count; ++i) f(i, 0);
    return;
  }
#  pragma omp parallel for schedule(static) num_threads(threads)
  for (int i = 0; i < count; ++i) f(i, omp_get_thread_num());
#endif
}

}  // namespace papillon::exec
