// SPDX-License-Identifier: MIT
// Factorisation: exact products come back to rounding; other matrices within the proven bounds, and for two factors at
// the optimum, which is found here block by block in another way.
#include <papillon/operators/factorize/factorize.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <numbers>
#include <set>
#include <vector>

#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/smallest_monotone.hpp>
#include <papillon/structure/support.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

constexpr split_order every_order[] = {split_order::left_to_right, split_order::right_to_left, split_order::balanced};

template <class T> matrix_view<T const> row_major(std::vector<T> const& v, runtime_chain const& w) {
  return {v.data(), w.rows(), w.cols(), w.cols(), 1};
}

template <class T> std::vector<T> random_product(runtime_chain const& w, unsigned seed) {
  return to_dense(w, test::noise<T>(static_cast<std::size_t>(w.nnz()), seed));
}

/// Chains of every kind: butterflies, Monarch, the study's, not a power of two, b or c = 1, several paths an entry, a
/// product that is not full, and one whose second factor has more columns than its neighbour can use.
std::vector<runtime_chain> chains() {
  std::vector<runtime_chain> all;
  for (int levels = 1; levels <= 6; ++levels) all.push_back(make_dyadic_butterfly(levels));
  all.push_back(make_monarch(21, 16, 3, 4));
  all.push_back(make_monarch(7, 5, 1, 5));
  for (auto const& [m, n] : {std::pair{16, 144}, {32, 144}, {32, 288}, {64, 288}, {64, 576}})
    for (int const depth : {2, 3}) all.push_back(make_smallest_monotone(m, n, depth));
  all.push_back(make_smallest_monotone(30, 12, 3));
  all.push_back(make_smallest_monotone(45, 105, 4));
  all.push_back(runtime_chain({{1, 1, 1, 1}}));
  all.push_back(runtime_chain({{1, 4, 4, 4}, {2, 4, 4, 2}, {4, 4, 4, 1}}));                       // 2 paths, 2 paths
  all.push_back(runtime_chain({{1, 6, 6, 3}, {2, 9, 6, 1}, {2, 6, 5, 1}}));                       // 3 paths, 6 paths
  all.push_back(runtime_chain({{2, 3, 2, 6}, {4, 3, 4, 2}, {16, 2, 3, 1}}));                      // block diagonal
  all.push_back(runtime_chain({dense_pattern(2, 5), dense_pattern(5, 3), dense_pattern(3, 4)}));  // rank 2 at most
  return all;
}

/// The largest singular value of a matrix (row-major), by power iteration on A^T A.
double largest_singular_value(std::vector<double> const& a, std::size_t rows, std::size_t cols) {
  std::vector<double> v(cols, 1.0), u(rows);
  for (std::size_t j = 0; j < cols; ++j) v[j] += 0.1 * static_cast<double>(j);
  double value = 0;
  for (int step = 0; step < 2000; ++step) {
    double norm = 0;
    for (double const x : v) norm += x * x;
    for (double& x : v) x /= std::sqrt(norm);
    value = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      u[i] = 0;
      for (std::size_t j = 0; j < cols; ++j) u[i] += a[i * cols + j] * v[j];
      value += u[i] * u[i];
    }
    for (std::size_t j = 0; j < cols; ++j) {
      v[j] = 0;
      for (std::size_t i = 0; i < rows; ++i) v[j] += a[i * cols + j] * u[i];
    }
  }
  return std::sqrt(value);
}

/// The squared error of the best X Y of a pair with one path an entry, straight from the supports: column m of X and
/// row m of Y make a block of their own, of rank 1.
double best_pair_error(std::vector<double> const& a, pattern x, pattern y) {
  double error = 0;
  for (double const e : a) error += e * e;
  std::vector<std::set<std::size_t>> rows(static_cast<std::size_t>(x.cols())), cols(rows.size());
  x.for_each_nonzero([&](int r, int c, int) { rows[static_cast<std::size_t>(c)].insert(static_cast<std::size_t>(r)); });
  y.for_each_nonzero([&](int r, int c, int) { cols[static_cast<std::size_t>(r)].insert(static_cast<std::size_t>(c)); });
  for (std::size_t m = 0; m < rows.size(); ++m) {
    std::vector<double> block;
    for (auto const r : rows[m])
      for (auto const c : cols[m]) block.push_back(a[r * static_cast<std::size_t>(y.cols()) + c]);
    double const kept = largest_singular_value(block, rows[m].size(), cols[m].size());
    error -= kept * kept;
  }
  return std::sqrt(std::max(0.0, error));
}

}  // namespace

TEST_CASE("a product is recovered to rounding, in every order", "[factorize]") {
  for (auto const& w : chains()) {
    CAPTURE(w.rows(), w.cols(), w.depth());
    auto const a = random_product<double>(w, 3);
    for (auto const order : every_order) {
      CAPTURE(static_cast<int>(order));
      auto const f = factorize(exec::seq{}, row_major(a, w), w, {.order = order});
      CHECK(f.chain == w);
      CHECK(f.relative_error() < 1e-12);
      CHECK(f.upper_bound < 1e-12 * f.norm);
      // The error it reports is that of the coefficients it returns.
      auto product = to_dense(w, f.coefficients);
      for (std::size_t i = 0; i < a.size(); ++i) product[i] -= a[i];
      CHECK(std::sqrt(detail::sum_of_squares<double>(product)) == f.error);
    }
  }
}

TEST_CASE("a product in float is recovered to float's rounding", "[factorize]") {
  for (auto const& w :
      {make_dyadic_butterfly(5), make_smallest_monotone(64, 576, 3), runtime_chain({{1, 6, 6, 3}, {2, 9, 6, 1}})}) {
    auto const a = random_product<float>(w, 4);
    for (auto const order : every_order) {
      auto const f = factorize(exec::seq{}, row_major(a, w), w, {.order = order});
      // A is rounded after each of L products, the factors once more each.
      CHECK(f.relative_error() < 4 * w.depth() * static_cast<double>(std::numeric_limits<float>::epsilon()));
    }
  }
}

TEST_CASE("any matrix is approximated within the proven bounds, in every order", "[factorize]") {
  for (auto const& w : chains()) {
    CAPTURE(w.rows(), w.cols(), w.depth());
    auto const a = test::noise<double>(static_cast<std::size_t>(w.rows()) * static_cast<std::size_t>(w.cols()), 5);
    std::vector<double> bounds;
    for (auto const order : every_order) {
      CAPTURE(static_cast<int>(order));
      auto const f = factorize(exec::seq{}, row_major(a, w), w, {.order = order});
      double const slack = 1e-12 * f.norm, splits = w.depth() - 1;
      CHECK(f.split_errors.size() == static_cast<std::size_t>(splits));
      CHECK(f.error >= f.lower_bound - slack);
      CHECK(f.error <= f.upper_bound + slack);
      if (w.depth() > 1 && support(w) == std::vector<std::uint8_t>(a.size(), 1))
        CHECK(f.upper_bound <= (order == split_order::balanced ? splits : std::sqrt(splits)) * f.lower_bound + slack);
      bounds.push_back(f.lower_bound);
    }
    CHECK(bounds[0] == bounds[1]);
    CHECK(bounds[0] == bounds[2]);
  }
}

TEST_CASE("noise on a product costs no more than the noise times the constant", "[factorize]") {
  for (auto const& w : {make_dyadic_butterfly(6), make_smallest_monotone(64, 576, 3),
           runtime_chain({{1, 4, 4, 4}, {2, 4, 4, 2}, {4, 4, 4, 1}})})
    for (auto const order : every_order) {
      auto a = random_product<double>(w, 6);
      auto const noise = test::noise<double>(a.size(), 7);
      for (std::size_t i = 0; i < a.size(); ++i) a[i] += 0.01 * noise[i];
      auto const f = factorize(exec::seq{}, row_major(a, w), w, {.order = order, .bounds = false});
      double const splits = w.depth() - 1, size = 0.01 * std::sqrt(detail::sum_of_squares<double>(noise));
      CHECK(f.error <= (order == split_order::balanced ? splits : std::sqrt(splits)) * size);
      CHECK(f.error > 0);
      CHECK(f.split_errors.empty());
    }
}

TEST_CASE("two factors are the best there are", "[factorize]") {
  for (auto const& w : {make_monarch(21, 16, 3, 4), make_smallest_monotone(16, 144, 2), make_dyadic_butterfly(2),
           runtime_chain({{2, 3, 2, 4}, {4, 2, 5, 2}})}) {
    CAPTURE(w.rows(), w.cols());
    auto const a = test::noise<double>(static_cast<std::size_t>(w.rows()) * static_cast<std::size_t>(w.cols()), 8);
    double const best = best_pair_error(a, w.factors()[0], w.factors()[1]);
    for (auto const order : every_order) {
      auto const f = factorize(exec::seq{}, row_major(a, w), w, {.order = order});
      CHECK(f.error == Approx(best).epsilon(1e-10));  // power iteration has converged to far less
      CHECK(f.lower_bound == Approx(best).epsilon(1e-10));
    }
  }
}

TEST_CASE("the Fourier matrix in bit-reversed order is found to be a butterfly", "[factorize]") {
  using number = std::complex<double>;
  int const levels = 5, size = 1 << levels;
  std::vector<number> a;
  for (int i = 0; i < size; ++i)
    for (int j = 0; j < size; ++j) {
      int reversed = 0;
      for (int b = 0; b < levels; ++b) reversed |= (j >> b & 1) << (levels - 1 - b);
      a.push_back(std::polar(1.0, -2 * std::numbers::pi * (i * reversed % size) / size));
    }
  auto const w = make_dyadic_butterfly(levels);
  for (auto const order : every_order)
    CHECK(factorize(exec::seq{}, row_major(a, w), w, {.order = order}).relative_error() < 1e-13);
}

TEST_CASE("threads find the same bits", "[factorize]") {
  auto const w = make_smallest_monotone(32, 144, 3);
  auto const a = test::noise<double>(static_cast<std::size_t>(32 * 144), 9);
  auto const one = factorize(exec::seq{}, row_major(a, w), w), several = factorize(exec::omp{3}, row_major(a, w), w);
  CHECK(one.coefficients == several.coefficients);
  CHECK(one.upper_bound == several.upper_bound);
}

TEST_CASE("matrices of zeros, of tiny and of huge numbers are no special case", "[factorize]") {
  auto const w = make_dyadic_butterfly(3);
  std::vector<double> const zero(64, 0.0);
  auto const f = factorize(exec::seq{}, row_major(zero, w), w);
  CHECK(f.error == 0);
  CHECK(f.relative_error() == 0);
  auto const product = random_product<double>(w, 10);
  for (double const scale : {1e-150, 1e140}) {
    auto a = product;
    for (double& x : a) x *= scale;
    CHECK(factorize(exec::seq{}, row_major(a, w), w, {.order = split_order::balanced}).relative_error() < 1e-12);
  }
}

TEST_CASE("what has no factorisation is refused", "[factorize]") {
  std::vector<double> a(36, 1.0);
  runtime_chain const broken({{1, 1, 3, 2}, {2, 3, 6, 1}});
  CHECK_THROWS_WITH(factorize(exec::seq{}, matrix_view<double const>{a.data(), 2, 12, 12, 1}, broken),
      Catch::Contains("do not fuse") && Catch::Contains("(1, 1, 3, 2)") && Catch::Contains("does not divide ac = 3"));
  auto const w = make_monarch(6, 6, 2, 3);
  // a grows to the right, so the transpose of a chainable chain is not chainable: factorise the transposed matrix
  // instead.
  CHECK_THROWS_AS(
      factorize(exec::seq{}, matrix_view<double const>{a.data(), 6, 6, 6, 1}, transposed(make_monarch(6, 6, 2, 3))),
      error);
  CHECK_THROWS_WITH(factorize(exec::seq{}, matrix_view<double const>{a.data(), 9, 4, 4, 1}, w),
      Catch::Contains("9 x 4") && Catch::Contains("6 x 6"));
  a[7] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(factorize(exec::seq{}, row_major(a, w), w), Catch::Contains("entry (1, 1) is not finite"));
}
