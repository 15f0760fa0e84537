// SPDX-License-Identifier: MIT
/// Structured operators on the matrices of their users, against Eigen's dense product.
#include <catch2/catch.hpp>

#include <complex>

#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include <papillon/operators/densify.hpp>
#include <papillon/operators/to_dense.hpp>
#include <papillon/structure/smallest_monotone.hpp>
#include <papillon/tensor/xtensor.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

using row_major = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Both policies, both storage orders, one vector and panels of odd width.
template <class S>
void check(S const& structure) {
  linear_operator<S, double> const w(structure, test::noise<double>(static_cast<std::size_t>(structure.nnz()), 1));
  Eigen::MatrixXd const dense = to_dense(w);
  for (int n : {1, 2, 7, 16, 37}) {
    Eigen::MatrixXd const x = Eigen::MatrixXd::Random(w.cols(), n), z = Eigen::MatrixXd::Random(w.rows(), n);
    Eigen::MatrixXd y(w.rows(), n), back(w.cols(), n);
    row_major yr(w.rows(), n);
    apply(exec::seq{}, w, x, y);
    CHECK((y - dense * x).cwiseAbs().maxCoeff() < 1e-12);
    apply(exec::omp{2}, w, x, y);
    CHECK((y - dense * x).cwiseAbs().maxCoeff() < 1e-12);
    apply(exec::omp{}, w, row_major(x), yr);
    CHECK((yr - dense * x).cwiseAbs().maxCoeff() < 1e-12);
    apply_adjoint(exec::seq{}, w, z, back);
    CHECK((back - dense.transpose() * z).cwiseAbs().maxCoeff() < 1e-12);
    apply_adjoint(exec::omp{2}, w, z, back);
    CHECK((back - dense.transpose() * z).cwiseAbs().maxCoeff() < 1e-12);
  }
}

}  // namespace

TEST_CASE("every structure multiplies like its dense product") {
  check(dense(5, 7));
  std::vector<std::uint8_t> keep(9 * 11);
  for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = i % 4 == 1 && i / 11 != 2;
  check(csr_mask(9, 11, keep));
  check(runtime_chain({{1, 4, 3, 2}, {2, 3, 5, 1}}));
  check(smallest_monotone<16, 144, 3>{});
  check(chain<pattern{3, 1, 1, 5}>{});
}

TEMPLATE_TEST_CASE("complex operators multiply like the definition, and their adjoint conjugates", "",
                   std::complex<float>, std::complex<double>) {
  using T = TestType;
  using real = typename T::value_type;
  runtime_chain const structure({{1, 4, 3, 2}, {2, 3, 5, 1}});
  auto const numbers = [](std::size_t n, unsigned seed) {
    auto const parts = test::noise<real>(2 * n, seed);
    std::vector<T> z(n);
    for (std::size_t i = 0; i < n; ++i) z[i] = {parts[2 * i], parts[2 * i + 1]};
    return z;
  };
  linear_operator<runtime_chain, T> const w(structure, numbers(static_cast<std::size_t>(structure.nnz()), 1));
  auto const dense = densify(structure, w.coefficients());
  auto const rows = static_cast<std::size_t>(w.rows()), cols = static_cast<std::size_t>(w.cols());
  for (std::size_t n : {1u, 3u, 17u, 40u}) {
    auto const x = numbers(cols * n, 2), z = numbers(rows * n, 3);
    auto const view = [&](auto& v, std::size_t r) {
      return matrix_view<std::remove_reference_t<decltype(v[0])>>{
          v.data(), static_cast<std::ptrdiff_t>(r), static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(n), 1};
    };
    auto const check = [&](auto policy) {
      std::vector<T> y(rows * n), back(cols * n);
      apply(policy, w, view(x, cols), view(y, rows));
      apply_adjoint(policy, w, view(z, rows), view(back, cols));
      real worst = 0;
      for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t r = 0; r < rows; ++r) {
          T sum{};
          for (std::size_t c = 0; c < cols; ++c) sum += dense[r * cols + c] * x[c * n + k];
          worst = std::max(worst, std::abs(sum - y[r * n + k]));
        }
        for (std::size_t c = 0; c < cols; ++c) {
          T sum{};
          for (std::size_t r = 0; r < rows; ++r) sum += std::conj(dense[r * cols + c]) * z[r * n + k];
          worst = std::max(worst, std::abs(sum - back[c * n + k]));
        }
      }
      // Sums of at most 60 products of three numbers of size 1.5.
      CHECK(worst < 500 * std::numeric_limits<real>::epsilon());
    };
    check(exec::seq{});
    check(exec::omp{2});
  }
}

TEST_CASE("blocks, vectors and xtensor arrays are used in place") {
  using W = smallest_monotone<8, 36, 2>;
  linear_operator<W, float> const w(test::noise<float>(static_cast<std::size_t>(W::nnz()), 2));
  Eigen::MatrixXf const dense = to_dense(w), x = Eigen::MatrixXf::Random(40, 9);
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
