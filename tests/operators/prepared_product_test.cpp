// SPDX-License-Identifier: MIT
/// A prepared product is the product, of every structure and scalar, by itself and after its operator is gone.
#include <catch2/catch.hpp>

#include <complex>
#include <optional>
#include <thread>
#include <vector>

#include <papillon/operators/prepared_product.hpp>
#include <papillon/structure/csr_mask.hpp>
#include <papillon/structure/dense.hpp>
#include <papillon/structure/smallest_monotone.hpp>

#include "support/definition.hpp"
#include "support/noise.hpp"

using namespace papillon;

namespace {

template <class T> std::vector<T> numbers(int n, unsigned seed) {
  using real = product::real_of<T>;
  auto const parts = test::noise<real>(static_cast<std::size_t>(2 * n), seed);
  std::vector<T> z(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < z.size(); ++i)
    if constexpr (product::is_complex<T>) z[i] = {parts[2 * i], parts[2 * i + 1]};
    else z[i] = parts[i];
  return z;
}

template <class T, class S> void check(S const& structure) {
  linear_operator<S, T> const w(structure, numbers<T>(structure.nnz(), 1));
  auto const forward = numbers<T>(w.cols(), 2), back = numbers<T>(w.rows(), 3);
  std::vector<T> y(back.size()), want(back.size()), x(forward.size()), wanted(forward.size());
  auto const product = prepare(exec::omp{}, w);
  auto const adjoint = prepare_adjoint(exec::omp{}, w);
  CHECK(product.rows() == w.rows());
  CHECK(adjoint.rows() == w.cols());
  product(forward.data(), y.data());
  adjoint(std::span<T const>(back), std::span<T>(x));
  // What apply forms, to the bit: the same plans.
  apply(exec::omp{}, w, forward, want);
  apply_adjoint(exec::omp{}, w, back, wanted);
  CHECK(y == want);
  CHECK(x == wanted);
}

}  // namespace

TEMPLATE_TEST_CASE("a prepared product is what apply forms", "", float, double, std::complex<float>) {
  using T = TestType;
  check<T>(smallest_monotone<16, 144, 2>{});
  check<T>(smallest_monotone<64, 576, 3>{});
  check<T>(make_smallest_monotone(30, 70, 2));
  check<T>(dense(9, 13));
  check<T>(csr_mask(5, 7,
      std::vector<std::uint8_t>{
          1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1}));
  check<T>(dense(1, 5000));  // too long for the stack
}

TEST_CASE("the study's chains multiply one vector like their definition") {
  auto const check_chain = [](auto const& structure) {
    std::vector<pattern> const factors(structure.factors().begin(), structure.factors().end());
    auto const coefficients = numbers<float>(structure.nnz(), 1);
    Eigen::MatrixXf const w = test::chain_by_definition(factors, coefficients);
    Eigen::VectorXf const x = Eigen::VectorXf::Random(w.cols());
    Eigen::VectorXf y(w.rows());
    prepare(exec::omp{}, linear_operator(structure, coefficients))(x.data(), y.data());
    CHECK((y - w * x).norm() <= 1e-6f * (w * x).norm());
  };
  for (auto const& [rows, cols] : {std::pair{16, 144}, {32, 144}, {32, 288}, {64, 288}, {64, 576}})
    for (int const depth : {2, 3}) check_chain(make_smallest_monotone(rows, cols, depth));
}

TEST_CASE("a prepared product outlives its operator and serves several threads") {
  std::optional<prepared_product<float>> product;
  std::vector<float> const x = numbers<float>(576, 2);
  std::vector<float> want(64);
  {
    linear_operator<smallest_monotone<64, 576, 2>, float> const w(numbers<float>(3200, 1));
    product = prepare(exec::omp{}, w);
    apply(exec::omp{}, w, x, want);
  }
  std::vector<std::vector<float>> results(4, std::vector<float>(64));
  std::vector<std::thread> threads;
  for (auto& y : results)
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) (*product)(x.data(), y.data());
    });
  for (std::thread& t : threads) t.join();
  for (auto const& y : results) CHECK(y == want);
}
