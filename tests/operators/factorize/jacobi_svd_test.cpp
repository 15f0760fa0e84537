// SPDX-License-Identifier: MIT
// The decomposition against its definition: U and V orthonormal, A = U S V^H, values that were put in.
#include <papillon/operators/factorize/jacobi_svd.hpp>

#include <catch2/catch.hpp>

#include <complex>
#include <vector>

#include "support/noise.hpp"

using namespace papillon;

namespace {

template <class T> std::vector<T> random_numbers(std::size_t n, unsigned seed) {
  auto const parts = test::noise<double>(2 * n, seed);
  std::vector<T> v(n);
  for (std::size_t i = 0; i < n; ++i)
    if constexpr (std::is_same_v<T, double>) v[i] = parts[i];
    else v[i] = {parts[2 * i], parts[2 * i + 1]};
  return v;
}

}  // namespace

TEMPLATE_TEST_CASE("U S V^H is the matrix, and U and V are orthonormal", "[factorize]", double, std::complex<double>) {
  using T = TestType;
  jacobi_svd<T> svd;  // one object for all shapes, as it is used
  for (auto const& [rows, cols] :
      {std::pair<std::size_t, std::size_t>{1, 1}, {1, 7}, {7, 1}, {5, 5}, {17, 3}, {3, 17}, {40, 33}}) {
    CAPTURE(rows, cols);
    auto const a = random_numbers<T>(rows * cols, 1);
    svd.compute(rows, cols, a);
    std::size_t const n = std::min(rows, cols);
    REQUIRE(svd.values().size() == n);
    for (std::size_t k = 0; k + 1 < n; ++k) CHECK(svd.values()[k] >= svd.values()[k + 1]);
    double worst = 0;
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < cols; ++j) {
        T sum{};
        for (std::size_t k = 0; k < n; ++k)
          sum += svd.left(k, i) * svd.values()[k] * product::conjugate(svd.right(k, j));
        worst = std::max(worst, std::abs(sum - a[j * rows + i]));
      }
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t l = 0; l < n; ++l) {
        T left{}, right{};
        for (std::size_t i = 0; i < rows; ++i) left += product::conjugate(svd.left(k, i)) * svd.left(l, i);
        for (std::size_t j = 0; j < cols; ++j) right += product::conjugate(svd.right(k, j)) * svd.right(l, j);
        double const wanted = k == l ? 1 : 0;
        worst = std::max({worst, std::abs(left - wanted), std::abs(right - wanted)});
      }
    // Every rotation rounds once; there are about ten sweeps, and numbers of size 1 in sums of at most 40.
    CHECK(worst < 1e-13);
  }
}

TEST_CASE("singular values over 30 orders of magnitude are found to relative accuracy", "[factorize]") {
  // Columns e_k d_k + small multiples of each other would mix scales; a graded diagonal times a rotation of neighbours
  // keeps the exact values known.
  std::vector<double> const wanted{1e10, 1, 1e-10, 1e-20};
  std::vector<double> a(16, 0.0);
  for (std::size_t k = 0; k < 4; ++k) a[k * 4 + k] = wanted[k];
  std::vector<double> turned(16);
  for (std::size_t j = 0; j < 4; ++j)  // rows 0, 1 and 2, 3 turned: singular values stay
    for (std::size_t i = 0; i < 4; i += 2) {
      turned[j * 4 + i] = 0.6 * a[j * 4 + i] - 0.8 * a[j * 4 + i + 1];
      turned[j * 4 + i + 1] = 0.8 * a[j * 4 + i] + 0.6 * a[j * 4 + i + 1];
    }
  jacobi_svd<double> svd;
  svd.compute(4, 4, turned, false);
  for (std::size_t k = 0; k < 4; ++k) CHECK(svd.values()[k] == Approx(wanted[k]).epsilon(1e-14));
}

TEMPLATE_TEST_CASE(
    "multiples of one column leave one value and its vectors whole", "[factorize]", double, std::complex<double>) {
  using T = TestType;
  for (std::size_t const cols : {std::size_t{2}, std::size_t{4}, std::size_t{9}}) {
    auto const x = random_numbers<T>(16, 3), y = random_numbers<T>(cols, 4);
    std::vector<T> a;
    double xx = 0, yy = 0;
    for (T const& yj : y)
      for (T const& xi : x) a.push_back(xi * yj);
    for (T const& xi : x) xx += product::squared(xi);
    for (T const& yj : y) yy += product::squared(yj);
    jacobi_svd<T> svd;
    svd.compute(16, cols, a);
    CHECK(svd.values()[0] == Approx(std::sqrt(xx * yy)).epsilon(1e-14));
    for (std::size_t k = 1; k < cols; ++k) CHECK(svd.values()[k] < 1e-15 * svd.values()[0]);
    for (std::size_t j = 0; j < cols; ++j)
      CHECK(std::abs(svd.left(0, 2) * svd.values()[0] * product::conjugate(svd.right(0, j)) - a[j * 16 + 2]) < 1e-14);
  }
}

TEST_CASE("a matrix of rank one has one value, one of zeros none", "[factorize]") {
  jacobi_svd<double> svd;
  svd.compute(3, 2, std::vector<double>{1, 2, 2, 2, 4, 4});
  CHECK(svd.values()[0] == Approx(std::sqrt(45.0)));
  CHECK(svd.values()[1] < 1e-15);
  svd.compute(2, 3, std::vector<double>(6, 0.0));
  CHECK(svd.values()[0] == 0);
  CHECK(svd.values()[1] == 0);
}
