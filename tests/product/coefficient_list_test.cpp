// SPDX-License-Identifier: MIT
// Coefficients of other tools against matrices multiplied by hand.
#include <papillon/product/coefficient_list.hpp>

#include <catch2/catch.hpp>

#include <papillon/operators/to_dense.hpp>
#include <papillon/structure/smallest_monotone.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {
constexpr auto out = factor_order::output_first, in = factor_order::input_first;
constexpr auto abcd = coefficient_layout::abcd, adbc = coefficient_layout::adbc, adcb = coefficient_layout::adcb;
}  // namespace

TEST_CASE("every layout of one factor is the same matrix") {
  // (1, 2, 3, 2): two 2 x 3 blocks, [1 2 3; 4 5 6] on rows and columns 0, 2, 4 and [10 20 30; 40 50 60] on 1, 3, 5.
  runtime_chain const w({{1, 2, 3, 2}});
  std::vector<int> const matrix{1, 0, 2, 0, 3, 0, 0, 10, 0, 20, 0, 30, 4, 0, 5, 0, 6, 0, 0, 40, 0, 50, 0, 60};
  coefficient_list<out, abcd, int> const plain{{{1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60}}};
  coefficient_list<out, adbc, int> const blocks{{{1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60}}};
  coefficient_list<out, adcb, int> const turned{{{1, 4, 2, 5, 3, 6, 10, 40, 20, 50, 30, 60}}};
  CHECK(to_dense(w, to_coefficients(w, plain)) == matrix);
  CHECK(to_dense(w, to_coefficients(w, blocks)) == matrix);
  CHECK(to_dense(w, to_coefficients(w, turned)) == matrix);
}

TEST_CASE("factors are taken from the end that the type says") {
  // [1 0; 0 2; 3 0; 0 4] [5 6 0 0; 0 0 7 8]
  runtime_chain const w({{1, 2, 1, 2}, {2, 1, 2, 1}});
  std::vector<int> const matrix{5, 6, 0, 0, 0, 0, 14, 16, 15, 18, 0, 0, 0, 0, 28, 32};
  CHECK(to_dense(w, to_coefficients(w, coefficient_list<out, abcd, int>{{{1, 2, 3, 4}, {5, 6, 7, 8}}})) == matrix);
  CHECK(to_dense(w, to_coefficients(w, coefficient_list<in, abcd, int>{{{5, 6, 7, 8}, {1, 2, 3, 4}}})) == matrix);
  CHECK(to_dense(w, to_coefficients(w, coefficient_list<in, adbc, int>{{{5, 6, 7, 8}, {1, 3, 2, 4}}})) == matrix);
}

TEST_CASE("coefficients go out in every order and layout and come back") {
  auto const w = make_smallest_monotone(16, 144, 3);
  auto const coefficients = test::noise<float>(static_cast<std::size_t>(w.nnz()), 1);
  std::span<float const> const all(coefficients);
  CHECK(to_coefficients(w, to_list<out, abcd>(w, all)) == coefficients);
  CHECK(to_coefficients(w, to_list<out, adbc>(w, all)) == coefficients);
  CHECK(to_coefficients(w, to_list<out, adcb>(w, all)) == coefficients);
  CHECK(to_coefficients(w, to_list<in, abcd>(w, all)) == coefficients);
  CHECK(to_coefficients(w, to_list<in, adbc>(w, all)) == coefficients);
  CHECK(to_coefficients(w, to_list<in, adcb>(w, all)) == coefficients);
}

TEST_CASE("lists of another chain are refused") {
  runtime_chain const w({{1, 2, 1, 2}, {2, 1, 3, 1}});
  CHECK_THROWS_WITH(to_coefficients(w, coefficient_list<in, abcd, int>{{{1, 2, 3, 4}, {1, 2, 3, 4, 5, 6}}}),
      Catch::Contains("check the order"));
  CHECK_THROWS_AS(to_coefficients(w, coefficient_list<out, abcd, int>{{{1, 2, 3, 4}}}), error);
  std::vector<int> const few(9);
  CHECK_THROWS_AS((to_list<out, abcd>(w, std::span<int const>(few))), error);
}
