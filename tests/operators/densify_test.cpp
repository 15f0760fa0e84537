// SPDX-License-Identifier: MIT
#include <papillon/operators/densify.hpp>

#include <catch2/catch.hpp>

#include <vector>

using namespace papillon;

TEST_CASE("a factor is spelled out as its definition says") {
  // (1, 2, 1, 2): K[j 2 + l, l] = T[0, j, 0, l].
  CHECK(densify(runtime_chain({{1, 2, 1, 2}}), std::vector<int>{1, 2, 3, 4}) ==
        std::vector<int>{1, 0, 0, 2, 3, 0, 0, 4});
  CHECK(densify(pattern{1, 2, 1, 2}, std::vector<int>{1, 2, 3, 4}) == std::vector<int>{1, 0, 0, 2, 3, 0, 0, 4});
  // (2, 1, 2, 1): K[i, 2 i + k] = T[i, 0, k, 0].
  CHECK(densify(runtime_chain({{2, 1, 2, 1}}), std::vector<int>{1, 2, 3, 4}) ==
        std::vector<int>{1, 2, 0, 0, 0, 0, 3, 4});
}

TEST_CASE("a chain is spelled out as the product of its factors") {
  // [1 0; 0 2; 3 0; 0 4] [1 2 0 0; 0 0 3 4]
  runtime_chain const w({{1, 2, 1, 2}, {2, 1, 2, 1}});
  CHECK(densify(w, std::vector<int>{1, 2, 3, 4, 1, 2, 3, 4}) ==
        std::vector<int>{1, 2, 0, 0, 0, 0, 6, 8, 3, 6, 0, 0, 0, 0, 12, 16});
  CHECK(densify(chain<pattern{1, 2, 1, 2}, pattern{2, 1, 2, 1}>{}, std::vector<int>{1, 2, 3, 4, 1, 2, 3, 4}) ==
        densify(w, std::vector<int>{1, 2, 3, 4, 1, 2, 3, 4}));
}

TEST_CASE("dense matrices and masks are spelled out row by row") {
  CHECK(densify(dense(2, 3), std::vector<int>{1, 2, 3, 4, 5, 6}) == std::vector<int>{1, 2, 3, 4, 5, 6});
  std::vector<std::uint8_t> const keep{0, 1, 0, 0, 0, 0, 1, 0, 1};
  csr_mask const mask(3, 3, keep);
  CHECK(densify(mask, std::vector<int>{7, 8, 9}) == std::vector<int>{0, 7, 0, 0, 0, 0, 8, 0, 9});
  CHECK(densify(product::masked{&mask}, std::vector<int>{1, 7, 1, 1, 1, 1, 8, 1, 9}) ==
        std::vector<int>{0, 7, 0, 0, 0, 0, 8, 0, 9});
  CHECK_THROWS_AS(densify(mask, std::vector<int>{7, 8}), error);
}
