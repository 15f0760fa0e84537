// SPDX-License-Identifier: MIT
/// \file discriminators.hpp
/// Discriminators and the whole attack under a policy, written once for all: held against exec::seq.
#pragma once

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <papillon/privacy/attack.hpp>

#include "support/noise.hpp"

namespace papillon::test {

/// Samples that a discriminator can tell apart, but not all.
inline privacy::samples samples_of_two_kinds(std::size_t n, std::size_t width) {
  privacy::samples s{xt::xtensor<float, 2>::from_shape({n, width}), std::vector<std::uint8_t>(n)};
  auto const draw = noise<float>(n * width, 8);
  for (std::size_t i = 0; i < n; ++i) {
    s.members[i] = i % 2 == 0;
    for (std::size_t j = 0; j < width; ++j)
      s.features(i, j) = draw[i * width + j] + (j == 0 && s.members[i] != 0 ? 1.0f : 0.0f);
  }
  return s;
}

/// Scores after a training in float: some tens of steps of at most 0.01 a weight, of which rounding of a gradient near
/// zero may turn few round; logits are of size 1.
template <class E> void check_discriminators(E e, std::size_t samples, int epochs) {
  auto const all = samples_of_two_kinds(samples, 6);
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < samples; i += 1 + i % 3) rows.push_back(i);
  for (bool const standardise : {false, true}) {
    privacy::discriminator_settings const s{
        .hidden = {5, 3}, .learning_rate = 0.01, .epochs = epochs, .batch = 17, .standardise = standardise};
    privacy::discriminator const want(exec::seq{}, all, rows, s, 3);
    privacy::discriminator const got(e, all, rows, s, 3), again(e, all, rows, s, 3);
    auto const a = got.scores(all), b = want.scores(all);
    CHECK(largest_difference<float>(a, b) < 1e-3f);
    CHECK(again.scores(all) == a);
    CHECK(got.scores(all, std::vector<std::uint32_t>{2, 0}) == std::vector<float>{a[2], a[0]});
  }
}

/// The whole attack.
template <class E> void check_attack(E e) {
  privacy::attack_settings const s{.hidden = {{4}, {3, 3}}, .learning_rates = {0.02, 0.002}, .epochs = 5, .batch = 16};
  auto const shadow = samples_of_two_kinds(61, 30), target = samples_of_two_kinds(47, 30);
  auto const want = privacy::run_attack(exec::seq{}, shadow, target, s, 2),
             got = privacy::run_attack(e, shadow, target, s, 2);
  for (std::size_t i = 0; i < want.target_scores.size(); ++i)
    REQUIRE(got.target_scores.data()[i] == Approx(want.target_scores.data()[i]).margin(1e-3));
  REQUIRE(got.result.discriminators.size() == 4);
  // A score at the border may fall on either side: one of 12 samples that judge, of 47 that are attacked.
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::abs(got.result.discriminators[i].holdout_accuracy - want.result.discriminators[i].holdout_accuracy) <
          100 / 12.0 + 1e-9);
    CHECK(std::abs(got.result.discriminators[i].target.accuracy - want.result.discriminators[i].target.accuracy) <
          100 / 47.0 + 1e-9);
  }
}

}  // namespace papillon::test
