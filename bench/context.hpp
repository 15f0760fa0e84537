// SPDX-License-Identifier: MIT
/// \file context.hpp
/// What every benchmark program has in common: its context (compiler, flags, threads, CPU, the machine's measured
/// peaks), which stands in the table and in the JSON file, and counters for floating-point operations and bytes: a
/// second, and as fractions of the peaks.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdio>
#include <fstream>
#include <string>

#include <peaks.hpp>

#include <papillon/exec/parallel.hpp>

namespace bench {

/// The CPU's name as the kernel gives it; empty where it does not say.
inline std::string cpu_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return {};
}

[[nodiscard]] inline std::string in_giga(double rate) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", rate * 1e-9);
  return text;
}

inline void add_context() {
#if defined(__clang__)
  benchmark::AddCustomContext("compiler", "clang " __clang_version__);
#else
  benchmark::AddCustomContext("compiler", "g++ " __VERSION__);
#endif
  benchmark::AddCustomContext("flags", BENCH_FLAGS);
  benchmark::AddCustomContext("threads", std::to_string(papillon::exec::thread_count(papillon::exec::omp{})));
  benchmark::AddCustomContext("lanes", std::to_string(papillon::native_lanes<float>));
  benchmark::AddCustomContext("cpu", cpu_name());
  auto const& p = machine_peaks();
  benchmark::AddCustomContext("peak GFLOP/s", in_giga(p.flops));
  benchmark::AddCustomContext("peak copy GB/s", in_giga(p.copy));
  benchmark::AddCustomContext("peak copy GB/s, memory", in_giga(p.copy_memory));
  benchmark::AddCustomContext("peak copy GB/s, first cache", in_giga(p.copy_first));
  benchmark::AddCustomContext("peak copy GB/s, second cache", in_giga(p.copy_second));
}

/// flops: of one iteration; "of peak" is their rate over the measured peak.
inline void count_flops(benchmark::State& state, double flops) {
  using benchmark::Counter;
  state.counters["FLOP/s"] = Counter(flops, Counter::kIsIterationInvariantRate);
  state.counters["of peak"] = Counter(flops / machine_peaks().flops, Counter::kIsIterationInvariantRate);
}

/// bytes: of one iteration, what has to be read and written at least once; "of copy" is their rate over that of a copy
/// of arrays as large as an activation.
inline void count_bytes(benchmark::State& state, double bytes) {
  using benchmark::Counter;
  state.counters["bytes/s"] = Counter(bytes, Counter::kIsIterationInvariantRate, Counter::kIs1024);
  state.counters["of copy"] = Counter(bytes / machine_peaks().copy, Counter::kIsIterationInvariantRate);
}

inline void count(benchmark::State& state, double flops, double bytes) {
  if (flops > 0) count_flops(state, flops);
  count_bytes(state, bytes);
}

}  // namespace bench

/// As BENCHMARK_MAIN, with the context.
#define PAPILLON_BENCH_MAIN()                                         \
  int main(int argc, char** argv) {                                   \
    benchmark::Initialize(&argc, argv);                               \
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2; \
    bench::add_context();                                             \
    benchmark::RunSpecifiedBenchmarks();                              \
    benchmark::Shutdown();                                            \
    return 0;                                                         \
  }
