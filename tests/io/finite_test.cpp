// SPDX-License-Identifier: MIT
#include <papillon/io/finite.hpp>

#include <limits>
#include <vector>

#include <catch2/catch.hpp>

using papillon::io::first_not_finite;

TEST_CASE("the first value that is not finite is found, of every kind") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (double const bad : {infinity, -infinity, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(first_not_finite(std::vector{1.0, bad, bad}) == 1);
    CHECK(first_not_finite(std::vector{0.0F, 1.0F, static_cast<float>(bad)}) == 2);
  }
  CHECK(first_not_finite(std::vector{std::numeric_limits<float>::max(), 1e-45F}) == 2);
  CHECK(first_not_finite(std::vector<double>{}) == 0);
  CHECK(first_not_finite(std::vector<int>{1, 2}) == 2);
}
