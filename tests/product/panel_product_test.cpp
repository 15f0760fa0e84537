// SPDX-License-Identifier: MIT
/// Panels of any width and storage order, through one pass over memory and several, against the plain loops.
#include <catch2/catch.hpp>

#include <algorithm>
#include <complex>
#include <limits>
#include <vector>

#include <papillon/operators/linear_operator.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

/// Panels stored by columns, by rows, and with gaps everywhere.
enum class order { columns, rows, gaps };

template <class T, class V> matrix_view<T> view(V& v, int rows, int n, order o) {
  if (o == order::columns) return {v.data(), rows, n, 1, rows};
  if (o == order::rows) return {v.data(), rows, n, n, 1};
  return {v.data(), rows, n, 2, 2 * rows};
}

template <class T, class S> void check(S const& structure, std::initializer_list<int> widths) {
  using real = product::real_of<T>;
  auto const noise = [](std::size_t n, unsigned seed) {
    auto const parts = test::noise<real>(2 * n, seed);
    std::vector<T> z(n);
    for (std::size_t i = 0; i < n; ++i)
      if constexpr (product::is_complex<T>) z[i] = {parts[2 * i], parts[2 * i + 1]};
      else z[i] = parts[i];
    return z;
  };
  linear_operator<S, T> const w(structure, noise(static_cast<std::size_t>(structure.nnz()), 1));
  for (int const n : widths)
    for (order const o : {order::columns, order::rows, order::gaps})
      for (bool const adjoint : {false, true}) {
        int const in = adjoint ? w.rows() : w.cols(), out = adjoint ? w.cols() : w.rows();
        auto const x = noise(static_cast<std::size_t>(2 * in * n), 2);
        std::vector<T> y(static_cast<std::size_t>(2 * out * n), T(7)), want(y);
        w.multiply(exec::omp{2}, adjoint, view<T const>(x, in, n, o), view<T>(y, out, n, o));
        w.multiply(exec::seq{}, adjoint, view<T const>(x, in, n, o), view<T>(want, out, n, o));
        real worst = 0, size = 0;
        for (std::size_t i = 0; i < y.size(); ++i)
          worst = std::max(worst, std::abs(y[i] - want[i])), size = std::max(size, std::abs(want[i]));
        INFO(structure.rows() << " x " << structure.cols() << ", " << n << " vectors, order " << static_cast<int>(o)
                              << ", adjoint " << adjoint);
        // Sums of at most a few hundred terms, in another order; what lies between the panel's values stays.
        CHECK(worst <= 100 * std::numeric_limits<real>::epsilon() * size);
      }
}

}  // namespace

TEMPLATE_TEST_CASE("panels are multiplied like the definition", "", float, double, std::complex<float>) {
  using T = TestType;
  check<T>(runtime_chain({{1, 12, 9, 2}, {3, 6, 18, 1}}), {16, 33});
  check<T>(runtime_chain({{1, 9, 10, 34}, {10, 17, 19, 2}}), {17});
  check<T>(runtime_chain({{1, 18, 20, 17}, {20, 17, 19, 1}}), {17});  // strided inputs, read often
  check<T>(runtime_chain({{2, 3, 5, 1}, {1, 2, 3, 5}}), {16, 40});    // neighbours that do not fuse
  check<T>(runtime_chain({{1, 1, 1, 1}}), {16});
}

TEST_CASE("long chains take several passes over memory") {
  auto const w = make_dyadic_butterfly(9);
  auto const passes = product::make_panel_passes(w, false, 128);
  REQUIRE(passes.size() == 2);
  CHECK(passes[0].stages.size() == 7);
  CHECK(passes[0].contiguous);
  CHECK(passes[1].count == 4);  // 128 blocks of 4, 32 at a time
  std::size_t weights = 0;
  for (auto const& p : passes) weights += p.weight_index.size();
  CHECK(weights == static_cast<std::size_t>(w.nnz()));
  check<float>(w, {32});
  check<double>(make_dyadic_butterfly(10), {16});
  check<float>(runtime_chain({{1, 6, 2, 105}, {2, 5, 5, 21}, {10, 7, 7, 3}, {70, 3, 2, 1}}), {16});
}

TEST_CASE("masks and dense matrices take panels") {
  std::vector<std::uint8_t> keep(37 * 23);
  for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = i / 23 != 5 && (i * i) % (i / 23 + 2) == 1;
  check<float>(csr_mask(37, 23, keep), {16, 65});
  check<double>(csr_mask(37, 23, keep), {33});
  check<float>(dense(50, 33), {48});
}

TEST_CASE("every panel of an operator gives the same bits, however many threads share it") {
  auto const structure = make_dyadic_butterfly(6);
  linear_operator<runtime_chain, float> const w(
      structure, test::noise<float>(static_cast<std::size_t>(structure.nnz()), 1));
  auto const x = test::noise<float>(64 * 100, 2);
  std::vector<float> one(x.size()), many(x.size());
  apply(exec::omp{1}, w, matrix_view<float const>{x.data(), 64, 100, 1, 64},
      matrix_view<float>{one.data(), 64, 100, 1, 64});
  for (int const threads : {2, 3, 7}) {
    apply(exec::omp{threads}, w, matrix_view<float const>{x.data(), 64, 100, 1, 64},
        matrix_view<float>{many.data(), 64, 100, 1, 64});
    CHECK(many == one);
  }
}
