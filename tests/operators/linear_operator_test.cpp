// SPDX-License-Identifier: MIT
/// Structured operators on the matrices of their users, against dense matrices formed entry by entry from the
/// definition.
#include <catch2/catch.hpp>

#include <algorithm>
#include <complex>
#include <limits>
#include <vector>

#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include <papillon/operators/eigen.hpp>
#include <papillon/operators/to_dense.hpp>
#include <papillon/structure/smallest_monotone.hpp>
#include <papillon/tensor/xtensor.hpp>

#include "support/definition.hpp"
#include "support/noise.hpp"

using namespace papillon;

namespace {

constexpr std::ptrdiff_t none = 0;

/// Largest difference that rounding explains: entries of a chain of L factors are sums of products of L coefficients in
/// (-1, 1), and products with x add up at most `cols` or `rows` of them. n terms of size 1 are off by n epsilon at
/// most, and by sqrt(n) in general.
template <class Real> Real tolerance(std::ptrdiff_t terms) {
  return static_cast<Real>(4 * terms) * std::numeric_limits<Real>::epsilon();
}

/// w stands for `dense`: both policies, both storage orders, one vector and panels of odd width; and none of them reads
/// what it does not own.
template <class S, class T>
void check(linear_operator<S, T> const& w, test::matrix<T> const& dense, std::ptrdiff_t inner) {
  using real = product::real_of<T>;
  using columns = test::matrix<T>;
  using rows = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  REQUIRE(w.rows() == dense.rows());
  REQUIRE(w.cols() == dense.cols());
  real const most = tolerance<real>(std::max(dense.rows(), dense.cols()) + inner);
  CHECK((to_dense(w) - dense).cwiseAbs().maxCoeff() < tolerance<real>(inner + 1));
  columns const conjugate_transpose = dense.adjoint();
  for (int const n : {1, 2, 7, 16, 37}) {
    INFO(n << " vectors");
    columns const x = columns::Random(w.cols(), n), z = columns::Random(w.rows(), n);
    columns const wx = test::multiply_by_definition(dense, x),
                  wz = test::multiply_by_definition(conjugate_transpose, z);
    columns y(w.rows(), n), back(w.cols(), n);
    rows yr(w.rows(), n), backr(w.cols(), n);
    apply(exec::seq{}, w, x, y);
    CHECK((y - wx).cwiseAbs().maxCoeff() < most);
    apply(exec::omp{2}, w, x, y);
    CHECK((y - wx).cwiseAbs().maxCoeff() < most);
    apply(exec::omp{}, w, rows(x), yr);
    CHECK((yr - wx).cwiseAbs().maxCoeff() < most);
    apply_adjoint(exec::seq{}, w, z, back);
    CHECK((back - wz).cwiseAbs().maxCoeff() < most);
    apply_adjoint(exec::omp{2}, w, z, back);
    CHECK((back - wz).cwiseAbs().maxCoeff() < most);
    apply_adjoint(exec::omp{}, w, rows(z), backr);
    CHECK((backr - wz).cwiseAbs().maxCoeff() < most);
  }
}

/// Coefficients in (-1, 1), real and imaginary parts each.
template <class T> std::vector<T> numbers(std::ptrdiff_t n) {
  using real = product::real_of<T>;
  auto const parts = test::noise<real>(static_cast<std::size_t>(2 * n), 1);
  std::vector<T> z(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < z.size(); ++i)
    if constexpr (product::is_complex<T>) z[i] = {parts[2 * i], parts[2 * i + 1]};
    else z[i] = parts[i];
  return z;
}

template <class T, class S> void check_chain(S const& structure) {
  auto const given = structure.factors();
  std::vector<pattern> const factors(given.begin(), given.end());
  std::ptrdiff_t inner = none;
  for (pattern const p : factors) inner += p.c;
  auto const coefficients = numbers<T>(structure.nnz());
  check(linear_operator<S, T>(structure, coefficients), test::chain_by_definition(factors, coefficients), inner);
}

}  // namespace

TEMPLATE_TEST_CASE("every structure multiplies like its definition, and its adjoint conjugates", "", float, double,
    std::complex<float>, std::complex<double>) {
  using T = TestType;
  auto const full = numbers<T>(35);
  check(linear_operator<dense, T>(dense(5, 7), full), test::mask_by_definition<T>(5, 7, {}, full), none);
  std::vector<std::uint8_t> keep(9 * 11);
  for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = i % 4 == 1 && i / 11 != 2;
  csr_mask const mask(9, 11, keep);
  auto const kept = numbers<T>(mask.nnz());
  check(linear_operator<csr_mask, T>(mask, kept), test::mask_by_definition(9, 11, keep, kept), none);
  check_chain<T>(runtime_chain({{1, 4, 3, 2}, {2, 3, 5, 1}}));
  check_chain<T>(runtime_chain({{2, 3, 2, 5}}));  // none of the four sizes is another's
  check_chain<T>(smallest_monotone<16, 144, 3>{});
  check_chain<T>(chain<pattern{3, 1, 1, 5}>{});
}

TEST_CASE("blocks, vectors and xtensor arrays are used in place") {
  using W = smallest_monotone<8, 36, 2>;
  auto const coefficients = test::noise<float>(static_cast<std::size_t>(W::nnz()), 2);
  linear_operator<W, float> const w(coefficients);
  auto const factors = W::factors();
  Eigen::MatrixXf const dense = test::chain_by_definition({factors.begin(), factors.end()}, coefficients),
                        x = Eigen::MatrixXf::Random(40, 9);
  Eigen::MatrixXf y = Eigen::MatrixXf::Constant(12, 9, 7.0f);
  apply(exec::omp{}, w, x.block(2, 1, 36, 5), y.block(3, 2, 8, 5));
  CHECK((y.block(3, 2, 8, 5) - dense * x.block(2, 1, 36, 5)).cwiseAbs().maxCoeff() < 1e-5f);
  CHECK(y.topRows(3).isConstant(7.0f));
  CHECK(y.leftCols(2).isConstant(7.0f));
  Eigen::VectorXf v(8);
  apply(exec::omp{}, w, x.col(0).head(36), v);
  CHECK((v - dense * x.col(0).head(36)).cwiseAbs().maxCoeff() < 1e-5f);

  xt::xtensor<float, 2> a = xt::zeros<float>({36, 3});
  xt::xarray<float> b = xt::zeros<float>({8, 3});
  for (std::size_t i = 0; i < 36; ++i)
    for (std::size_t j = 0; j < 3; ++j) a(i, j) = x(static_cast<int>(i), static_cast<int>(j));
  apply(exec::omp{}, w, a, b);
  Eigen::MatrixXf const want = dense * x.topLeftCorner(36, 3);
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      CHECK(b(i, j) == Approx(want(static_cast<int>(i), static_cast<int>(j))).margin(1e-5));
  xt::xtensor<float, 1> c = xt::zeros<float>({8});
  apply(exec::omp{}, w, xt::view(a, xt::all(), 1), c);
  for (std::size_t i = 0; i < 8; ++i) CHECK(c(i) == Approx(want(static_cast<int>(i), 1)).margin(1e-5));
}

TEST_CASE("wrong sizes are refused with both shapes named") {
  linear_operator<dense, double> const w(dense(2, 3), std::vector<double>(6, 1.0));
  Eigen::MatrixXd const x(3, 4);
  Eigen::MatrixXd y(2, 5);
  CHECK_THROWS_WITH(apply(exec::seq{}, w, x, y), Catch::Contains("2 x 5"));
  CHECK_THROWS_AS((linear_operator<dense, double>(dense(2, 3), std::vector<double>(5))), error);
  xt::xtensor<double, 3> const three = xt::zeros<double>({3, 1, 1});
  CHECK_THROWS_WITH(as_matrix(three), Catch::Contains("3 axes"));
}
