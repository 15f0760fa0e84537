// SPDX-License-Identifier: MIT
/// \file roofline.hpp
/// The least time that a product can take: max(bytes of the weights / read bandwidth of the cache that holds them,
/// 2 multiply-adds / peak), every thread holding its share. What vectors and indices cost besides is not counted.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>

#include <context.hpp>

namespace bench {

/// Limits of so many threads; measured once.
class roofline {
 public:
  [[nodiscard]] static roofline const& of(int threads) {
    static roofline const one(1);
    static roofline const all(papillon::exec::thread_count(papillon::exec::omp{}));
    return threads == 1 ? one : all;
  }

  [[nodiscard]] peaks const& arithmetic() const { return peaks_; }
  [[nodiscard]] read_peaks const& reading() const { return reads_; }

  /// Bytes a second at which weights of so many bytes are read again and again.
  [[nodiscard]] double bandwidth(double weight_bytes) const {
    double const share = weight_bytes / reads_.threads;
    return share <= cache(1)          ? reads_.first
           : share <= cache(2)        ? reads_.second
           : weight_bytes <= cache(3) ? reads_.third
                                      : reads_.memory;
  }
  /// `flop_scale`: of single-precision operations that one multiply-add of another scalar stands for, over two.
  [[nodiscard]] double seconds(double weight_bytes, double multiply_adds, double flop_scale) const {
    return std::max(weight_bytes / bandwidth(weight_bytes), 2 * flop_scale * multiply_adds / peaks_.flops);
  }

 private:
  explicit roofline(int threads) : peaks_(measure_peaks(threads)), reads_(measure_read_peaks(threads)) {}

  /// Bytes of a level; 0 where there is none.
  [[nodiscard]] static double cache(int level) {
    double bytes = 0;
    for (auto const& c : benchmark::CPUInfo::Get().caches)
      if (c.level == level && c.type != "Instruction") bytes = std::max(bytes, static_cast<double>(c.size));
    return bytes;
  }

  peaks peaks_;
  read_peaks reads_;
};

inline void add_roofline_context() {
  for (int const threads : {1, papillon::exec::thread_count(papillon::exec::omp{})}) {
    auto const& r = roofline::of(threads);
    std::string const suffix = threads == 1 ? ", one thread" : ", all threads";
    benchmark::AddCustomContext("GFLOP/s" + suffix, in_giga(r.arithmetic().flops));
    benchmark::AddCustomContext("read GB/s, first cache" + suffix, in_giga(r.reading().first));
    benchmark::AddCustomContext("read GB/s, second cache" + suffix, in_giga(r.reading().second));
    benchmark::AddCustomContext("read GB/s, third cache" + suffix, in_giga(r.reading().third));
    benchmark::AddCustomContext("read GB/s, memory" + suffix, in_giga(r.reading().memory));
    if (papillon::exec::thread_count(papillon::exec::omp{}) == 1) break;
  }
}

}  // namespace bench
