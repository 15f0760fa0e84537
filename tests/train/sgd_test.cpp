// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <papillon/train/sgd.hpp>

using namespace papillon;

namespace {

/// Numbers without structure in [-1, 1], different for every (item, salt).
double scrambled(std::size_t item, std::size_t salt) {
  return std::sin(12.9898 * static_cast<double>(item + 1) + 78.233 * static_cast<double>(salt + 1));
}

template <class T> std::vector<T> filled(std::size_t size, std::size_t salt) {
  std::vector<T> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<T>(scrambled(i, salt));
  return values;
}

template <class T, class Policy> std::vector<T> run_steps(Policy const& policy, std::size_t size, int steps) {
  auto weights = filled<T>(size, 0);
  std::vector<T> velocity(size);
  for (int t = 0; t < steps; ++t) {
    auto const gradient = filled<T>(size, 1 + static_cast<std::size_t>(t));
    train::sgd_step(policy, {.momentum = 0.9, .weight_decay = 0.005}, 0.03, std::span<T const>(gradient),
        std::span<T>(velocity), std::span<T>(weights));
  }
  return weights;
}

}  // namespace

TEST_CASE("two SGD steps by hand", "[sgd]") {
  // Dyadic numbers: exact in floating point. g' = 0.25 + 0.5 * 1 = 0.75, v = 0.75, w = 1 - 0.25 * 0.75 = 0.8125;
  // g' = -0.5 + 0.5 * 0.8125 = -0.09375, v = 0.375 - 0.09375 = 0.28125, w = 0.8125 - 0.0703125.
  std::vector<double> weights{1};
  std::vector<double> velocity{0};
  train::sgd_settings const settings{.momentum = 0.5, .weight_decay = 0.5};
  std::vector<double> gradient{0.25};
  train::sgd_step(
      exec::seq{}, settings, 0.25, std::span<double const>(gradient), std::span(velocity), std::span(weights));
  CHECK(weights[0] == 0.8125);
  gradient[0] = -0.5;
  train::sgd_step(
      exec::seq{}, settings, 0.25, std::span<double const>(gradient), std::span(velocity), std::span(weights));
  CHECK(velocity[0] == 0.28125);
  CHECK(weights[0] == 0.7421875);
}

TEST_CASE("ten SGD steps in float agree with the unfused recurrence in double", "[sgd]") {
  constexpr std::size_t size = 257;
  constexpr int steps = 10;
  auto const weights = run_steps<float>(exec::seq{}, size, steps);
  // A step rounds each of its three results once and its constants once: at most 6 roundings of numbers below 8 a step.
  double const tolerance = steps * 6 * 8 * static_cast<double>(std::numeric_limits<float>::epsilon());
  for (std::size_t i = 0; i < size; ++i) {
    double w = static_cast<double>(static_cast<float>(scrambled(i, 0)));
    double v = 0;
    for (int t = 0; t < steps; ++t) {
      double const g = static_cast<float>(scrambled(i, 1 + static_cast<std::size_t>(t)));
      v = 0.9 * v + (g + 0.005 * w);
      w -= 0.03 * v;
    }
    REQUIRE(std::abs(static_cast<double>(weights[i]) - w) <= tolerance);
  }
}

TEST_CASE("SGD gives the same bits for every policy and number of threads", "[sgd]") {
  for (std::size_t const size : {std::size_t{0}, std::size_t{1}, std::size_t{17}, std::size_t{20011}}) {
    auto const reference = run_steps<float>(exec::seq{}, size, 3);
    CHECK(run_steps<float>(exec::omp{.threads = 1}, size, 3) == reference);
    CHECK(run_steps<float>(exec::omp{.threads = 2}, size, 3) == reference);
    CHECK(run_steps<float>(exec::omp{.threads = 3}, size, 3) == reference);
  }
}

TEST_CASE("an entry without weight, gradient and velocity stays exactly zero", "[sgd]") {
  std::vector<float> weights{0, 1};
  std::vector<float> velocity{0, 0};
  std::vector<float> const gradient{0, 1};
  for (int t = 0; t < 5; ++t) {
    train::sgd_step(exec::omp{.threads = 1}, {.momentum = 0.9, .weight_decay = 0.1}, 0.1, std::span(gradient),
        std::span(velocity), std::span(weights));
  }
  CHECK(weights[0] == 0);
  CHECK(velocity[0] == 0);
  CHECK(weights[1] < 1);
}
