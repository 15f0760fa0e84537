// SPDX-License-Identifier: MIT
#include <papillon/privacy/one_run_audit.hpp>

#include <cmath>

#include <catch2/catch.hpp>

#include <papillon/random/distributions.hpp>

using namespace papillon;
using namespace papillon::privacy;

TEST_CASE("the bound has the published digits") {
  struct row {
    canary_guesses guesses;
    double delta, epsilon;
  };
  for (auto const& [g, delta, epsilon] : {row{{1000, 100, 75}, 1e-4, .672985},
           row{{100000, 1510, 1439}, 1e-5, 2.675851}, row{{1000, 600, 600}, 1e-5, 5.270399},
           row{{500, 100, 100}, 1e-5, 3.479195}, row{{1000, 1000, 600}, 0, .297468}}) {
    INFO(g.right << " right of " << g.guesses);
    double const found = one_run_epsilon(g, delta);
    CHECK(found == Approx(epsilon).margin(5e-7));
    CHECK(one_run_p_value(g, found, delta) < .05 + 1e-13);
    CHECK(one_run_p_value(g, found + 1e-9, delta) > .05 - 1e-8);
  }
  CHECK(one_run_epsilon({1000, 100, 50}, 0) == 0);
}

TEST_CASE("the p-value has the digits of its formula") {
  CHECK(one_run_p_value({1000, 100, 75}, .5, 1e-4) == Approx(.0145872077).margin(5e-11));
  CHECK(one_run_p_value({100, 20, 18}, 1, 0) == Approx(.0647786906).margin(5e-11));
  CHECK(one_run_p_value({100, 20, 18}, 1, 1e-3) == Approx(.0976742646).margin(5e-11));
}

TEST_CASE("alpha is the largest mean of consecutive probabilities") {
  // against all means, with v on either side of the mode and as large as r
  for (double const x : {.5, .7311})
    for (int const r : {1, 2, 12, 40})
      for (int v = 1; v <= r; ++v) {
        double want = 0, sum = 0;
        for (int i = 1; i <= v; ++i) {
          int const k = v - i;
          sum += std::exp(std::lgamma(r + 1) - std::lgamma(k + 1) - std::lgamma(r - k + 1)) * std::pow(x, k) *
                 std::pow(1 - x, r - k);
          want = std::max(want, sum / i);
        }
        CAPTURE(x, r, v);
        CHECK(privacy::detail::largest_mean_probability(v, r, {x, 1 - x}) == Approx(want).epsilon(1e-11).margin(0));
      }
}

TEST_CASE("no right guess and no guess prove nothing, and no epsilon is refuted beyond doubt") {
  CHECK(one_run_p_value({10, 5, 0}, 0, 0) == 1);
  CHECK(one_run_epsilon({10, 0, 0}, 0) == 0);
  CHECK(one_run_epsilon({10, 4, 4}, 0) == 0);  // all right by luck in one case of sixteen
  CHECK(one_run_epsilon({10, 5, 5}, 0) > 0);
  CHECK(one_run_p_value({10, 5, 5}, INFINITY, 0) == 1);
  CHECK(one_run_p_value({10, 5, 5}, 800, .1) == 1);
  CHECK(one_run_p_value({100, 20, 18}, 1, .5) == 1);  // the sum is above
  // all right: (1 / (1 + exp(-epsilon)))^r = .05
  double const q = std::pow(.05, 1.0 / 200);
  CHECK(one_run_epsilon({200, 200, 200}, 0) == Approx(std::log(q / (1 - q))).epsilon(1e-12));
}

TEST_CASE("the best of several numbers of guesses is held at a level divided by their number") {
  std::vector<canary_guesses> const tried{{1000, 100, 80}, {1000, 200, 150}, {1000, 400, 260}};
  double best = 0;
  for (auto const& g : tried) best = std::max(best, one_run_epsilon(g, 1e-5, 1 - .05 / 3));
  CHECK(one_run_epsilon(tried, 1e-5) == best);
  CHECK(best < one_run_epsilon(tried[0], 1e-5));
  CHECK(best > 0);
  CHECK(one_run_epsilon(std::vector<canary_guesses>{tried[1]}, 1e-5) == Approx(one_run_epsilon(tried[1], 1e-5)));
  CHECK(one_run_epsilon(std::vector<canary_guesses>{}, 1e-5) == 0);
}

TEST_CASE("of a mechanism that is tight at epsilon 1 the bound is rarely above it and finds half of it") {
  // Randomised response: each guess is right with probability e / (1 + e). The bound exceeds 1 in at most one case of
  // twenty: of 200 in 10, give or take 3.1; three deviations more are allowed for.
  double const probability = 1 / (1 + std::exp(-1.0));
  double sum = 0;
  int above = 0;
  constexpr int repetitions = 200, canaries = 1000;
  for (std::uint32_t repetition = 0; repetition < repetitions; ++repetition) {
    random::engine draw({.seed = 14, .what = random::purpose::test}, repetition);
    canary_guesses g{canaries, canaries};
    for (int i = 0; i < canaries; ++i) g.right += random::uniform<double>(draw) < probability;
    double const bound = one_run_epsilon(g, 0);
    above += bound > 1;
    sum += bound;
  }
  CHECK(above <= 19);
  CHECK(sum / repetitions > .5);
}

TEST_CASE("what is no audit is an error") {
  CHECK_THROWS_AS(one_run_epsilon({10, 11, 5}, 0), papillon::error);
  CHECK_THROWS_AS(one_run_epsilon({10, 5, 6}, 0), papillon::error);
  CHECK_THROWS_AS(one_run_epsilon({10, 5, 5}, -1e-9), papillon::error);
  CHECK_THROWS_AS(one_run_epsilon({10, 5, 5}, 1), papillon::error);
  CHECK_THROWS_AS(one_run_epsilon({10, 5, 5}, 0, 1), papillon::error);
  CHECK_THROWS_AS(one_run_p_value({10, 5, 5}, -1, 0), papillon::error);
  CHECK_THROWS_AS(one_run_p_value({10, 5, 5}, std::nan(""), 0), papillon::error);
}
