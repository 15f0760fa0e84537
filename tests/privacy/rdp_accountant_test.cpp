// SPDX-License-Identifier: MIT
#include <papillon/privacy/rdp_accountant.hpp>

#include <cmath>

#include <catch2/catch.hpp>

#include <papillon/privacy/gaussian_mechanism.hpp>

using namespace papillon::privacy;

namespace {

constexpr double rate = 256.0 / 14000;  // 14,000 images in batches of 256, 300 epochs of 55 steps
constexpr std::uint64_t steps = 16500;

}  // namespace

TEST_CASE("steps of different mechanisms add up, and the best order proves epsilon") {
  rdp_accountant accountant;
  accountant.add(1e-5, 1, 10);
  accountant.add(1e-4, 3, 4);
  auto const found = accountant.epsilon(1e-5);
  CHECK(found.epsilon == Approx(.33634406).margin(5e-9));
  CHECK(found.order == 23);
  CHECK(accountant.rdp()[10] == Approx(10 * sampled_gaussian_rdp(1e-5, 1, accountant.orders()[10]) +
                                       4 * sampled_gaussian_rdp(1e-4, 3, accountant.orders()[10]))
                                    .epsilon(1e-14));
}

TEST_CASE("epsilon after a training has the digits of its formula") {
  auto const whole = whole_rdp_orders();
  auto const of = [&](double noise) { return rdp_epsilon_of(rate, noise, steps, 1e-5, whole).epsilon; };
  CHECK(of(1) == Approx(19.6038).margin(5e-5));
  CHECK(of(1.5) == Approx(9.4126).margin(5e-5));
  CHECK(of(2) == Approx(6.2368).margin(5e-5));
  CHECK(of(4) == Approx(2.6476).margin(5e-5));
  CHECK(of(8) == Approx(1.2140).margin(5e-5));
  CHECK(rdp_epsilon_of(rate, 1, steps, 1e-5).epsilon == Approx(18.6423).margin(5e-5));  // tenths matter
  CHECK(rdp_epsilon_of(32.0 / 500, 1, 640, 1e-3, whole).epsilon == Approx(10.0101).margin(5e-5));
  CHECK(rdp_epsilon_of(32.0 / 500, 2, 640, 1e-3, whole).epsilon == Approx(3.0718).margin(5e-5));
}

TEST_CASE("epsilon of one Gaussian mechanism is above the exact one, not by much") {
  CHECK(rdp_epsilon_of(1, 1, 1, 1e-5, whole_rdp_orders()).epsilon == Approx(4.752728).margin(5e-7));
  for (double mu : {.05, .3, 1.0, 4.0})
    for (double delta : {1e-3, 1e-5, 1e-9}) {
      CAPTURE(mu, delta);
      double const proven = rdp_epsilon_of(1, 1 / mu, 1, delta).epsilon, exact = gaussian_epsilon(mu, delta);
      CHECK(proven >= exact);
      CHECK(proven < 1.2 * exact + .05);  // orders end at 256, where .05 is left of epsilon at delta 1e-5
    }
}

TEST_CASE("the noise for an epsilon has the published digits and keeps to the epsilon") {
  auto const whole = whole_rdp_orders();
  auto const noise = [&](double epsilon) { return noise_for_epsilon(rate, steps, epsilon, 1e-5, whole); };
  CHECK(noise(1) == Approx(9.5433).margin(5e-5));
  CHECK(noise(3) == Approx(3.6002).margin(5e-5));
  CHECK(noise(8) == Approx(1.6604).margin(5e-5));
  CHECK(noise(50) == Approx(.6887).margin(5e-5));
  for (double epsilon : {.3, 8.0}) {
    double const enough = noise(epsilon);
    CHECK(rdp_epsilon_of(rate, enough, steps, 1e-5, whole).epsilon <= epsilon);
    CHECK(rdp_epsilon_of(rate, enough * (1 - 2e-6), steps, 1e-5, whole).epsilon > epsilon);
  }
}

TEST_CASE("the number of steps for an epsilon keeps to it, and one more does not") {
  auto const whole = whole_rdp_orders();
  for (double noise : {1.0, 4.0}) {
    auto const most = steps_for_epsilon(rate, noise, 2.5, 1e-5, whole);
    CAPTURE(noise, most);
    CHECK(most > 0);
    CHECK(rdp_epsilon_of(rate, noise, most, 1e-5, whole).epsilon <= 2.5);
    CHECK(rdp_epsilon_of(rate, noise, most + 1, 1e-5, whole).epsilon > 2.5);
  }
  CHECK(steps_for_epsilon(1, 1, .5, 1e-5, whole) == 0);
}

TEST_CASE("nothing is spent before the first step, and epsilon is never negative") {
  rdp_accountant accountant;
  CHECK(accountant.epsilon(1e-5).epsilon == 0);
  CHECK(std::isnan(accountant.epsilon(1e-5).order));
  accountant.add(0, 1, 1000);  // no record ever enters
  CHECK(accountant.epsilon(1e-5).epsilon == 0);
  accountant.add(1e-6, 10);
  CHECK(accountant.epsilon(.5).epsilon == 0);  // one chance in two to fail leaves nothing to prove
  CHECK(accountant.epsilon(1e-5).epsilon > 0);
}

TEST_CASE("the default orders are tenths up to 10.9 and whole numbers up to 256") {
  auto const orders = default_rdp_orders();
  CHECK(orders.size() == 99 + 246);
  CHECK(orders.front() == 1.1);
  CHECK(orders[9] == 2);
  CHECK(orders[98] == 10.9);
  CHECK(orders[99] == 11);
  CHECK(orders.back() == 256);
}

TEST_CASE("what no accountant can count is an error") {
  CHECK_THROWS_AS(rdp_accountant(std::vector<double>{}), papillon::error);
  CHECK_THROWS_AS(rdp_accountant({2, 1}), papillon::error);
  rdp_accountant accountant;
  CHECK_THROWS_AS(accountant.add(1.5, 1), papillon::error);
  CHECK_THROWS_AS(accountant.add(.5, 0), papillon::error);
  CHECK_THROWS_AS(accountant.add(.5, 0, 0), papillon::error);
  for (double delta : {0.0, 1.0, -1.0, std::nan("")}) CHECK_THROWS_AS(accountant.epsilon(delta), papillon::error);
  CHECK_THROWS_AS(noise_for_epsilon(.1, 10, .001, 1e-5), papillon::error);  // orders up to 256 prove no less than .0195
  CHECK_THROWS_AS(noise_for_epsilon(.1, 10, 0, .5), papillon::error);
  CHECK_THROWS_AS(noise_for_epsilon(0, 10, 1, 1e-5), papillon::error);
  CHECK_THROWS_AS(noise_for_epsilon(.1, 0, 1, 1e-5), papillon::error);
  CHECK_THROWS_AS(noise_for_epsilon(.1, 10, INFINITY, 1e-5), papillon::error);
  CHECK_THROWS_AS(steps_for_epsilon(0, 1, 1, 1e-5), papillon::error);
}
