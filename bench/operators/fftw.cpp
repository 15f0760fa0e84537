// SPDX-License-Identifier: MIT
// FFTW: the discrete Hartley transform, which costs what a Hadamard transform of the same size does at most, and the
// complex Fourier transform. Plans are measured ones, for as many threads as there may be and for one.
#include "problem.hpp"

#include <complex>

#if PAPILLON_BENCH_FFTW
#  include <fftw3.h>
#endif

namespace bench {

#if PAPILLON_BENCH_FFTW
namespace {

/// Vectors one after another, or side by side.
struct layout {
  int stride, distance;
  explicit layout(problem const& p) : stride(p.row_major ? p.vectors : 1), distance(p.row_major ? 1 : p.rows) {}
};

work planned(problem const& p, fftwf_plan plan, std::size_t scalar_bytes) {
  std::shared_ptr<fftwf_plan_s> const kept(plan, fftwf_destroy_plan);
  return {[=] { fftwf_execute(kept.get()); }, p.coefficients() * p.vectors,
      p.coefficients() * static_cast<double>(scalar_bytes)};
}

// Planning writes to both arrays.
template <class T> std::vector<T> saved(problem const& p, T const* x) {
  return {x, x + static_cast<std::size_t>(p.cols) * static_cast<std::size_t>(p.vectors)};
}

work hartley(problem const& p, float const* x, float* y) {
  layout const at(p);
  auto const kind = FFTW_DHT;
  auto const values = saved(p, x);
  auto* const in = const_cast<float*>(x);
  auto const plan = fftwf_plan_many_r2r(1, &p.rows, p.vectors, in, nullptr, at.stride, at.distance, y, nullptr,
      at.stride, at.distance, &kind, FFTW_MEASURE | FFTW_PRESERVE_INPUT);
  std::copy(values.begin(), values.end(), in);
  return planned(p, plan, sizeof(float));
}

work fourier(problem const& p, std::complex<float> const* x, std::complex<float>* y) {
  layout const at(p);
  auto const values = saved(p, x);
  auto* const in = const_cast<std::complex<float>*>(x);
  auto const plan = fftwf_plan_many_dft(1, &p.rows, p.vectors, reinterpret_cast<fftwf_complex*>(in), nullptr, at.stride,
      at.distance, reinterpret_cast<fftwf_complex*>(y), nullptr, at.stride, at.distance, FFTW_FORWARD,
      FFTW_MEASURE | FFTW_PRESERVE_INPUT);
  std::copy(values.begin(), values.end(), in);
  return planned(p, plan, sizeof(std::complex<float>));
}

bool takes(problem const& p) { return p.is_transform(); }

}  // namespace

template <> std::vector<candidate<float>> fftw_candidates() { return {{"fftw", true, takes, hartley}}; }
template <> std::vector<candidate<std::complex<float>>> fftw_candidates() { return {{"fftw", true, takes, fourier}}; }
#else
template <> std::vector<candidate<float>> fftw_candidates() { return {}; }
template <> std::vector<candidate<std::complex<float>>> fftw_candidates() { return {}; }
#endif
template <> std::vector<candidate<double>> fftw_candidates() { return {}; }

}  // namespace bench
