// SPDX-License-Identifier: MIT
/// Products of operators of every kind, against the product of their matrices, multiplied out by plain loops.
#include <catch2/catch.hpp>

#include <cmath>
#include <complex>
#include <cstddef>
#include <utility>
#include <vector>

#include <papillon/operators/product_operator.hpp>
#include <papillon/operators/to_dense.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

using number = std::complex<double>;

std::vector<number> numbers(std::size_t n, unsigned seed) {
  auto const parts = test::noise<double>(2 * n, seed);
  std::vector<number> z(n);
  for (std::size_t i = 0; i < n; ++i) z[i] = {parts[2 * i], parts[2 * i + 1]};
  return z;
}

struct matrix {
  std::size_t rows, cols;
  std::vector<number> entries;  ///< row-major
};

matrix multiplied(matrix const& a, matrix const& b) {
  matrix m{a.rows, b.cols, std::vector<number>(a.rows * b.cols)};
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t k = 0; k < a.cols; ++k)
      for (std::size_t j = 0; j < b.cols; ++j)
        m.entries[i * b.cols + j] += a.entries[i * a.cols + k] * b.entries[k * b.cols + j];
  return m;
}

/// A part and its matrix.
using operand = std::pair<product_operator<number>::part, matrix>;

template <class S> operand with_coefficients(S const& s, unsigned seed) {
  auto const c = numbers(papillon::coefficients(s), seed);
  return {linear_operator<S, number>(s, c),
      {static_cast<std::size_t>(s.rows()), static_cast<std::size_t>(s.cols()), to_dense(s, c)}};
}

operand diagonal(std::size_t n, unsigned seed) {
  auto const d = numbers(n, seed);
  matrix m{n, n, std::vector<number>(n * n)};
  for (std::size_t i = 0; i < n; ++i) m.entries[i * n + i] = d[i];
  return {d, m};
}

operand map(std::vector<int> const& source, int cols) {
  auto const width = static_cast<std::size_t>(cols);
  matrix m{source.size(), width, std::vector<number>(source.size() * width)};
  for (std::size_t i = 0; i < source.size(); ++i)
    if (source[i] != index_map::nothing) m.entries[i * width + static_cast<std::size_t>(source[i])] = 1;
  return {index_map(source, cols), m};
}

void check(std::vector<operand> const& operands) {
  std::vector<product_operator<number>::part> parts;
  matrix expected = operands.front().second;
  for (std::size_t k = 0; k < operands.size(); ++k) {
    parts.push_back(operands[k].first);
    if (k > 0) expected = multiplied(expected, operands[k].second);
  }
  product_operator<number> const w(std::move(parts));
  REQUIRE(static_cast<std::size_t>(w.rows()) == expected.rows);
  REQUIRE(static_cast<std::size_t>(w.cols()) == expected.cols);
  for (std::size_t const n : {1u, 5u, 19u})
    for (bool const adjoint : {false, true}) {
      std::size_t const in = adjoint ? expected.rows : expected.cols, out = adjoint ? expected.cols : expected.rows;
      auto const x = numbers(in * n, 50);
      std::vector<number> sums(out * n);
      for (std::size_t r = 0; r < expected.rows; ++r)
        for (std::size_t c = 0; c < expected.cols; ++c)
          for (std::size_t v = 0; v < n; ++v) {
            number const e = expected.entries[r * expected.cols + c];
            if (adjoint) sums[c * n + v] += std::conj(e) * x[r * n + v];
            else sums[r * n + v] += e * x[c * n + v];
          }
      auto const under = [&](auto policy) {
        std::vector<number> y(out * n, std::nan(""));
        auto const width = static_cast<std::ptrdiff_t>(n);
        matrix_view<number const> const from{x.data(), static_cast<std::ptrdiff_t>(in), width, width, 1};
        matrix_view<number> const to{y.data(), static_cast<std::ptrdiff_t>(out), width, width, 1};
        if (adjoint) apply_adjoint(policy, w, from, to);
        else apply(policy, w, from, to);
        // At most four products of at most 12 terms below 2: sums below 1e5, errors below 1e5 * 50 * 1e-16.
        for (std::size_t i = 0; i < y.size(); ++i) REQUIRE(std::abs(y[i] - sums[i]) < 1e-9);
      };
      under(exec::seq{});
      under(exec::omp{2});
    }
}

}  // namespace

TEST_CASE("a product of chains, dense matrices and masks is that of their matrices", "[operators]") {
  runtime_chain const chain_of_two({{1, 3, 2, 2}, {2, 2, 6, 1}});  // 6 x 12
  csr_mask const mask(5, 6,
      std::vector<std::uint8_t>{
          1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0});
  check({with_coefficients(dense(3, 5), 1), with_coefficients(mask, 2), with_coefficients(chain_of_two, 3)});
  check({with_coefficients(mask, 4), with_coefficients(chain_of_two, 5), with_coefficients(dense(12, 7), 6)});
  check({with_coefficients(dense(1, 1), 7)});
}

TEST_CASE("diagonals and index maps stand anywhere among them", "[operators]") {
  csr_mask const mask(4, 3, std::vector<std::uint8_t>{1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 1, 1});
  check({diagonal(4, 1), with_coefficients(mask, 2), map({2, index_map::nothing, 2}, 5),
      with_coefficients(dense(5, 2), 3)});
  check({map({1, 0, 1, 3}, 4), with_coefficients(mask, 4), diagonal(3, 5)});
}

TEST_CASE("parts whose sizes differ are named", "[operators]") {
  using Catch::Matchers::Contains;
  using part = product_operator<float>::part;
  linear_operator<dense, float> const w(dense(2, 3), std::vector<float>(6));
  CHECK_THROWS_WITH(
      product_operator<float>({part(w), part(w)}), Contains("part 0 has 3 columns") && Contains("part 1 has 2 rows"));
  CHECK_THROWS_AS(product_operator<float>(std::vector<part>{}), error);
}
