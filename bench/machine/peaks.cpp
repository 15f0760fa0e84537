// SPDX-License-Identifier: MIT
// The machine itself: multiply-adds without memory, and copies between arrays in either cache, as large as an
// activation, and in memory, with one thread and with all. Every other benchmark reports the fraction of these that it
// reaches.
#include <context.hpp>

#include <string>

namespace {

void multiply_adds(benchmark::State& state, int threads) {
  constexpr int steps = 200'000;
  papillon::exec::omp const all{threads};
  for (auto _ : state) benchmark::DoNotOptimize(papillon::probe::multiply_adds(all, steps));
  bench::count_flops(state, 2 * papillon::probe::multiply_add_count(all, steps));
}

void copy(benchmark::State& state, int threads, std::size_t bytes) {
  bench::copy_arrays arrays(threads, bytes);
  int const times = static_cast<int>(bench::memory / bytes);
  for (auto _ : state) arrays.copy(times);
  bench::count_bytes(state, arrays.bytes(times));
}

int const registered = [] {
  auto const add = [](std::string const& name, auto f) {
    benchmark::RegisterBenchmark(("machine/" + name).c_str(), f)->UseRealTime()->Unit(benchmark::kMillisecond);
  };
  int const all = papillon::exec::thread_count(papillon::exec::omp{});
  for (int const threads : {1, all}) {
    std::string const suffix = "/threads:" + std::to_string(threads);
    add("multiply_add" + suffix, [=](benchmark::State& state) { multiply_adds(state, threads); });
    add("copy/first_cache" + suffix, [=](benchmark::State& state) { copy(state, threads, bench::first_cache); });
    add("copy/second_cache" + suffix, [=](benchmark::State& state) { copy(state, threads, bench::second_cache); });
    add("copy/activation" + suffix,
        [=](benchmark::State& state) { copy(state, threads, bench::activation / static_cast<std::size_t>(threads)); });
    add("copy/memory" + suffix, [=](benchmark::State& state) { copy(state, threads, bench::memory); });
    if (all == 1) break;
  }
  return 0;
}();

}  // namespace
