// SPDX-License-Identifier: MIT
#include <papillon/operators/to_dense.hpp>
#include <papillon/product/masked.hpp>
#include <papillon/structure/runtime_chain.hpp>

#include <catch2/catch.hpp>

#include <vector>

using namespace papillon;

TEST_CASE("a factor is spelled out as its definition says") {
  // (1, 2, 1, 2): K[j 2 + l, l] = T[0, j, 0, l].
  CHECK(to_dense(runtime_chain({{1, 2, 1, 2}}), std::vector<int>{1, 2, 3, 4}) ==
        std::vector<int>{1, 0, 0, 2, 3, 0, 0, 4});
  CHECK(to_dense(pattern{1, 2, 1, 2}, std::vector<int>{1, 2, 3, 4}) == std::vector<int>{1, 0, 0, 2, 3, 0, 0, 4});
  // (2, 1, 2, 1): K[i, 2 i + k] = T[i, 0, k, 0].
  CHECK(to_dense(runtime_chain({{2, 1, 2, 1}}), std::vector<int>{1, 2, 3, 4}) ==
        std::vector<int>{1, 2, 0, 0, 0, 0, 3, 4});
}

TEST_CASE("a chain is spelled out as the product of its factors") {
  // [1 0; 0 2; 3 0; 0 4] [1 2 0 0; 0 0 3 4]
  runtime_chain const w({{1, 2, 1, 2}, {2, 1, 2, 1}});
  CHECK(to_dense(w, std::vector<int>{1, 2, 3, 4, 1, 2, 3, 4}) ==
        std::vector<int>{1, 2, 0, 0, 0, 0, 6, 8, 3, 6, 0, 0, 0, 0, 12, 16});
  CHECK(to_dense(chain<pattern{1, 2, 1, 2}, pattern{2, 1, 2, 1}>{}, std::vector<int>{1, 2, 3, 4, 1, 2, 3, 4}) ==
        to_dense(w, std::vector<int>{1, 2, 3, 4, 1, 2, 3, 4}));
}

TEST_CASE("dense matrices and masks are spelled out row by row") {
  CHECK(to_dense(dense(2, 3), std::vector<int>{1, 2, 3, 4, 5, 6}) == std::vector<int>{1, 2, 3, 4, 5, 6});
  std::vector<std::uint8_t> const keep{0, 1, 0, 0, 0, 0, 1, 0, 1};
  csr_mask const mask(3, 3, keep);
  CHECK(to_dense(mask, std::vector<int>{7, 8, 9}) == std::vector<int>{0, 7, 0, 0, 0, 0, 8, 0, 9});
  CHECK(to_dense(product::masked{&mask}, std::vector<int>{1, 7, 1, 1, 1, 1, 8, 1, 9}) ==
        std::vector<int>{0, 7, 0, 0, 0, 0, 8, 0, 9});
  CHECK_THROWS_AS(to_dense(mask, std::vector<int>{7, 8}), error);
}
