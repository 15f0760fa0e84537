// SPDX-License-Identifier: MIT
#include <papillon/structure/support.hpp>

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/fuse.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/runtime_chain.hpp>

namespace papillon {
namespace {

using matrix = std::vector<std::uint8_t>;

/// Kronecker product of 0/1 matrices, from the definition.
matrix kronecker(matrix const& x, std::size_t xr, std::size_t xc, matrix const& y, std::size_t yr, std::size_t yc) {
  matrix out(xr * yr * xc * yc);
  for (std::size_t i = 0; i < xr * yr; ++i)
    for (std::size_t j = 0; j < xc * yc; ++j)
      out[i * xc * yc + j] = static_cast<std::uint8_t>(x[i / yr * xc + j / yc] * y[i % yr * yc + j % yc]);
  return out;
}
matrix identity(std::size_t n) {
  matrix out(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) out[i * n + i] = 1;
  return out;
}
matrix transpose(matrix const& x, std::size_t rows, std::size_t cols) {
  matrix out(x.size());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c) out[c * rows + r] = x[r * cols + c];
  return out;
}

TEST_CASE("the support of a pattern is I_a (x) 1_{b x c} (x) I_d", "[structure]") {
  for (pattern const p : {pattern{2, 3, 5, 4}, {1, 1, 1, 1}, {1, 3, 2, 1}, {4, 1, 1, 3}, {1, 7, 1, 2}}) {
    auto const a = static_cast<std::size_t>(p.a), b = static_cast<std::size_t>(p.b), c = static_cast<std::size_t>(p.c),
               d = static_cast<std::size_t>(p.d);
    auto const left = kronecker(identity(a), a, a, matrix(b * c, 1), b, c);
    CHECK(support(p) == kronecker(left, a * b, a * c, identity(d), d, d));
    CHECK(support(transposed(p)) == transpose(support(p), a * b * d, a * c * d));
  }
}

TEST_CASE("coefficients are visited once each, in row-major order of T[a][b][c][d]", "[structure]") {
  int next = 0;
  pattern{2, 3, 2, 2}.for_each_nonzero([&](int r, int c, int weight) {
    CHECK(weight == next++);
    CHECK(r % 2 == c % 2);  // the identity on the right
  });
  CHECK(next == 24);
}

TEST_CASE("butterflies and Monarch have full support and one path an entry", "[structure]") {
  for (int levels = 1; levels <= 6; ++levels)
    for (auto const paths : path_counts(make_dyadic_butterfly(levels))) REQUIRE(paths == 1);
  for (auto const& w : {make_monarch(21, 16, 3, 4), make_monarch(21, 16, 21, 1), make_monarch(1, 1, 1, 1)})
    for (auto const paths : path_counts(w)) REQUIRE(paths == 1);
  CHECK(path_counts(dyadic_butterfly<3>{}).size() == 64);
}

TEST_CASE("paths of a product of full matrices are the product of the inner sizes", "[structure]") {
  runtime_chain const w({dense_pattern(2, 3), dense_pattern(3, 5), dense_pattern(5, 2)});
  CHECK(path_counts(w) == std::vector<std::int64_t>(4, 15));
  CHECK(support(w) == matrix(4, 1));
}

TEST_CASE("more paths than a number can count stay at the largest number", "[structure]") {
  runtime_chain const w(std::vector<pattern>(80, dense_pattern(2, 2)));  // 2^79 paths
  CHECK(path_counts(w) == std::vector<std::int64_t>(4, std::numeric_limits<std::int64_t>::max()));
}

TEST_CASE("fusing leaves the support and gives every entry the announced paths", "[structure]") {
  int fused_pairs = 0;
  std::vector<pattern> all;
  for (int a = 1; a <= 4; ++a)
    for (int b = 1; b <= 4; ++b)
      for (int c = 1; c <= 4; ++c)
        for (int d = 1; d <= 4; ++d) all.push_back({a, b, c, d});
  for (pattern const left : all)
    for (pattern const right : all) {
      if (!composable(left, right)) continue;
      runtime_chain const pair({left, right});
      if (!chainable(left, right)) {
        CHECK_THROWS_AS(fuse(pair, 0), error);
        continue;
      }
      ++fused_pairs;
      auto const whole = fuse(pair, 0);
      REQUIRE(whole.depth() == 1);
      auto expected = path_counts(whole);
      for (auto& paths : expected) paths *= paths_per_entry(left, right);
      REQUIRE(path_counts(pair) == expected);
    }
  CHECK(fused_pairs > 500);
}

TEST_CASE("fusing all levels of a butterfly gives the full matrix", "[structure]") {
  auto w = make_dyadic_butterfly(5);
  while (w.depth() > 1) w = fuse(w, w.depth() / 2 - 1);
  CHECK(w == runtime_chain({dense_pattern(32, 32)}));
}

TEST_CASE("fusing says which condition fails", "[structure]") {
  auto const text = [](pattern left, pattern right) {
    try {
      (void)fuse(runtime_chain({left, right}), 0);
    } catch (error const& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  using Catch::Matchers::Contains;
  CHECK_THAT(text({2, 1, 3, 1}, {3, 2, 1, 1}), Contains("a = 2 does not divide a = 3"));
  CHECK_THAT(text({1, 1, 3, 2}, {1, 2, 1, 3}), Contains("d = 3 does not divide d = 2"));
  CHECK_THAT(text({1, 1, 3, 2}, {2, 3, 1, 1}), Contains("a = 2 does not divide ac = 3"));
  CHECK_THROWS_AS(fuse(make_dyadic_butterfly(3), 2), error);
  CHECK_THROWS_AS(fuse(make_dyadic_butterfly(3), -1), error);
}

TEST_CASE("the transpose of a chain has the transposed support", "[structure]") {
  auto const w = make_monarch(6, 20, 2, 5);
  auto const t = transposed(w);
  CHECK(t.rows() == 20);
  CHECK(t.cols() == 6);
  CHECK(transposed(t) == w);
  runtime_chain const sparse({{2, 2, 1, 1}, {2, 1, 3, 1}});  // the product is not full
  CHECK(support(transposed(sparse)) == transpose(support(sparse), 4, 6));
  CHECK(runtime_chain(transposed(dyadic_butterfly<4>{})) == transposed(make_dyadic_butterfly(4)));
}

}  // namespace
}  // namespace papillon
