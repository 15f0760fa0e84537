// SPDX-License-Identifier: MIT
#include <papillon/structure/csr_mask.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include <papillon/structure/support.hpp>

namespace papillon {
namespace {

std::vector<int> list(std::span<int const> s) { return {s.begin(), s.end()}; }

/// A mask without a pattern: multiplicative congruential, about a third kept.
std::vector<std::uint8_t> scattered(int rows, int cols) {
  std::vector<std::uint8_t> keep(static_cast<std::size_t>(rows * cols));
  unsigned x = 1;
  for (auto& k : keep) k = (x = x * 48271u % 2147483647u) % 3 == 0;
  return keep;
}

TEST_CASE("a mask lists the kept columns row by row", "[structure]") {
  std::vector<std::uint8_t> const keep{0, 1, 0, 7,  //
      0, 0, 0, 0,                                   //
      1, 0, 0, 1};
  csr_mask const mask(3, 4, keep);
  CHECK(mask.rows() == 3);
  CHECK(mask.cols() == 4);
  CHECK(mask.nnz() == 4);
  CHECK(list(mask.row_pointers()) == std::vector{0, 2, 2, 4});
  CHECK(list(mask.columns()) == std::vector{1, 3, 0, 3});
  CHECK(list(mask.row(0)) == std::vector{1, 3});
  CHECK(mask.row(1).empty());
  CHECK(mask.row_begin(2) == 2);
  CHECK(mask.row_end(2) == 4);
}

TEST_CASE("the support of a mask is the mask", "[structure]") {
  for (auto const& [rows, cols] : {std::pair{1, 1}, {1, 9}, {9, 1}, {7, 13}, {16, 144}}) {
    auto const keep = scattered(rows, cols);
    csr_mask const mask(rows, cols, keep);
    CHECK(support(mask) == keep);
    CHECK(mask.nnz() == std::count(keep.begin(), keep.end(), 1));
  }
}

TEST_CASE("the transpose of a mask keeps the same entries", "[structure]") {
  for (auto const& [rows, cols] : {std::pair{1, 1}, {1, 9}, {9, 1}, {7, 13}, {16, 144}}) {
    auto const keep = scattered(rows, cols);
    std::vector<std::uint8_t> flipped(keep.size());
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < cols; ++c)
        flipped[static_cast<std::size_t>(c * rows + r)] = keep[static_cast<std::size_t>(r * cols + c)];
    csr_mask const mask(rows, cols, keep);
    CHECK(transposed(mask) == csr_mask(cols, rows, flipped));
    CHECK(transposed(transposed(mask)) == mask);
  }
}

TEST_CASE("masks that keep nothing and everything", "[structure]") {
  csr_mask const none(2, 3, std::vector<std::uint8_t>(6, 0));
  CHECK(none.nnz() == 0);
  CHECK(list(none.row_pointers()) == std::vector{0, 0, 0});
  CHECK(transposed(none).nnz() == 0);
  csr_mask const all(2, 3, std::vector<std::uint8_t>(6, 1));
  CHECK(all.nnz() == dense(2, 3).nnz());
  CHECK(support(all) == support(dense(2, 3)));
}

TEST_CASE("a mask of another size is refused with both numbers", "[structure]") {
  using Catch::Matchers::Contains;
  std::vector<std::uint8_t> const keep(5, 1);
  CHECK_THROWS_AS(csr_mask(2, 3, keep), error);
  CHECK_THROWS_WITH(csr_mask(2, 3, keep), Contains("5 entries") && Contains("2 x 3 need 6"));
  CHECK_THROWS_AS(csr_mask(0, 5, keep), error);
  CHECK_THROWS_AS(csr_mask(-1, -5, keep), error);
  CHECK_THROWS_WITH(dense(65536, 65536), Contains("65536 x 65536"));
  CHECK_THROWS_AS(dense(0, 1), error);
}

}  // namespace
}  // namespace papillon
