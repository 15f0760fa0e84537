// SPDX-License-Identifier: MIT
/// \file context.hpp
/// What every benchmark program has in common: its context (compiler, flags, threads, CPU), which stands in the table
/// and in the JSON file, and counters for floating-point operations and bytes.
#pragma once

#include <benchmark/benchmark.h>

#include <fstream>
#include <string>

#include <papillon/exec/parallel.hpp>

namespace bench {

/// The CPU's name as the kernel gives it; empty where it does not say.
inline std::string cpu_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return {};
}

inline void add_context() {
#if defined(__clang__)
  benchmark::AddCustomContext("compiler", "clang " __clang_version__);
#else
  benchmark::AddCustomContext("compiler", "g++ " __VERSION__);
#endif
  benchmark::AddCustomContext("flags", BENCH_FLAGS);
  benchmark::AddCustomContext("threads", std::to_string(papillon::exec::thread_count(papillon::exec::omp{})));
  benchmark::AddCustomContext("lanes", std::to_string(papillon::exec::native_lanes<float>));
  benchmark::AddCustomContext("cpu", cpu_name());
}

/// flops and bytes: of one iteration. Bytes are what has to be read and written at least once.
inline void count(benchmark::State& state, double flops, double bytes) {
  using benchmark::Counter;
  state.counters["FLOP/s"] = Counter(flops, Counter::kIsIterationInvariantRate);
  state.counters["bytes/s"] = Counter(bytes, Counter::kIsIterationInvariantRate, Counter::kIs1024);
}

}  // namespace bench

/// As BENCHMARK_MAIN, with the context.
#define PAPILLON_BENCH_MAIN()                                               \
  int main(int argc, char** argv) {                                         \
    benchmark::Initialize(&argc, argv);                                     \
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;       \
    bench::add_context();                                                   \
    benchmark::RunSpecifiedBenchmarks();                                    \
    benchmark::Shutdown();                                                  \
    return 0;                                                               \
  }
