// SPDX-License-Identifier: MIT
#include <papillon/privacy/gaussian_mechanism.hpp>

#include <cmath>

#include <catch2/catch.hpp>

using namespace papillon::privacy;

TEST_CASE("epsilon of a Gaussian mechanism has the published digits") {
  CHECK(gaussian_epsilon(1, 1e-5) == Approx(4.377178).margin(5e-7));
}

TEST_CASE("epsilon inverts delta from above") {
  for (double mu : {1e-3, .1, 1.0, 7.0, 60.0})
    for (double delta : {1e-12, 1e-5, .1}) {
      CAPTURE(mu, delta);
      double const epsilon = gaussian_epsilon(mu, delta);
      CHECK(gaussian_delta(mu, epsilon) <= delta);
      if (epsilon > 0) CHECK(gaussian_delta(mu, epsilon * (1 - 1e-9)) > delta);
    }
}

TEST_CASE("with epsilon zero delta is the distance of two normal distributions") {
  for (double mu : {1e-6, .5, 3.0}) CHECK(gaussian_delta(mu, 0) == Approx(std::erf(mu / std::sqrt(8.0))).epsilon(1e-9));
}

TEST_CASE("perfect privacy and none are limits") {
  CHECK(gaussian_delta(0, 0) == 0);
  CHECK(gaussian_epsilon(0, 1e-5) == 0);
  CHECK(gaussian_delta(INFINITY, 5) == 1);
  CHECK(std::isinf(gaussian_epsilon(INFINITY, 1e-5)));
  CHECK(gaussian_delta(1, INFINITY) == 0);
  CHECK(gaussian_delta(1, 1000) == 0);  // of terms that under- and overflow
}

TEST_CASE("negative numbers and impossible probabilities are errors") {
  CHECK_THROWS_AS(gaussian_delta(-1, 1), papillon::error);
  CHECK_THROWS_AS(gaussian_delta(1, -1), papillon::error);
  CHECK_THROWS_AS(gaussian_delta(std::nan(""), 1), papillon::error);
  CHECK_THROWS_AS(gaussian_epsilon(1, 0), papillon::error);
  CHECK_THROWS_AS(gaussian_epsilon(1, 1), papillon::error);
}
