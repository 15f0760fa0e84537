// SPDX-License-Identifier: MIT
/// \file peaks.hpp
/// What this machine can do at most: single-precision multiply-adds on vectors of the native width, and copies between
/// arrays that lie in the first cache, in the second, are as large as an activation of ResNet-20, or lie in memory.
/// Measured, never looked up: the best of several tries, by the probes of papillon/exec/machine.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include <papillon/exec/machine.hpp>
#include <papillon/exec/parallel.hpp>
#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/vec.hpp>

namespace bench {

inline constexpr int peak_lanes = papillon::native_lanes<float>;

/// Two arrays a thread, between which it copies.
class copy_arrays {
 public:
  /// bytes: of one array of one thread.
  copy_arrays(int threads, std::size_t bytes)
      : threads_(threads), values_(std::max<std::size_t>(bytes / sizeof(float) / step * step, step)),
        from_(values_ * static_cast<std::size_t>(threads), 1.0f), to_(from_.size(), 0.0f) {}

  /// Bytes read and written by one call of `copy`.
  [[nodiscard]] double bytes(int times) const {
    return 2.0 * times * static_cast<double>(from_.size() * sizeof(float));
  }

  void copy(int times) {
    papillon::exec::parallel_for(
        papillon::exec::omp{threads_}, threads_,
        [&](int thread, int) {
          float const* const from = from_.data() + values_ * static_cast<std::size_t>(thread);
          float* const to = to_.data() + values_ * static_cast<std::size_t>(thread);
          for (int t = 0; t < times; ++t) {
            for (std::size_t i = 0; i < values_; i += step)
              copy_step(from + i, to + i, std::make_index_sequence<unroll>{});
            asm volatile("" ::: "memory");  // every pass is made
          }
        });
  }

 private:
  static constexpr std::size_t unroll = 8, step = unroll * static_cast<std::size_t>(peak_lanes);

  template <std::size_t... I> static void copy_step(float const* from, float* to, std::index_sequence<I...>) {
    papillon::vec<float, peak_lanes> const v[] = {
        papillon::load<peak_lanes>(from + I * static_cast<std::size_t>(peak_lanes))...};
    (papillon::store<peak_lanes>(to + I * static_cast<std::size_t>(peak_lanes), v[I]), ...);
  }

  int threads_;
  std::size_t values_;
  papillon::buffer<float> from_, to_;
};

/// Sizes of a thread's array in `copy_arrays`: two of them fit well into a first cache of 32 KiB, into a second of
/// 512 KiB, and into no cache that a process has to itself.
inline constexpr std::size_t first_cache = 12 << 10, second_cache = 192 << 10, memory = 64 << 20;
/// All threads' arrays together: the largest activation of ResNet-20, 256 images of 16 x 32 x 32. Where the last cache
/// is large it may hold some of these, in a network as here.
inline constexpr std::size_t activation = 16 << 20;

/// Peaks for a number of threads, per second.
struct peaks {
  int threads = 1;
  double flops = 0;        ///< multiply-adds count twice
  double copy_first = 0;   ///< bytes read plus bytes written, arrays in the first cache
  double copy_second = 0;  ///< the same, second cache
  double copy = 0;         ///< the same, arrays as large as an activation: what layers are held against
  double copy_memory = 0;  ///< the same, memory; what a store reads before it writes is not counted
};

/// A third of a second.
[[nodiscard]] inline peaks measure_peaks(int threads) {
  peaks p{.threads = threads};
  p.flops = 2 * papillon::probe::multiply_add_rate(papillon::exec::omp{threads}, 200'000, 20);
  auto const rate = [&](std::size_t bytes, int times, int tries) {
    copy_arrays arrays(threads, bytes);
    arrays.copy(1);
    return arrays.bytes(times) / papillon::probe::shortest_time(tries, [&] { arrays.copy(times); });
  };
  p.copy_first = rate(first_cache, 2000, 10);
  p.copy_second = rate(second_cache, 100, 10);
  p.copy = rate(activation / static_cast<std::size_t>(threads), 2, 10);
  p.copy_memory = rate(memory, 1, 3);
  return p;
}

/// Bytes read a second by so many threads together, each from an array of its own that lies in its first or second
/// cache, in the third (as large as an activation), or in memory.
struct read_peaks {
  int threads = 1;
  double first = 0, second = 0, third = 0, memory = 0;
};

/// A third of a second.
[[nodiscard]] inline read_peaks measure_read_peaks(int threads) {
  auto const rate = [&](std::size_t bytes, int times, int tries) {
    return papillon::probe::read_rate(papillon::exec::omp{threads}, bytes, times, tries);
  };
  return {threads, rate(2 * first_cache, 2000, 10), rate(2 * second_cache, 200, 10),
      rate(activation / static_cast<std::size_t>(threads), 2, 20), rate(4 * memory, 1, 3)};
}

/// Peaks with as many threads as benchmarks use; measured at the first call.
[[nodiscard]] inline peaks const& machine_peaks() {
  static peaks const p = measure_peaks(papillon::exec::thread_count(papillon::exec::omp{}));
  return p;
}

}  // namespace bench
