// SPDX-License-Identifier: MIT
/// \file machine.hpp
/// What a processor can do, in the few figures from which the time of a product is predicted
/// (operators/product_time.hpp), and `measure_machine`, which finds them on the processor it runs on. Rates are those
/// of one thread in single precision.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>
#if defined(__linux__)
#  include <unistd.h>
#endif

#include <papillon/exec/parallel.hpp>
#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/vec.hpp>

namespace papillon::inline PAPILLON_ISA {

/// The defaults are those of a server core with AVX-512 at 3.5 GHz, two vector units, and 48 KiB and 2 MiB of cache.
struct machine {
  int threads = 1;
  double multiply_adds = 1.1e11;  ///< a second, on full registers, without memory
  double read_first = 3.4e11;     ///< bytes a second from the first cache
  double read_second = 1.8e11;    ///< from the second
  double read_beyond = 3e10;      ///< from whatever lies behind it
  double first_cache = 48 << 10;  ///< bytes of it
  double second_cache = 2 << 20;
  double gathers = 2.5e9;       ///< values a second, by index, from the first cache
  double call = 6e-8;           ///< seconds that a product takes however small it is
  double start_threads = 2e-6;  ///< seconds from asking for all threads until all are done, when there is nothing to do
};

namespace detail {

/// Shortest time of `tries` calls, seconds.
template <class F>
[[nodiscard]] double shortest_time(int tries, F&& f) {
  double best = 1e30;
  for (int t = 0; t < tries; ++t) {
    auto const begin = std::chrono::steady_clock::now();
    f();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

/// Bytes of a cache; what is not known keeps its default.
[[nodiscard]] inline double cache_bytes([[maybe_unused]] int level, double otherwise) {
#if defined(_SC_LEVEL1_DCACHE_SIZE) && defined(_SC_LEVEL2_CACHE_SIZE)
  long const bytes = sysconf(level == 1 ? _SC_LEVEL1_DCACHE_SIZE : _SC_LEVEL2_CACHE_SIZE);
  if (bytes > 0) return static_cast<double>(bytes);
#endif
  return otherwise;
}

inline constexpr int machine_lanes = native_lanes<float>;
using machine_vector = vec<float, machine_lanes>;

/// Sums side by side, as many as two units of latency four want, with room. Written out by packs: a loop over them
/// would be left in memory by compilers that are not asked to unroll.
using machine_sums = std::make_index_sequence<12>;

template <std::size_t... K>
[[nodiscard]] float multiply_add_steps(int steps, float factor, std::index_sequence<K...>) {
  machine_vector const a = broadcast<machine_lanes>(factor);
  machine_vector sums[] = {broadcast<machine_lanes>(static_cast<float>(K))...};  // all different, or one would do
  for (int s = 0; s < steps; ++s) ((sums[K] = a * sums[K] + a), ...);
  machine_vector all{};
  ((all += sums[K]), ...);
  return all[0];
}

[[nodiscard]] inline double multiply_adds_rate() {
  constexpr int steps = 20'000;
  float volatile factor = 0.5f, sink = 0;
  double const seconds = shortest_time(12, [&] { sink = multiply_add_steps(steps, factor, machine_sums{}); });
  static_cast<void>(sink);
  return 1.0 * steps * machine_sums::size() * machine_lanes / seconds;
}

template <std::size_t... K>
[[nodiscard]] float read_steps(buffer<float> const& values, int times, std::index_sequence<K...>) {
  machine_vector sums[sizeof...(K)] = {};
  for (int t = 0; t < times; ++t)
    for (std::size_t i = 0; i < values.size(); i += sizeof...(K) * machine_lanes)
      ((sums[K] += load<machine_lanes>(values.data() + i + K * machine_lanes)), ...);
  machine_vector all{};
  ((all += sums[K]), ...);
  return all[0];
}

/// Bytes a second read from an array of so many bytes, again and again.
[[nodiscard]] inline double read_rate(double bytes, int times, int tries) {
  constexpr std::size_t step = machine_sums::size() * machine_lanes;
  buffer<float> const values(std::max<std::size_t>(static_cast<std::size_t>(bytes) / sizeof(float) / step, 1) * step,
                             1.0f);
  float volatile sink = 0;
  auto const read = [&] { sink = read_steps(values, times, machine_sums{}); };
  read();
  double const seconds = shortest_time(tries, read);
  static_cast<void>(sink);
  return static_cast<double>(values.size() * sizeof(float)) * times / seconds;
}

[[nodiscard]] inline double gather_rate() {
  constexpr int values = 2048, times = 16;
  buffer<float> const from(values, 1.0f);
  buffer<int> at(values);
  for (int i = 0; i < values; ++i) at[static_cast<std::size_t>(i)] = i * 701 % values;  // a permutation: 701 is odd
  float volatile sink = 0;
  double const seconds = shortest_time(12, [&] {
    machine_vector sums[2] = {};
    for (int t = 0; t < times; ++t)
      for (int i = 0; i < values; i += 2 * machine_lanes)
        for (int k = 0; k < 2; ++k)
          sums[k] += gather<float, machine_lanes>(from.data(), load<machine_lanes>(at.data() + i + k * machine_lanes));
    sink = sums[0][0] + sums[1][0];
  });
  static_cast<void>(sink);
  return 1.0 * values * times / seconds;
}

}  // namespace detail

/// The figures of the processor that the caller runs on, as it does now; a fiftieth of a second. `e`: how many threads
/// there may be.
template <exec::policy E>
[[nodiscard]] machine measure_machine(E e) {
  machine m;
  m.threads = exec::thread_count(e);
  m.multiply_adds = detail::multiply_adds_rate();
  m.first_cache = detail::cache_bytes(1, m.first_cache);
  m.second_cache = detail::cache_bytes(2, m.second_cache);
  m.read_first = detail::read_rate(m.first_cache / 2, 200, 12);
  m.read_second = detail::read_rate(m.second_cache / 4, 10, 12);
  m.read_beyond = detail::read_rate(8 * m.second_cache, 1, 4);
  m.gathers = detail::gather_rate();
  if (m.threads > 1) {
    auto const nothing = [&] { exec::parallel_for(e, m.threads, [](int, int) {}); };
    nothing();
    std::vector<double> times;
    for (double spent = 0; times.size() < 100 && spent < 0.02; spent += times.back())
      times.push_back(detail::shortest_time(1, nothing));
    auto const middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    m.start_threads = *middle;
  }
  return m;
}

}  // namespace papillon
