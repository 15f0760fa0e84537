// SPDX-License-Identifier: MIT
#include <papillon/privacy/crossing.hpp>

#include <cmath>

#include <catch2/catch.hpp>

using namespace papillon::privacy;

TEST_CASE("a crossing is found from both sides, wherever it lies") {
  for (double const border : {1e-9, .25, 1., 3.7, 1e6}) {
    auto const holds = [&](double x) { return x < border; };
    auto const found = find_crossing(holds);
    CHECK(holds(found.below));
    CHECK_FALSE(holds(found.above));
    CHECK(found.above - found.below <= std::fmax(1e-18, 3e-16 * border));
  }
}

TEST_CASE("a statement that is true of nothing but 0 crosses there") {
  auto const found = find_crossing([](double) { return false; });
  CHECK(found.below == 0);
  CHECK(found.above < 1e-17);
}
