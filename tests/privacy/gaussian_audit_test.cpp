// SPDX-License-Identifier: MIT
#include <papillon/privacy/gaussian_audit.hpp>

#include <catch2/catch.hpp>

#include <papillon/privacy/one_run_audit.hpp>
#include <papillon/random/distributions.hpp>

using namespace papillon;
using namespace papillon::privacy;

TEST_CASE("refuted mu and its epsilon have the published digits") {
  struct row {
    canary_guesses guesses;
    double mu, epsilon;
  };
  for (auto const& [g, mu, epsilon] : {row{{1000, 100, 75}, .26949, 1.00592}, row{{1000, 100, 95}, .78681, 3.32330},
           row{{100000, 1510, 1439}, .78386, 3.30908}, row{{500, 250, 250}, 1.79511, 8.75788}}) {
    INFO(g.right << " right of " << g.guesses);
    double const found = gaussian_audit(g);
    CHECK(found == Approx(mu).margin(5e-6));
    CHECK(gaussian_epsilon(found, 1e-5) == Approx(epsilon).margin(5e-6));
    CHECK(gaussian_privacy_refuted(g, found));
    CHECK_FALSE(gaussian_privacy_refuted(g, found + 1e-6));
  }
}

TEST_CASE("Gaussian privacy is refuted more easily than one epsilon and delta") {
  for (canary_guesses const& g : {canary_guesses{1000, 100, 75}, {100000, 1510, 1439}, {500, 100, 100}}) {
    INFO(g.right << " right of " << g.guesses);
    CHECK(gaussian_epsilon(gaussian_audit(g), 1e-5) > one_run_epsilon(g, 1e-5));
  }
}

TEST_CASE("of sums released with noise the bound is rarely above the truth and finds a third of it") {
  // Canaries are orthogonal, each included adds 1 to a coordinate of its own, and noise has deviation 1: mu = 1. The
  // 100 highest and the 100 lowest of 1,000 are guessed. At most one bound in twenty exceeds the truth: of 50 in 2.5,
  // give or take 1.5; three deviations more are allowed for.
  constexpr std::uint32_t repetitions = 50;
  constexpr std::size_t canaries = 1000;
  int above = 0;
  double sum = 0;
  for (std::uint32_t repetition = 0; repetition < repetitions; ++repetition) {
    random::engine draw({.seed = 15, .what = random::purpose::test}, repetition);
    std::vector<double> scores;
    std::vector<std::uint8_t> included;
    for (std::size_t i = 0; i < canaries; ++i) {
      included.push_back(static_cast<std::uint8_t>(random::below(draw, 2)));
      scores.push_back(included.back() + random::normal<double>(draw));
    }
    double const mu = gaussian_audit(guess_canaries(scores, included, 100, 100));
    above += mu > 1;
    sum += mu;
  }
  CHECK(above <= 7);
  CHECK(sum / repetitions > .33);
}

TEST_CASE("guesses that chance explains refute nothing") {
  CHECK(gaussian_audit({1000, 100, 50}) == 0);
  CHECK(gaussian_audit({1000, 100, 0}) == 0);
  CHECK(gaussian_audit({1000, 0, 0}) == 0);
  CHECK(gaussian_audit({4, 4, 4}) == 0);
  CHECK(gaussian_audit({10, 10, 10}) > 0);
  CHECK_FALSE(gaussian_privacy_refuted({10, 10, 10}, INFINITY));
}

TEST_CASE("what is no audit of Gaussian privacy is an error") {
  CHECK_THROWS_AS(gaussian_audit({10, 11, 5}), papillon::error);
  CHECK_THROWS_AS(gaussian_audit({10, 5, 6}), papillon::error);
  CHECK_THROWS_AS(gaussian_audit({10, 5, 5}, 0), papillon::error);
  CHECK_THROWS_AS(gaussian_privacy_refuted({10, 5, 5}, -1), papillon::error);
}
