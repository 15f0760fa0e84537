// SPDX-License-Identifier: MIT
// Eigen: the dense product, CSR of the factors one after another, and CSR of the product where it is sparse.
#include "problem.hpp"

#include <complex>

#include <Eigen/Dense>
#include <Eigen/Sparse>

namespace bench {

namespace {

template <class T, int Order> using matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Order>;
template <class T> using sparse = Eigen::SparseMatrix<T, Eigen::RowMajor>;

/// Calls f with x and y as Eigen knows them: a vector, or a panel of either order.
template <class T, class F> std::function<void()> on_maps(problem const& p, T const* x, T* y, F f) {
  if (p.vectors == 1) {
    using vector = Eigen::Matrix<T, Eigen::Dynamic, 1>;
    return f(Eigen::Map<vector const>(x, p.cols), Eigen::Map<vector>(y, p.rows), vector());
  }
  auto const panel = [&]<int Order>() {
    using type = matrix<T, Order>;
    return f(Eigen::Map<type const>(x, p.cols, p.vectors), Eigen::Map<type>(y, p.rows, p.vectors), type());
  };
  return p.row_major ? panel.template operator()<Eigen::RowMajor>() : panel.template operator()<Eigen::ColMajor>();
}

template <class T> work dense_product(problem const& p, T const* x, T* y) {
  auto const w = prepared::get<std::vector<T>>(
      p, "coefficients", [&] { return coefficients_of<T>(p); });
  auto const run = on_maps<T>(p, x, y, [&](auto in, auto out, auto) -> std::function<void()> {
    Eigen::Map<matrix<T, Eigen::RowMajor> const> const m(w->data(), p.rows, p.cols);
    return [w, m, in, out]() mutable { out.noalias() = m * in; };
  });
  return {run, p.coefficients() * p.vectors, p.coefficients() * sizeof(T)};
}

template <class T> std::vector<sparse<T>> sparse_factors(problem const& p) {
  auto const all = coefficients_of<T>(p);
  std::vector<sparse<T>> made;
  for_each_factor(p, [&](auto const& factor, std::size_t first) {
    std::vector<Eigen::Triplet<T>> entries;
    factor.for_each_nonzero(
        [&](int r, int c, int i) { entries.emplace_back(r, c, all[first + static_cast<std::size_t>(i)]); });
    made.emplace_back(factor.rows(), factor.cols());
    made.back().setFromTriplets(entries.begin(), entries.end());
  });
  return made;
}

template <class T>
work sparse_product(problem const& p, std::shared_ptr<std::vector<sparse<T>> const> const& ws, T const* x, T* y) {
  double nonzeros = 0, bytes = 0;
  for (auto const& w : *ws) {
    nonzeros += static_cast<double>(w.nonZeros());
    bytes +=
        static_cast<double>(w.nonZeros()) * (sizeof(T) + sizeof(int)) + static_cast<double>(w.rows()) * sizeof(int);
  }
  auto const run = on_maps<T>(p, x, y, [&](auto in, auto out, auto plain) -> std::function<void()> {
    std::vector<decltype(plain)> between(ws->size());
    for (std::size_t l = 1; l < ws->size(); ++l) between[l].resize((*ws)[l].rows(), p.vectors);
    return [ws, in, out, between]() mutable {
      std::size_t const last = ws->size() - 1;
      if (last == 0) {
        out.noalias() = ws->front() * in;
        return;
      }
      between[last].noalias() = ws->back() * in;
      for (std::size_t l = last; l-- > 1;) between[l].noalias() = (*ws)[l] * between[l + 1];
      out.noalias() = ws->front() * between[1];
    };
  });
  return {run, nonzeros * p.vectors, bytes};
}

template <class T> work factors(problem const& p, T const* x, T* y) {
  return sparse_product(p,
      prepared::get<std::vector<sparse<T>>>(
          p, "eigen", [&] { return sparse_factors<T>(p); }),
      x, y);
}

template <class T> work multiplied_out(problem const& p, T const* x, T* y) {
  auto const w = prepared::get<std::vector<sparse<T>>>(p, "eigen product", [&] {
    auto all = sparse_factors<T>(p);
    sparse<T> product = all.back();
    for (std::size_t l = all.size() - 1; l-- > 0;) product = (all[l] * product).eval();
    return std::vector<sparse<T>>{product};
  });
  return sparse_product(p, w, x, y);
}

}  // namespace

template <class T> std::vector<candidate<T>> eigen_candidates() {
  return {{"eigen_dense", true, [](problem const& p) { return p.is_dense(); }, dense_product<T>},
      {"eigen_csr", true, [](problem const& p) { return p.chain() || (p.mask() && p.name != "full"); }, factors<T>},
      {"eigen_csr_product", true, [](problem const& p) { return p.name == "partial"; }, multiplied_out<T>}};
}
template std::vector<candidate<float>> eigen_candidates();
template std::vector<candidate<double>> eigen_candidates();
template std::vector<candidate<std::complex<float>>> eigen_candidates();

}  // namespace bench
