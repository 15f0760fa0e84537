// SPDX-License-Identifier: MIT
/// Operators on structures that the library does not have, against loops over the rows of the matrix.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <papillon/operators/linear_operator.hpp>
#include <papillon/operators/to_dense.hpp>

#include "support/banded.hpp"
#include "support/noise.hpp"

using namespace papillon;

namespace {

/// Entry (r, c) of a banded matrix, straight from its definition.
double entry(test::banded const& s, std::vector<double> const& coefficients, int r, int c) {
  return c < r || c - r > s.width ? 0 : coefficients[static_cast<std::size_t>((c - r) * s.height + r)];
}

std::vector<double> matrix_of(test::banded const& s, std::vector<double> const& coefficients) {
  std::vector<double> m;
  for (int r = 0; r < s.rows(); ++r)
    for (int c = 0; c < s.cols(); ++c) m.push_back(entry(s, coefficients, r, c));
  return m;
}

/// Both policies and directions, one vector, a few, a panel.
template <class S> void check(S const& structure, std::vector<double> coefficients, std::vector<double> const& matrix) {
  linear_operator<S, double> const w(structure, std::move(coefficients));
  auto const rows = static_cast<std::size_t>(w.rows()), cols = static_cast<std::size_t>(w.cols());
  for (std::size_t const n : {1u, 3u, 37u})
    for (bool const adjoint : {false, true}) {
      std::size_t const in = adjoint ? rows : cols, out = adjoint ? cols : rows;
      auto const x = test::noise<double>(in * n, 2);
      std::vector<double> expected(out * n, 0.0);
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < cols; ++c)
          for (std::size_t v = 0; v < n; ++v)
            expected[(adjoint ? c : r) * n + v] += matrix[r * cols + c] * x[(adjoint ? r : c) * n + v];
      auto const view = [n](auto& v, std::size_t height) {
        auto const width = static_cast<std::ptrdiff_t>(n);
        return matrix_view<std::remove_reference_t<decltype(v[0])>>{
            v.data(), static_cast<std::ptrdiff_t>(height), width, width, 1};
      };
      auto const under = [&](auto policy) {
        std::vector<double> y(out * n, std::nan(""));
        if (adjoint) apply_adjoint(policy, w, view(x, in), view(y, out));
        else apply(policy, w, view(x, in), view(y, out));
        for (std::size_t i = 0; i < y.size(); ++i) REQUIRE(std::abs(y[i] - expected[i]) < 1e-13);  // 20 terms below 4
      };
      under(exec::seq{});
      under(exec::omp{2});
    }
}

}  // namespace

TEST_CASE("a user's structure is an operator under every policy", "[operators]") {
  for (test::banded const s : {test::banded{19, 23, 3}, {16, 16, 15}, {5, 2, 0}, {1, 1, 0}}) {
    auto const coefficients = test::noise<double>(static_cast<std::size_t>(s.storage()), 1);
    check(s, coefficients, matrix_of(s, coefficients));
  }
}

TEST_CASE("so is one of several factors", "[operators]") {
  test::banded const left{7, 9, 2}, right{9, 18, 4};
  auto const a = test::noise<double>(static_cast<std::size_t>(left.storage()), 1);
  auto const b = test::noise<double>(static_cast<std::size_t>(right.storage()), 2);
  std::vector<double> all(a), matrix;
  all.insert(all.end(), b.begin(), b.end());
  for (int r = 0; r < left.rows(); ++r)
    for (int c = 0; c < right.cols(); ++c) {
      double sum = 0;
      for (int k = 0; k < left.cols(); ++k) sum += entry(left, a, r, k) * entry(right, b, k, c);
      matrix.push_back(sum);
    }
  test::banded_product const w{{left, right}};
  check(w, all, matrix);
  auto const spelled = to_dense(w, all);
  REQUIRE(spelled.size() == matrix.size());
  for (std::size_t i = 0; i < matrix.size(); ++i) CHECK(std::abs(spelled[i] - matrix[i]) < 1e-15);
}

TEST_CASE("an operator takes as many coefficients as its structure stores", "[operators]") {
  CHECK_THROWS_AS((linear_operator<test::banded, float>({3, 3, 1}, std::vector<float>(5))), error);
  CHECK_NOTHROW(linear_operator<test::banded, float>({3, 3, 1}, std::vector<float>(6)));
}
