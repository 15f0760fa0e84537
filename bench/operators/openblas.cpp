// SPDX-License-Identifier: MIT
// OpenBLAS: the dense product.
#include "problem.hpp"

#include <complex>

#if PAPILLON_BENCH_OPENBLAS
#  include <cblas.h>
#endif

namespace bench {

#if PAPILLON_BENCH_OPENBLAS
namespace {

void gemv(int m, int n, float const* w, float const* x, float* y) {
  cblas_sgemv(CblasRowMajor, CblasNoTrans, m, n, 1, w, n, x, 1, 0, y, 1);
}
void gemv(int m, int n, double const* w, double const* x, double* y) {
  cblas_dgemv(CblasRowMajor, CblasNoTrans, m, n, 1, w, n, x, 1, 0, y, 1);
}
void gemv(int m, int n, std::complex<float> const* w, std::complex<float> const* x, std::complex<float>* y) {
  std::complex<float> const one = 1, zero = 0;
  cblas_cgemv(CblasRowMajor, CblasNoTrans, m, n, &one, w, n, x, 1, &zero, y, 1);
}

/// W stands row by row, which is W^T column by column.
struct panels {
  CBLAS_ORDER order;
  CBLAS_TRANSPOSE w;
  int m, n, k, ldx, ldy;
};
void gemm(panels const& s, float const* w, float const* x, float* y) {
  cblas_sgemm(s.order, s.w, CblasNoTrans, s.m, s.n, s.k, 1, w, s.k, x, s.ldx, 0, y, s.ldy);
}
void gemm(panels const& s, double const* w, double const* x, double* y) {
  cblas_dgemm(s.order, s.w, CblasNoTrans, s.m, s.n, s.k, 1, w, s.k, x, s.ldx, 0, y, s.ldy);
}
void gemm(panels const& s, std::complex<float> const* w, std::complex<float> const* x, std::complex<float>* y) {
  std::complex<float> const one = 1, zero = 0;
  cblas_cgemm(s.order, s.w, CblasNoTrans, s.m, s.n, s.k, &one, w, s.k, x, s.ldx, &zero, y, s.ldy);
}

template <class T> work dense_product(problem const& p, T const* x, T* y) {
  auto const w = prepared::get<std::vector<T>>(p, "coefficients", [&] { return coefficients_of<T>(p); });
  double const madds = p.coefficients() * p.vectors, bytes = p.coefficients() * sizeof(T);
  if (p.vectors == 1) return {[=] { gemv(p.rows, p.cols, w->data(), x, y); }, madds, bytes};
  panels const s{p.row_major ? CblasRowMajor : CblasColMajor, p.row_major ? CblasNoTrans : CblasTrans, p.rows,
      p.vectors, p.cols, p.row_major ? p.vectors : p.cols, p.row_major ? p.vectors : p.rows};
  return {[=] { gemm(s, w->data(), x, y); }, madds, bytes};
}

}  // namespace

template <class T> std::vector<candidate<T>> openblas_candidates() {
  return {{"openblas", true, [](problem const& p) { return p.is_dense(); }, dense_product<T>}};
}
#else
template <class T> std::vector<candidate<T>> openblas_candidates() { return {}; }
#endif
template std::vector<candidate<float>> openblas_candidates();
template std::vector<candidate<double>> openblas_candidates();
template std::vector<candidate<std::complex<float>>> openblas_candidates();

}  // namespace bench
