// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <papillon/train/adam.hpp>

using namespace papillon;

namespace {

double scrambled(std::size_t item, std::size_t salt) {
  return std::sin(12.9898 * static_cast<double>(item + 1) + 78.233 * static_cast<double>(salt + 1));
}

template <class T> std::vector<T> filled(std::size_t size, std::size_t salt) {
  std::vector<T> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<T>(scrambled(i, salt));
  return values;
}

template <class T, class Policy>
std::vector<T> run_steps(Policy const& policy, train::adam_settings const& settings, std::size_t size, int steps) {
  auto weights = filled<T>(size, 0);
  train::adam_state<T> state(size);
  for (int t = 0; t < steps; ++t) {
    auto const gradient = filled<T>(size, 1 + static_cast<std::size_t>(t));
    train::adam_step(policy, settings, std::span<T const>(gradient), state, std::span<T>(weights));
  }
  return weights;
}

}  // namespace

TEST_CASE("the first Adam step has the length of the learning rate, whatever the gradient's scale", "[adam]") {
  // After bias correction m = g and v = g^2, so that the step is rate * g / (|g| + eps).
  for (double const g : {1e-3, 1.0, -250.0}) {
    std::vector<double> weights{0.5};
    std::vector<double> const gradient{g};
    train::adam_state<double> state(1);
    train::adam_step(exec::seq{}, {.learning_rate = 0.01}, std::span(gradient), state, std::span(weights));
    double const expected = 0.5 - 0.01 * g / (std::abs(g) + 1e-8);
    CHECK(weights[0] == Approx(expected).margin(1e-14).epsilon(0));  // 1 - beta2 loses three digits of sixteen
    CHECK(state.steps == 1);
  }
}

TEST_CASE("Adam follows its formulas for ten steps, with and without weight decay", "[adam]") {
  constexpr std::size_t size = 33;
  constexpr int steps = 10;
  for (double const decay : {0.0, 0.1}) {
    train::adam_settings const settings{.learning_rate = 0.01, .weight_decay = decay};
    auto const weights = run_steps<double>(exec::seq{}, settings, size, steps);
    auto const single = run_steps<float>(exec::seq{}, settings, size, steps);
    for (std::size_t i = 0; i < size; ++i) {
      double w = scrambled(i, 0);
      double m = 0;
      double v = 0;
      for (int t = 1; t <= steps; ++t) {
        double const g = scrambled(i, static_cast<std::size_t>(t)) + decay * w;
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        double const m_hat = m / (1 - std::pow(0.9, t));
        double const v_hat = v / (1 - std::pow(0.999, t));
        w -= 0.01 * m_hat / (std::sqrt(v_hat) + 1e-8);
      }
      REQUIRE(std::abs(weights[i] - w) <= 1e-13);
      // A step is at most about rate = 0.01 long, its float roundings a few eps of that, those of w below eps each.
      REQUIRE(std::abs(static_cast<double>(single[i]) - w) <=
              steps * 4 * static_cast<double>(std::numeric_limits<float>::epsilon()));
    }
  }
}

TEST_CASE("Adam gives the same bits for every policy and number of threads", "[adam]") {
  train::adam_settings const settings{.learning_rate = 0.01, .weight_decay = 0.01};
  for (std::size_t const size : {std::size_t{0}, std::size_t{1}, std::size_t{17}, std::size_t{20011}}) {
    auto const reference = run_steps<float>(exec::seq{}, settings, size, 3);
    CHECK(run_steps<float>(exec::omp{.threads = 1}, settings, size, 3) == reference);
    CHECK(run_steps<float>(exec::omp{.threads = 2}, settings, size, 3) == reference);
  }
}

TEST_CASE("Adam leaves a parameter without gradient where it is", "[adam]") {
  std::vector<float> weights{0.25F};
  std::vector<float> const gradient{0};
  train::adam_state<float> state(1);
  for (int t = 0; t < 3; ++t) train::adam_step(exec::seq{}, {}, std::span(gradient), state, std::span(weights));
  CHECK(weights[0] == 0.25F);
}
