// SPDX-License-Identifier: MIT
#include <papillon/privacy/canary_guesses.hpp>

#include <cmath>
#include <cstdint>

#include <catch2/catch.hpp>

using namespace papillon::privacy;

namespace {

std::size_t right(std::vector<double> const& scores, std::vector<std::uint8_t> const& included, std::size_t highest,
    std::size_t lowest) {
  auto const g = guess_canaries(scores, included, highest, lowest);
  CHECK(g.canaries == scores.size());
  CHECK(g.guesses == highest + lowest);
  return g.right;
}

}  // namespace

TEST_CASE("the highest scores are guessed in, the lowest out, the others not at all") {
  std::vector<double> const scores{.3, 9, -INFINITY, 5, 1};  // from above: 1, 3, 4, 0, 2
  std::vector<std::uint8_t> const included{0, 1, 0, 0, 1};
  CHECK(right(scores, included, 1, 0) == 1);
  CHECK(right(scores, included, 2, 0) == 1);
  CHECK(right(scores, included, 3, 0) == 2);
  CHECK(right(scores, included, 0, 1) == 1);
  CHECK(right(scores, included, 0, 2) == 2);
  CHECK(right(scores, included, 0, 3) == 2);
  CHECK(right(scores, included, 2, 2) == 3);
  CHECK(right(scores, included, 3, 2) == 4);
  CHECK(right(scores, included, 5, 0) == 2);
  CHECK(right(scores, included, 0, 5) == 3);
  CHECK(right(scores, included, 0, 0) == 0);
  CHECK(right({}, {}, 0, 0) == 0);
}

TEST_CASE("equal scores that cannot all be guessed are not guessed, in whatever order they come") {
  std::vector<double> const scores{2, 2, 3, 1, 1, 0};
  for (bool const first : {false, true}) {
    std::vector<std::uint8_t> const included{first, !first, 1, !first, first, 0};
    CHECK(right(scores, included, 1, 1) == 2);
    CHECK(right(scores, included, 2, 2) == 2);  // one of the twos and one of the ones would have to be chosen
    CHECK(right(scores, included, 3, 3) == 4);
    CHECK(right(scores, included, 4, 2) == 3);  // the ones stand on both sides
  }
  CHECK(right({7, 7, 7, 7}, {1, 1, 0, 0}, 2, 2) == 0);
}

TEST_CASE("too many guesses, missing labels and scores that are no numbers are errors") {
  std::vector<std::uint8_t> const two{0, 1};
  CHECK_THROWS_AS(guess_canaries(std::vector<double>{1}, two, 0, 0), papillon::error);
  CHECK_THROWS_AS(guess_canaries(std::vector<double>{1, 2}, two, 2, 1), papillon::error);
  CHECK_THROWS_AS(guess_canaries(std::vector<double>{1, 2}, two, 0, 3), papillon::error);
  CHECK_THROWS_AS(guess_canaries(std::vector<double>{1, 2}, two, SIZE_MAX, 2), papillon::error);
  CHECK_THROWS_AS(guess_canaries(std::vector<double>{1, std::nan("")}, two, 1, 0), papillon::error);
}
