// SPDX-License-Identifier: MIT
// The transforms against their definitions in long double, entry by entry.
#include <papillon/operators/eigen.hpp>
#include <papillon/operators/transforms.hpp>
#include <papillon/tensor/eigen.hpp>
#include <papillon/tensor/xtensor.hpp>

#include <catch2/catch.hpp>
#include <xtensor/xtensor.hpp>

#include <bit>
#include <cmath>
#include <complex>
#include <functional>
#include <limits>
#include <numbers>
#include <vector>

#include "support/noise.hpp"

using namespace papillon;

namespace {

using wide = std::complex<long double>;

template <class T> std::vector<T> numbers(std::size_t n, unsigned seed) {
  using R = product::real_of<T>;
  auto const parts = test::noise<R>(2 * n, seed);
  std::vector<T> z(n);
  for (std::size_t i = 0; i < n; ++i)
    if constexpr (product::is_complex<T>) z[i] = {parts[2 * i], parts[2 * i + 1]};
    else z[i] = parts[2 * i];
  return z;
}

/// Checks W x and W^H y of one vector and of a panel of five against entry(row, column).
template <class W> void check(W const& w, std::function<wide(long long, long long)> const& entry) {
  using T = typename W::value_type;
  using R = product::real_of<T>;
  auto const rows = static_cast<std::size_t>(w.rows()), cols = static_cast<std::size_t>(w.cols());
  CAPTURE(rows, cols);
  std::vector<wide> matrix(rows * cols);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c)
      matrix[r * cols + c] = entry(static_cast<long long>(r), static_cast<long long>(c));
  double const levels = 1 + std::log2(static_cast<double>(std::max(rows, cols)));
  auto const view = [](auto& v, std::size_t r, std::size_t n) {
    return matrix_view<std::remove_reference_t<decltype(v[0])>>{
        v.data(), static_cast<std::ptrdiff_t>(r), static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(n), 1};
  };
  for (std::size_t const n : {std::size_t{1}, std::size_t{5}}) {
    auto const x = numbers<T>(cols * n, 1), z = numbers<T>(rows * n, 2);
    std::vector<T> y(rows * n), back(cols * n);
    auto const compare = [&](auto policy) {
      apply(policy, w, view(x, cols, n), view(y, rows, n));
      apply_adjoint(policy, w, view(z, rows, n), view(back, cols, n));
      long double difference = 0, size = 0;
      for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t r = 0; r < rows; ++r) {
          wide sum{};
          for (std::size_t c = 0; c < cols; ++c) sum += matrix[r * cols + c] * wide(x[c * n + k]);
          difference += std::norm(sum - wide(y[r * n + k]));
          size += std::norm(sum);
        }
        for (std::size_t c = 0; c < cols; ++c) {
          wide sum{};
          for (std::size_t r = 0; r < rows; ++r) sum += std::conj(matrix[r * cols + c]) * wide(z[r * n + k]);
          difference += std::norm(sum - wide(back[c * n + k]));
          size += std::norm(sum);
        }
      }
      // Every level rounds coefficient, product and sum (in a Toeplitz product, of a vector that is at most a few times
      // as long as the result, three times over).
      CHECK(std::sqrt(static_cast<double>(difference / size)) <=
            20 * levels * static_cast<double>(std::numeric_limits<R>::epsilon()));
    };
    compare(exec::seq{});
    // The kernels of float are compiled for the tests of linear_operator; here they would double the time that takes.
    if constexpr (std::is_same_v<R, double>) compare(exec::omp{2});
  }
}

wide root(long long k, long long n) {
  long double const angle =
      -2 * std::numbers::pi_v<long double> * static_cast<long double>(k % n) / static_cast<long double>(n);
  return {std::cos(angle), std::sin(angle)};
}

}  // namespace

TEMPLATE_TEST_CASE(
    "Fourier, cosine and Walsh-Hadamard transforms are those of the definition", "[transforms]", float, double) {
  using R = TestType;
  for (long long const n : {1, 2, 4, 8, 64, 256}) {
    int const size = static_cast<int>(n);
    check(
        make_dft<R>(size), [&](long long k, long long j) { return root(j * k, n); });
    check(
        make_inverse_dft<R>(size),
        [&](long long k, long long j) { return std::conj(root(j * k, n)) / static_cast<long double>(n); });
    check(
        make_dct2<R>(size), [&](long long k, long long j) { return wide(root((2 * j + 1) * k, 4 * n).real()); });
    check(
        make_inverse_dct2<R>(size),
        [&](long long j, long long k) {
          return wide(root((2 * j + 1) * k, 4 * n).real() * static_cast<long double>(k == 0 ? 1 : 2) /
                      static_cast<long double>(n));
        });
    check(make_walsh_hadamard<R>(size), [&](long long k, long long j) {
      return wide(std::popcount(static_cast<unsigned long long>(j & k)) % 2 == 0 ? 1 : -1);
    });
  }
}

TEMPLATE_TEST_CASE("circulant and Toeplitz products of any size are those of the definition", "[transforms]", float,
    double, std::complex<float>, std::complex<double>) {
  using T = TestType;
  for (std::size_t const n : {1u, 2u, 3u, 8u, 17u, 40u, 64u}) {
    auto const c = numbers<T>(n, 3);
    check(make_circulant<T>(c), [&](long long k, long long j) {
      return wide(c[static_cast<std::size_t>(k - j + static_cast<long long>(n)) % n]);
    });
  }
  for (auto const& [m, n] : {std::pair<std::size_t, std::size_t>{1, 1}, {1, 9}, {9, 1}, {5, 5}, {17, 40}, {40, 17}}) {
    auto const column = numbers<T>(m, 4), row = numbers<T>(n, 5);
    check(make_toeplitz<T>(column, row), [&](long long k, long long j) {
      return wide(k >= j ? column[static_cast<std::size_t>(k - j)] : row[static_cast<std::size_t>(j - k)]);
    });
  }
}

TEST_CASE("real transforms act on Eigen and xtensor objects in place, and undo one another", "[transforms]") {
  auto const transform = make_dct2<double>(16), back = make_inverse_dct2<double>(16);
  // Five columns of a larger matrix: one vector has no partner, and what lies around the block is left alone.
  Eigen::MatrixXd const x = Eigen::MatrixXd::Random(16, 5);
  Eigen::MatrixXd y = Eigen::MatrixXd::Constant(18, 7, 9.0), again(16, 5);
  apply(exec::omp{2}, transform, x, y.block(1, 1, 16, 5));
  apply(exec::omp{2}, back, y.block(1, 1, 16, 5), again);
  CHECK((again - x).norm() <= 1e-14 * x.norm());
  CHECK((y.block(1, 1, 16, 5) - to_dense(transform) * x).norm() <= 1e-13 * x.norm());
  CHECK((y.row(0).array() == 9 && y.row(17).array() == 9).all());
  CHECK((y.col(0).array() == 9 && y.col(6).array() == 9).all());

  xt::xtensor<double, 2> rows({16, 5}), result({16, 5});
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t j = 0; j < 5; ++j) rows(i, j) = x(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
  apply(exec::seq{}, transform, rows, result);
  for (std::size_t j = 0; j < 5; ++j) CHECK(std::abs(result(3, j) - y(4, static_cast<Eigen::Index>(j) + 1)) <= 1e-13);

  Eigen::MatrixXd const none(16, 0);
  Eigen::MatrixXd nothing(16, 0);
  apply(exec::omp{}, transform, none, nothing);
  CHECK_THROWS_WITH(apply(exec::seq{}, transform, x, again.topRows(8)), Catch::Contains("16 x n"));
}

TEST_CASE("whole numbers go through the Walsh-Hadamard transform exactly", "[transforms]") {
  auto const w = make_walsh_hadamard<double>(32);
  std::vector<double> x(32), y(32), back(32);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i * i) - 100;
  apply(exec::omp{}, w, x, y);
  apply(exec::omp{}, w, y, back);
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(back[i] == 32 * x[i]);
}

TEMPLATE_TEST_CASE("Walsh-Hadamard transforms of every size and layout are those of the butterflies", "[transforms]",
    float, double, std::complex<float>, std::complex<double>) {
  using T = TestType;
  // Whole numbers: every order of the sums gives the same ones, to the bit.
  for (int n = 1; n <= 32768; n *= 2) {
    walsh_hadamard<T> const w(n);
    for (std::ptrdiff_t const cols : {1, 3, 40}) {
      if (n > 1024 && cols == 40 && n != 16384) continue;
      auto const size = static_cast<std::size_t>(n * cols);
      std::vector<T> x(size), expected(size), found(size);
      for (std::size_t i = 0; i < size; ++i) x[i] = static_cast<T>(static_cast<float>(i * 7 % 23) - 11);
      auto const view = [&](auto& v, bool rows) {
        using U = std::remove_reference_t<decltype(v[0])>;
        return matrix_view<U>{v.data(), n, cols, rows ? cols : 1, rows ? 1 : n};
      };
      std::vector<T> const& from = x;
      for (bool const by_rows : {true, false})
        for (bool const to_rows : {true, false}) {
          w.multiply(exec::seq{}, false, view(from, by_rows), view(expected, to_rows));
          w.multiply(exec::omp{2}, false, view(from, by_rows), view(found, to_rows));
          CAPTURE(n, cols, by_rows, to_rows);
          CHECK(found == expected);
        }
    }
  }
}

TEST_CASE("sizes that are no power of two are refused, and products that do not fit", "[transforms]") {
  for (int const n : {0, -4, 3, 12}) {
    CHECK_THROWS_WITH(make_dft<double>(n), Catch::Contains("size " + std::to_string(n)));
    CHECK_THROWS_AS(make_inverse_dft<double>(n), error);
    CHECK_THROWS_AS(make_dct2<double>(n), error);
    CHECK_THROWS_AS(make_inverse_dct2<float>(n), error);
    CHECK_THROWS_AS(make_walsh_hadamard<float>(n), error);
  }
  std::vector<double> const none;
  CHECK_THROWS_AS(make_circulant<double>(none), error);
  CHECK_THROWS_AS(make_toeplitz<double>(none, none), error);
  CHECK_THROWS_WITH(
      product_operator<double>({std::vector<double>(3), std::vector<double>(4)}), Catch::Contains("3 columns"));
  CHECK_THROWS_AS(product_operator<double>({}), error);
  CHECK_THROWS_AS(index_map({0, 3}, 3), error);
  std::vector<std::complex<double>> x(8), y(4);
  CHECK_THROWS_WITH(apply(exec::seq{}, make_dft<double>(4), x, y), Catch::Contains("4 x n"));
}
