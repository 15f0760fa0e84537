// SPDX-License-Identifier: MIT
// The transforms against their definitions in long double, entry by entry.
#include <papillon/ops/transforms.hpp>

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <complex>
#include <functional>
#include <limits>
#include <numbers>
#include <vector>

#include "ops/support.hpp"

using namespace papillon;

namespace {

using wide = std::complex<long double>;

template <class T>
std::vector<T> numbers(std::size_t n, unsigned seed) {
  using R = ops::real_of<T>;
  auto const parts = test::noise<R>(2 * n, seed);
  std::vector<T> z(n);
  for (std::size_t i = 0; i < n; ++i) {
    if constexpr (ops::is_complex<T>) z[i] = {parts[2 * i], parts[2 * i + 1]};
    else z[i] = parts[2 * i];
  }
  return z;
}

/// Checks W x and W^H y of one vector and of a panel of five against entry(row, column).
template <class W>
void check(W const& w, std::function<wide(long long, long long)> const& entry) {
  using T = typename W::value_type;
  using R = ops::real_of<T>;
  auto const rows = static_cast<std::size_t>(w.rows()), cols = static_cast<std::size_t>(w.cols());
  CAPTURE(rows, cols);
  std::vector<wide> matrix(rows * cols);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c) matrix[r * cols + c] = entry(static_cast<long long>(r), static_cast<long long>(c));
  double const levels = 1 + std::log2(static_cast<double>(std::max(rows, cols)));
  auto const view = [](auto& v, std::size_t r, std::size_t n) {
    return matrix_view<std::remove_reference_t<decltype(v[0])>>{v.data(), static_cast<std::ptrdiff_t>(r), static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(n), 1};
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
      CHECK(std::sqrt(static_cast<double>(difference / size)) <= 20 * levels * static_cast<double>(std::numeric_limits<R>::epsilon()));
    };
    compare(exec::seq{});
    // The kernels of float are compiled for the tests of linear_operator; here they would double the time that takes.
    if constexpr (std::is_same_v<R, double>) compare(exec::omp{2});
  }
}

wide root(long long k, long long n) {
  long double const angle = -2 * std::numbers::pi_v<long double> * static_cast<long double>(k % n) / static_cast<long double>(n);
  return {std::cos(angle), std::sin(angle)};
}

}  // namespace

TEMPLATE_TEST_CASE("Fourier, cosine and Walsh-Hadamard transforms are those of the definition", "[transforms]", float, double) {
  using R = TestType;
  for (long long const n : {1, 2, 4, 8, 64, 256}) {
    int const size = static_cast<int>(n);
    check(make_dft<R>(size), [&](long long k, long long j) { return root(j * k, n); });
    check(make_inverse_dft<R>(size), [&](long long k, long long j) { return std::conj(root(j * k, n)) / static_cast<long double>(n); });
    check(make_dct2<R>(size), [&](long long k, long long j) { return wide(root((2 * j + 1) * k, 4 * n).real()); });
    check(make_walsh_hadamard<R>(size), [&](long long k, long long j) { return wide(std::popcount(static_cast<unsigned long long>(j & k)) % 2 == 0 ? 1 : -1); });
  }
}

TEMPLATE_TEST_CASE("circulant and Toeplitz products of any size are those of the definition", "[transforms]", float, double) {
  using T = std::complex<TestType>;
  for (std::size_t const n : {1u, 2u, 3u, 8u, 17u, 40u, 64u}) {
    auto const c = numbers<T>(n, 3);
    check(make_circulant<TestType>(std::span<T const>(c)), [&](long long k, long long j) {
      return wide(c[static_cast<std::size_t>(k - j + static_cast<long long>(n)) % n]);
    });
  }
  for (auto const& [m, n] : {std::pair<std::size_t, std::size_t>{1, 1}, {1, 9}, {9, 1}, {5, 5}, {17, 40}, {40, 17}}) {
    auto const column = numbers<T>(m, 4), row = numbers<T>(n, 5);
    check(make_toeplitz<TestType>(std::span<T const>(column), std::span<T const>(row)), [&](long long k, long long j) {
      return wide(k >= j ? column[static_cast<std::size_t>(k - j)] : row[static_cast<std::size_t>(j - k)]);
    });
  }
}

TEST_CASE("whole numbers go through the Walsh-Hadamard transform exactly", "[transforms]") {
  auto const w = make_walsh_hadamard<double>(32);
  std::vector<double> x(32), y(32), back(32);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i * i) - 100;
  apply(exec::omp{}, w, x, y);
  apply(exec::omp{}, w, y, back);
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(back[i] == 32 * x[i]);
}

TEST_CASE("sizes that are no power of two are refused, and products that do not fit", "[transforms]") {
  for (int const n : {0, -4, 3, 12}) {
    CHECK_THROWS_WITH(make_dft<double>(n), Catch::Contains("size " + std::to_string(n)));
    CHECK_THROWS_AS(make_inverse_dft<double>(n), error);
    CHECK_THROWS_AS(make_dct2<double>(n), error);
    CHECK_THROWS_AS(make_walsh_hadamard<float>(n), error);
  }
  std::vector<std::complex<double>> const none;
  CHECK_THROWS_AS(make_circulant<double>(none), error);
  CHECK_THROWS_AS(make_toeplitz<double>(none, none), error);
  CHECK_THROWS_WITH(product_operator<double>({std::vector<double>(3), std::vector<double>(4)}), Catch::Contains("3 columns"));
  CHECK_THROWS_AS(product_operator<double>({}), error);
  CHECK_THROWS_AS(selection({0, 3}, 3), error);
  std::vector<std::complex<double>> x(8), y(4);
  CHECK_THROWS_WITH(apply(exec::seq{}, make_dft<double>(4), x, y), Catch::Contains("4 x n"));
}
