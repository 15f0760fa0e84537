// SPDX-License-Identifier: MIT
#include <papillon/structure/smallest_monotone.hpp>

#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <tuple>
#include <vector>

#include <papillon/structure/support.hpp>

namespace papillon {
namespace {

/// Every deformable-butterfly chain, written from the definition and searched exhaustively.
class exhaustive {
 public:
  exhaustive(int m, int n, int depth, input_factor rule, std::function<double(pattern)> cost = coefficient_count{})
      : m_(m), n_(n), depth_(depth), rule_(rule), cost_(std::move(cost)) {
    extend(1, 1, m, n);
  }
  std::optional<std::vector<pattern>> const& best() const { return best_; }

 private:
  /// Smaller b first, then smaller c, so that the first chain of the least size is the one that wins ties.
  void extend(int a, int level, int rows_left, int cols_left) {
    for (int b = 1; b <= rows_left; ++b)
      for (int c = 1; c <= cols_left; ++c) {
        if (rows_left % b != 0 || cols_left % c != 0 || (m_ <= n_ ? b > c : b < c)) continue;
        bool const last = level == depth_;
        if (last && (b != rows_left || c != cols_left)) continue;
        if (last && rule_ == input_factor::proper && (b == 1 || c == 1)) continue;
        now_.push_back({a, b, c, rows_left / b});
        if (!last) extend(a * c, level + 1, rows_left / b, cols_left / c);
        else if (!best_ || total(now_) < total(*best_)) best_ = now_;
        now_.pop_back();
      }
  }

  [[nodiscard]] double total(std::vector<pattern> const& factors) const {
    double sum = 0;
    for (pattern const p : factors) sum += cost_(p);
    return sum;
  }

  int m_, n_, depth_;
  input_factor rule_;
  std::function<double(pattern)> cost_;
  std::vector<pattern> now_;
  std::optional<std::vector<pattern>> best_;
};

/// Prefers blocks with few entries.
struct block_size {
  constexpr long long operator()(pattern p) const { return static_cast<long long>(p.b) * p.c; }
};

TEST_CASE("the search finds what exhaustive search finds, for every small shape", "[structure]") {
  for (auto const rule : {input_factor::any, input_factor::proper})
    for (int depth = 1; depth <= 3; ++depth)
      for (int m = 1; m <= 24; ++m)
        for (int n = 1; n <= 24; ++n) {
          CAPTURE(m, n, depth, static_cast<int>(rule));
          auto const expected = exhaustive(m, n, depth, rule).best();
          if (!expected) {
            CHECK((rule == input_factor::proper && (m == 1 || n == 1)));
            CHECK_THROWS_AS(make_smallest_monotone(m, n, depth, rule), error);
          } else {
            CHECK(make_smallest_monotone(m, n, depth, rule) == runtime_chain(*expected));
          }
        }
}

TEST_CASE("the study's chains are what exhaustive search finds", "[structure]") {
  using shape_2d = std::pair<int, int>;
  for (auto const& [m, n] : {shape_2d{16, 144}, {32, 144}, {32, 288}, {64, 288}, {64, 576}})
    for (int const depth : {2, 3}) {
      CAPTURE(m, n, depth);
      CHECK(
          make_smallest_monotone(m, n, depth) == runtime_chain(*exhaustive(m, n, depth, input_factor::proper).best()));
    }
}

TEST_CASE("the input factor of the study's chains is a grouped 3x3 convolution, channel by channel", "[structure]") {
  for (auto const& size : {std::pair{16, 144}, {32, 144}, {32, 288}, {64, 288}, {64, 576}})
    for (int const depth : {2, 3}) {
      auto const w = make_smallest_monotone(size.first, size.second, depth);
      pattern const input = w.factors().back();
      CAPTURE(size.first, size.second, depth);
      REQUIRE((input.c == 9 || input.c == 18));
      int const channels = input.c / 9;  // of a group
      int entries = 0;
      input.for_each_nonzero([&](int row, int column, int) {
        entries += 1;
        REQUIRE(column / 9 / channels == row / input.b);  // the group of the channel is that of the output
      });
      REQUIRE(entries == input.rows() * 9 * channels);  // every output has all taps of its channels
    }
}

TEST_CASE("any cost that is a sum over the factors is minimised", "[structure]") {
  // Whole numbers: sums are exact, ties are ties.
  auto const time = [](pattern p) { return 40.0 + p.nnz() + 16.0 * (p.rows() + p.cols()); };
  for (int depth = 2; depth <= 3; ++depth)
    for (auto const& size : {std::pair{16, 144}, {12, 18}, {18, 12}, {24, 24}, {7, 35}}) {
      int const m = size.first, n = size.second;
      CAPTURE(m, n, depth);
      auto const check = [&](auto const& cost) {
        CHECK(make_smallest_monotone(m, n, depth, input_factor::any, cost) ==
              runtime_chain(*exhaustive(m, n, depth, input_factor::any, cost).best()));
      };
      check(coefficient_count{});
      check(bytes_moved<4, 1>{});
      check(bytes_moved<8, 64>{});
      check(time);
      check(block_size{});
    }
  // Sums of costs stay in their type: what is larger has no chain anyway.
  CHECK_THROWS_AS(make_smallest_monotone(2147483647, 2147483646, 31, input_factor::any), error);
  CHECK_THROWS_AS(make_smallest_monotone(1 << 28, 1 << 29, 20), error);
  // Another cost, another chain, at compile time too.
  auto const small_blocks = make_smallest_monotone(64, 576, 3, input_factor::proper, block_size{});
  CHECK(small_blocks != make_smallest_monotone(64, 576, 3));
  CHECK(runtime_chain(smallest_monotone<64, 576, 3, input_factor::proper, block_size>{}) == small_blocks);
}

TEST_CASE("a smallest monotone chain is a deformable butterfly", "[structure]") {
  for (auto const& [m, n, depth] :
      {std::tuple{16, 144, 3}, {64, 576, 2}, {7, 5, 1}, {12, 12, 4}, {30, 6, 3}, {2, 3, 5}}) {
    CAPTURE(m, n, depth);
    auto const w = make_smallest_monotone(m, n, depth);
    CHECK(w.rows() == m);
    CHECK(w.cols() == n);
    CHECK(is_chainable(w));
    auto const factors = w.factors();
    CHECK(factors.front().a == 1);
    CHECK(factors.back().d == 1);
    for (std::size_t l = 0; l + 1 < factors.size(); ++l) {
      CHECK(factors[l].d == factors[l + 1].b * factors[l + 1].d);
      CHECK(factors[l + 1].a == factors[l].a * factors[l].c);
      CHECK(paths_per_entry(factors[l], factors[l + 1]) == 1);
    }
    for (pattern const p : factors) CHECK((m <= n ? p.b <= p.c : p.b >= p.c));
    for (auto const paths : path_counts(w)) REQUIRE(paths == 1);
  }
}

}  // namespace
}  // namespace papillon
