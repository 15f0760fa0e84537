// SPDX-License-Identifier: MIT
#include <papillon/privacy/sampled_gaussian.hpp>

#include <cmath>

#include <catch2/catch.hpp>

using namespace papillon::privacy;

TEST_CASE("the divergence of a step has the digits of its formula") {
  double const rate = 256.0 / 14000;
  CHECK(sampled_gaussian_rdp(.01, 1, 2) == Approx(.000171813422075).margin(1e-15));
  CHECK(sampled_gaussian_rdp(.01, 1, 8) == Approx(.000893643907606).margin(1e-15));
  CHECK(sampled_gaussian_rdp(.01, 1, 32) == Approx(11.246275937).margin(1e-9));
  CHECK(sampled_gaussian_rdp(rate, 1.5, 4) == Approx(.000383314977348).margin(1e-15));
  CHECK(sampled_gaussian_rdp(rate, 1, 1.5) == Approx(.000421484152902).margin(1e-15));
  CHECK(sampled_gaussian_rdp(1, 2, 8) == 1);
}

TEST_CASE("order two is a closed form, however little a step gives away") {
  // A = (1 - q)^2 + 2 q (1 - q) + q^2 exp(1 / sigma^2)
  for (double q : {1e-9, 1e-3, .2, .9})
    for (double sigma : {.5, 1.0, 30.0}) {
      CAPTURE(q, sigma);
      CHECK(sampled_gaussian_rdp(q, sigma, 2) ==
            Approx(std::log1p(q * q * std::expm1(1 / (sigma * sigma)))).epsilon(1e-11).margin(0));
    }
}

TEST_CASE("the integral for any order is the sum at whole ones") {
  // Rounding of a value near 1 that is multiplied by q is left in the integral, whose value is of the size of q^2.
  for (double q : {1e-3, .05, .5})
    for (double sigma : {.2, .7, 2.0, 20.0})
      for (double order : {2.0, 3.0, 8.0}) {
        CAPTURE(q, sigma, order);
        double const whole = detail::log_excess_whole(q, sigma, order);
        CHECK(detail::log_excess_real(q, sigma, order) == Approx(whole).epsilon(1e-12).margin(1e-11));
      }
}

TEST_CASE("the divergence grows with the order and the rate and falls with the noise") {
  double before = 0;
  for (double order : {1.1, 1.9, 2.0, 2.1, 5.5, 6.0, 10.9, 11.0, 256.0}) {
    double const here = sampled_gaussian_rdp(.02, 1.1, order);
    CAPTURE(order);
    CHECK(here > before);
    CHECK(here < sampled_gaussian_rdp(.03, 1.1, order));
    CHECK(here > sampled_gaussian_rdp(.02, 1.2, order));
    CHECK(here < order / (2 * 1.1 * 1.1));  // of the step that every record enters
    before = here;
  }
  CHECK(sampled_gaussian_rdp(0, 1, 3) == 0);
}

TEST_CASE("a step without noise, with an impossible rate or of an impossible order is an error") {
  double const missing = std::nan("");
  CHECK_THROWS_AS(sampled_gaussian_rdp(-.1, 1, 2), papillon::error);
  CHECK_THROWS_AS(sampled_gaussian_rdp(1.1, 1, 2), papillon::error);
  CHECK_THROWS_AS(sampled_gaussian_rdp(missing, 1, 2), papillon::error);
  CHECK_THROWS_AS(sampled_gaussian_rdp(.1, 0, 2), papillon::error);
  CHECK_THROWS_AS(sampled_gaussian_rdp(.1, -1, 2), papillon::error);
  CHECK_THROWS_AS(sampled_gaussian_rdp(.1, missing, 2), papillon::error);
  CHECK_THROWS_AS(sampled_gaussian_rdp(.1, 1, 1), papillon::error);
  CHECK_THROWS_AS(sampled_gaussian_rdp(.1, 1, missing), papillon::error);
}
