// SPDX-License-Identifier: MIT
#include <papillon/structure/low_rank.hpp>

#include <catch2/catch.hpp>

#include <papillon/structure/csr_mask.hpp>
#include <papillon/structure/smallest_monotone.hpp>

using namespace papillon;

TEST_CASE("a low-rank chain has two dense factors", "[structure]") {
  auto const w = make_low_rank(5, 7, 3);
  CHECK(w == runtime_chain({{1, 5, 3, 1}, {1, 3, 7, 1}}));
  CHECK(w.nnz() == 3 * (5 + 7));
  CHECK_THROWS_AS(make_low_rank(5, 7, 0), error);
  CHECK_THROWS_AS(make_low_rank(0, 7, 1), error);
}

TEST_CASE("the rank is that of about as many coefficients", "[structure]") {
  struct {
    int m, n, rank;
  } const cases[] = {{16, 144, 3}, {32, 144, 5}, {32, 288, 3}, {64, 288, 6}, {64, 576, 5}};
  for (auto const& c : cases)
    CHECK(make_low_rank_like(make_smallest_monotone(c.m, c.n, 2)) == make_low_rank(c.m, c.n, c.rank));
  CHECK(make_low_rank_like(dense(2, 2)) == make_low_rank(2, 2, 1));
  CHECK(make_low_rank_like(csr_mask(1, 3, std::vector<std::uint8_t>(3))) == make_low_rank(1, 3, 1));  // at least 1
  CHECK(make_low_rank_like(dense(10, 30)) == make_low_rank(10, 30, 8));                               // 7.5
}
