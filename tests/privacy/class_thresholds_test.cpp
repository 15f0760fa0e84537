// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <papillon/privacy/class_thresholds.hpp>
#include <papillon/privacy/metrics.hpp>

using namespace papillon;
using namespace papillon::privacy;
using numbers = std::vector<double>;
using bytes = std::vector<std::uint8_t>;

namespace {

double constexpr infinity = std::numeric_limits<double>::infinity();

double accuracy(numbers const& scores, bytes const& members, double threshold) {
  return evaluate_attack(std::span<double const>(scores), members, threshold).accuracy;
}

}  // namespace

TEST_CASE("thresholds of the classes find members that one threshold misses") {
  numbers const shadow{.9, .8, .6, .4, .95, .7, .65, .2}, target{.92, .62, .61, .3, .8, .7, .6, .1};
  bytes const classes{0, 0, 0, 0, 1, 1, 1, 1};
  auto const chosen = choose_class_thresholds(shadow, bytes{1, 0, 1, 0, 1, 1, 0, 0}, classes, 2);
  CHECK(chosen.of_class[0] == Approx(.85).epsilon(1e-15));
  CHECK(chosen.of_class[1] == Approx(.675).epsilon(1e-15));
  CHECK(chosen.global == Approx(.85).epsilon(1e-15));
  bytes const members{1, 1, 0, 0, 1, 1, 0, 0};
  CHECK(accuracy(target, members, chosen.global) == 62.5);
  CHECK(accuracy(chosen.relative(target, classes), members, 0.0) == 87.5);
}

TEST_CASE("a class without members or others takes the global threshold") {
  auto const chosen = choose_class_thresholds(numbers{3, 1, 2, 5}, bytes{1, 0, 1, 0}, bytes{0, 0, 1, 2}, 4);
  CHECK(chosen.of_class[0] == 2.0);
  for (std::size_t c : {1u, 2u, 3u}) CHECK(chosen.of_class[c] == chosen.global);
}

TEST_CASE("balanced accuracy weighs members and others alike, whatever their numbers") {
  // one member among many others: accuracy alone would take nobody (three others lie above the member)
  CHECK(best_balanced_threshold(numbers{9, 8, 7, 6, 4, 4, 3, 2, 1}, bytes{0, 0, 0, 1, 0, 0, 0, 0, 0}) == 5.0);
}

TEST_CASE("where no threshold helps, nobody is a member") {
  CHECK(best_balanced_threshold(numbers{1, 2}, bytes{1, 0}) == infinity);
  CHECK(best_balanced_threshold(numbers{1, 1}, bytes{1, 0}) == infinity);
  auto const chosen = choose_class_thresholds(numbers{1, 2, 4, 3}, bytes{1, 0, 1, 0}, bytes{0, 0, 1, 1}, 2);
  CHECK(chosen.relative(numbers{100, 4}, bytes{0, 1}) == numbers{-infinity, .5});
}

TEST_CASE("class thresholds refuse sizes that disagree") {
  CHECK_THROWS_AS(choose_class_thresholds(numbers{1, 2}, bytes{1, 0}, bytes{0}, 2), error);
  CHECK_THROWS_AS(choose_class_thresholds(numbers{1, 2}, bytes{1}, bytes{0, 1}, 2), error);
  CHECK_THROWS_AS(choose_class_thresholds(numbers{1, 2}, bytes{1, 0}, bytes{0, 2}, 2), error);
  CHECK_THROWS_AS(choose_class_thresholds(numbers{1, 2}, bytes{1, 1}, bytes{0, 1}, 2), error);
}
