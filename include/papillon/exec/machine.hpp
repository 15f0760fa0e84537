// SPDX-License-Identifier: MIT
/// \file machine.hpp
/// What a processor can do, in the few figures from which the time of a product is predicted
/// (operators/product_time.hpp), and `measure_machine`, which finds them on the processor it runs on. Rates are those
/// of one thread in single precision.
#pragma once

#include <algorithm>
#include <chrono>
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

/// How it is measured, by one thread or by several at once: for `measure_machine`, and for benchmarks that report
/// fractions of what the machine can do.
namespace probe {

/// Shortest time of `tries` calls, seconds.
template <class F> [[nodiscard]] double shortest_time(int tries, F&& f) {
  double best = 1e30;
  for (int t = 0; t < tries; ++t) {
    auto const begin = std::chrono::steady_clock::now();
    f();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

inline constexpr int lanes = native_lanes<float>;

/// Sums side by side, as many as two units of latency four want, with room. Written out by packs: a loop over them
/// would be left in memory by compilers that are not asked to unroll.
using sums = std::make_index_sequence<12>;

namespace detail {

template <std::size_t... K> [[nodiscard]] float multiply_add_steps(int steps, float factor, std::index_sequence<K...>) {
  using vector = vec<float, lanes>;
  vector const a = broadcast<lanes>(factor);
  vector sum[] = {broadcast<lanes>(static_cast<float>(K))...};  // all different, or one would do
  for (int s = 0; s < steps; ++s) ((sum[K] = a * sum[K] + a), ...);
  vector all{};
  ((all += sum[K]), ...);
  return horizontal_sum<float, lanes>(all);
}

template <std::size_t... K>
[[nodiscard]] float read_steps(float const* values, std::size_t count, int times, std::index_sequence<K...>) {
  vec<float, lanes> sum[sizeof...(K)] = {};
  for (int t = 0; t < times; ++t) {
    for (std::size_t i = 0; i < count; i += sizeof...(K) * lanes)
      ((sum[K] += load<lanes>(values + i + K * lanes)), ...);
    asm volatile("" ::: "memory");  // every pass is made
  }
  vec<float, lanes> all{};
  ((all += sum[K]), ...);
  return horizontal_sum<float, lanes>(all);
}

/// f(thread) on every thread of e, and the largest result: it must be used, or there is nothing to compute.
template <exec::policy E, class F> [[nodiscard]] float on_every_thread(E e, F const& f) {
  constexpr std::size_t apart = 16;  // no two results in one line of a cache
  int const threads = exec::thread_count(e);
  buffer<float> results(static_cast<std::size_t>(threads) * apart);
  exec::parallel_for(e, threads, [&](int i, int) { results[static_cast<std::size_t>(i) * apart] = f(i); });
  return *std::max_element(results.begin(), results.end());
}

}  // namespace detail

/// Multiply-adds on full registers, without memory, on every thread of e: multiply_add_count(e, steps) of them.
template <exec::policy E> [[nodiscard]] float multiply_adds(E e, int steps) {
  float volatile const factor = 0.5f;  // unknown to the compiler; sums stay finite
  return detail::on_every_thread(e, [&](int) { return detail::multiply_add_steps(steps, factor, sums{}); });
}
template <exec::policy E> [[nodiscard]] double multiply_add_count(E e, int steps) {
  return 1.0 * exec::thread_count(e) * steps * static_cast<double>(sums::size()) * lanes;
}

/// Multiply-adds a second of all threads of e together.
template <exec::policy E> [[nodiscard]] double multiply_add_rate(E e, int steps, int tries) {
  float volatile sink = multiply_adds(e, steps);  // wakes threads and clock
  double const seconds = shortest_time(tries, [&] { sink = multiply_adds(e, steps); });
  static_cast<void>(sink);
  return multiply_add_count(e, steps) / seconds;
}

/// Bytes a second read by all threads of e together, each from an array of so many bytes, `times` times in a row.
template <exec::policy E> [[nodiscard]] double read_rate(E e, std::size_t bytes, int times, int tries) {
  constexpr std::size_t step = sums::size() * lanes;
  std::size_t const each = std::max<std::size_t>(bytes / sizeof(float) / step, 1) * step;
  buffer<float> const values(each * static_cast<std::size_t>(exec::thread_count(e)), 1.0f);
  auto const read = [&](int thread) {
    return detail::read_steps(values.data() + each * static_cast<std::size_t>(thread), each, times, sums{});
  };
  float volatile sink = detail::on_every_thread(e, read);
  double const seconds = shortest_time(tries, [&] { sink = detail::on_every_thread(e, read); });
  static_cast<void>(sink);
  return static_cast<double>(values.size() * sizeof(float)) * times / seconds;
}

/// Values a second that one thread reads by index, from the first cache.
[[nodiscard]] inline double gather_rate() {
  constexpr int values = 2048, times = 16;
  buffer<float> const from(values, 1.0f);
  buffer<int> at(values);
  for (int i = 0; i < values; ++i) at[static_cast<std::size_t>(i)] = i * 701 % values;  // a permutation: 701 is odd
  float volatile sink = 0;
  double const seconds = shortest_time(12, [&] {
    vec<float, lanes> sum[2] = {};
    for (int t = 0; t < times; ++t)
      for (int i = 0; i < values; i += 2 * lanes)
        for (int k = 0; k < 2; ++k) sum[k] += gather<float, lanes>(from.data(), load<lanes>(at.data() + i + k * lanes));
    sink = sum[0][0] + sum[1][0];
  });
  static_cast<void>(sink);
  return 1.0 * values * times / seconds;
}

/// Bytes of the first or second cache; `otherwise` where the system does not say.
[[nodiscard]] inline double cache_bytes([[maybe_unused]] int level, double otherwise) {
#if defined(_SC_LEVEL1_DCACHE_SIZE) && defined(_SC_LEVEL2_CACHE_SIZE)
  long const bytes = sysconf(level == 1 ? _SC_LEVEL1_DCACHE_SIZE : _SC_LEVEL2_CACHE_SIZE);
  if (bytes > 0) return static_cast<double>(bytes);
#endif
  return otherwise;
}

}  // namespace probe

/// The figures of the processor that the caller runs on, as it does now; a fiftieth of a second. `e`: how many threads
/// there may be.
template <exec::policy E> [[nodiscard]] machine measure_machine(E e) {
  machine m;
  m.threads = exec::thread_count(e);
  exec::seq const alone;
  auto const bytes = [](double n) { return static_cast<std::size_t>(n); };
  m.multiply_adds = probe::multiply_add_rate(alone, 20'000, 12);
  m.first_cache = probe::cache_bytes(1, m.first_cache);
  m.second_cache = probe::cache_bytes(2, m.second_cache);
  m.read_first = probe::read_rate(alone, bytes(m.first_cache / 2), 200, 12);
  m.read_second = probe::read_rate(alone, bytes(m.second_cache / 4), 10, 12);
  m.read_beyond = probe::read_rate(alone, bytes(8 * m.second_cache), 1, 4);
  m.gathers = probe::gather_rate();
  if (m.threads > 1) {
    auto const nothing = [&] { exec::parallel_for(e, m.threads, [](int, int) {}); };
    nothing();
    std::vector<double> times;
    for (double spent = 0; times.size() < 100 && spent < 0.02; spent += times.back())
      times.push_back(probe::shortest_time(1, nothing));
    auto const middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    m.start_threads = *middle;
  }
  return m;
}

}  // namespace papillon
