// SPDX-License-Identifier: MIT
#include <papillon/privacy/leakage_index.hpp>

#include <catch2/catch.hpp>

using namespace papillon::privacy;

TEST_CASE("the leakage index compares the two ends that speak least for the attack") {
  CHECK(leakage_index({40, 600}, {2, 600}) == Approx(1.388292).margin(5e-7));
  CHECK(leakage_index({40, 600}, {2, 600}, .01) < 1.388292);
  CHECK(leakage_index({40, 600}, {2, 600}, 0, .99) < 1.388292);
}

TEST_CASE("an attack that finds no more members than others, or nothing, has no leakage") {
  CHECK(leakage_index({5, 100}, {5, 100}) == 0);
  CHECK(leakage_index({0, 100}, {0, 100}) == 0);
  CHECK(leakage_index({0, 0}, {0, 0}) == 0);
  CHECK(leakage_index({90, 100}, {1, 100}, .95) == 0);
  CHECK(leakage_index({100, 100}, {0, 100}) > 3);
}

TEST_CASE("a leakage index without a delta or level is an error") {
  CHECK_THROWS_AS(leakage_index({1, 2}, {1, 2}, -.1), papillon::error);
  CHECK_THROWS_AS(leakage_index({1, 2}, {1, 2}, 1), papillon::error);
  CHECK_THROWS_AS(leakage_index({1, 2}, {1, 2}, 0, 1), papillon::error);
}
