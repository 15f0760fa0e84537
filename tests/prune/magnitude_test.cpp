// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/prune/magnitude.hpp>

#include "prune/resnet_slots.hpp"

using namespace papillon;
using prune::mask;

namespace {

std::vector<float> scrambled_weights(std::size_t size) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    double const x = 43758.5453 * std::sin(12.9898 * static_cast<double>(i + 1));
    values[i] = static_cast<float>(2 * (x - std::floor(x)) - 1);
  }
  return values;
}

/// One convolution of 6 weights, a batch norm of one channel, a linear layer of 4 weights and 1 bias.
std::vector<nn::slot> small_slots() {
  return {{"conv.weight", nn::slot_kind::convolution, {2, 3, 1, 1}, 0, 6, 3},
      {"bn.weight", nn::slot_kind::norm_weight, {1}, 6, 1, 1}, {"bn.bias", nn::slot_kind::norm_bias, {1}, 7, 1, 1},
      {"fc.weight", nn::slot_kind::linear, {1, 4}, 8, 4, 4}, {"fc.bias", nn::slot_kind::bias, {1}, 12, 1, 4}};
}

mask prune_once(
    std::vector<nn::slot> const& slots, std::vector<float> const& weights, prune::pruning_rate const& rate, mask m) {
  return prune::prune_smallest(std::span(slots), std::span(weights), rate, std::move(m));
}

}  // namespace

TEST_CASE("24 rounds leave the published numbers of weights of ResNet-20", "[magnitude]") {
  auto const slots = test::resnet_slots();
  REQUIRE(test::size_of(slots) == 272474);
  auto const weights = scrambled_weights(272474);
  mask m = prune::dense_mask(weights.size());
  std::vector<std::size_t> left{test::prunable_kept(slots, m)};
  std::vector<double> percentage{test::nonzero_percentage(m)};
  for (int k = 1; k <= 24; ++k) {
    mask const before = m;
    m = prune_once(slots, weights, {}, m);
    left.push_back(test::prunable_kept(slots, m));
    percentage.push_back(test::nonzero_percentage(m));
    bool const nested = std::equal(m.keep.begin(), m.keep.end(), before.keep.begin(), std::less_equal<>());
    REQUIRE(nested);  // what is pruned stays pruned
  }
  CHECK(
      std::vector(left.begin(), left.begin() + 5) == std::vector<std::size_t>{270896, 216717, 173374, 138699, 110959});
  CHECK(left[24] == 1278);
  CHECK(percentage[0] == 100);
  auto const hundredths = [](double p) { return std::lround(100 * p); };
  CHECK(hundredths(percentage[3]) == 5148);
  CHECK(hundredths(percentage[4]) == 4130);
  CHECK(hundredths(percentage[8]) == 1726);
  CHECK(hundredths(percentage[16]) == 338);
  CHECK(m.kept() == 1278 + 1568 + 10);  // batch norm and the last bias are never pruned
}

TEST_CASE("the pruned weights are those that a full sort puts first", "[magnitude]") {
  auto const slots = test::resnet_slots(8, 5);
  auto weights = scrambled_weights(test::size_of(slots));
  for (float& w : weights) w = std::round(w * 40) / 40;  // many ties
  mask m = prune::dense_mask(weights.size());
  for (int round = 0; round < 3; ++round) {
    std::vector<std::size_t> order;
    for (auto const& s : slots) {
      for (std::size_t i = s.offset; prune::prunable(s) && i < s.offset + s.size; ++i)
        if (m.keep[i] != 0) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
        [&](std::size_t a, std::size_t b) { return std::abs(weights[a]) < std::abs(weights[b]); });
    mask expected = m;
    for (std::size_t r = 0; r < prune::pruned_count(0.3, order.size()); ++r) expected.keep[order[r]] = 0;
    m = prune_once(slots, weights, {.fraction = 0.3}, m);
    REQUIRE(m == expected);
  }
}

TEST_CASE("equal magnitudes are pruned from the front of the parameter buffer", "[magnitude]") {
  std::vector<float> const weights{1, -1, 1, 1, -1, 1, 0, 0, 1, 1, -1, 1, 0};
  mask const m = prune_once(small_slots(), weights, {.fraction = 0.3}, prune::dense_mask(13));
  CHECK(m.keep == std::vector<std::uint8_t>{0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
}

TEST_CASE("convolutions and the last layer compete, batch norm and biases do not", "[magnitude]") {
  std::vector<float> const weights{5, 6, 7, 8, 9, 10, 0, 0, 1, -2, 3, 11, 0};
  mask const m = prune_once(small_slots(), weights, {.fraction = 0.4}, prune::dense_mask(13));
  CHECK(m.keep == std::vector<std::uint8_t>{0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1});
}

TEST_CASE("a fraction of its own ranks the last layer apart", "[magnitude]") {
  std::vector<float> const weights{5, 6, 7, 8, 9, 10, 0, 0, 1, -2, 3, 11, 0};
  mask const m = prune_once(small_slots(), weights, {.fraction = 0.5, .linear_fraction = 0.25}, prune::dense_mask(13));
  CHECK(m.keep == std::vector<std::uint8_t>{0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1});
  mask const none = prune_once(small_slots(), weights, {.fraction = 0.5, .linear_fraction = 0}, prune::dense_mask(13));
  CHECK(none.kept(8, 4) == 4);
}

TEST_CASE("the extreme fractions prune nothing and everything", "[magnitude]") {
  auto const weights = scrambled_weights(13);
  CHECK(prune_once(small_slots(), weights, {.fraction = 0}, prune::dense_mask(13)) == prune::dense_mask(13));
  mask const all = prune_once(small_slots(), weights, {.fraction = 1}, prune::dense_mask(13));
  CHECK(test::prunable_kept(small_slots(), all) == 0);
  CHECK(all.kept() == 3);
  CHECK(prune_once(small_slots(), weights, {}, all) == all);  // nothing left to prune
}

TEST_CASE("layerwise pruning takes the fraction of every layer", "[magnitude]") {
  std::vector<float> const weights{5, 6, 7, 8, 9, 10, 0, 0, 1, -2, 3, 11, 0};
  auto const layerwise = [&](double fraction, std::optional<double> linear = {}) {
    return prune_once(small_slots(), weights, {fraction, linear, true}, prune::dense_mask(13)).keep;
  };
  CHECK(layerwise(0.5) == std::vector<std::uint8_t>{0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1});
  CHECK(layerwise(0.5, 0.25) == std::vector<std::uint8_t>{0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1});

  auto const slots = test::resnet_slots(8, 5);
  auto many = scrambled_weights(test::size_of(slots));
  for (std::size_t i = 0; i < 3 * 5 * 9; ++i) many[i] *= 1e-6F;  // ranked with the others, the first layer would go
  mask m = prune::dense_mask(many.size());
  for (int round = 0; round < 2; ++round) {
    mask const before = m;
    m = prune_once(slots, many, {.fraction = 0.3, .layerwise = true}, m);
    for (auto const& s : slots) {
      std::size_t const had = before.kept(s.offset, s.size);
      CHECK(m.kept(s.offset, s.size) == (prune::prunable(s) ? had - prune::pruned_count(0.3, had) : had));
    }
  }
}

TEST_CASE("one pruning of many rounds' worth leaves as many weights as the rounds", "[magnitude]") {
  auto const slots = test::resnet_slots();
  auto const weights = scrambled_weights(272474);
  mask rounds = prune::dense_mask(weights.size());
  for (int k = 1; k <= 24; ++k) {
    rounds = prune_once(slots, weights, {}, rounds);
    auto const at_once = prune_once(slots, weights, prune::after_rounds({}, k), prune::dense_mask(weights.size()));
    // Every round rounds to a whole weight: off by at most 1/2, of which later rounds leave a share of .8 each.
    CHECK(std::abs(static_cast<double>(at_once.kept()) - static_cast<double>(rounds.kept())) <= 1 + 0.5 / (1 - 0.8));
    CHECK(at_once.kept() - 1578 == static_cast<std::size_t>(std::lround(std::pow(0.8, k) * 270896)));
  }
  auto const rate = prune::after_rounds({.fraction = 0.2, .linear_fraction = 0.1, .layerwise = true}, 2);
  CHECK(rate.fraction == Approx(0.36).epsilon(1e-14));
  CHECK(*rate.linear_fraction == Approx(0.19).epsilon(1e-14));
  CHECK(rate.layerwise);
  CHECK(prune::after_rounds({}, 0).fraction == 0);
}

TEST_CASE("weights that are not finite cannot be ranked", "[magnitude]") {
  auto weights = scrambled_weights(13);
  weights[9] = std::numeric_limits<float>::quiet_NaN();
  REQUIRE_THROWS_WITH(prune_once(small_slots(), weights, {}, prune::dense_mask(13)), Catch::Contains("fc.weight"));
  mask without = prune::dense_mask(13);
  without.keep[9] = 0;  // a pruned entry is not looked at
  CHECK_NOTHROW(prune_once(small_slots(), weights, {}, without));
}

TEST_CASE("applying a mask zeroes exactly the pruned entries", "[mask]") {
  mask const m{{1, 0, 1, 0, 0}};
  std::vector<double> values{1, 2, 3, std::numeric_limits<double>::quiet_NaN(), -5};
  m.apply(std::span(values));
  CHECK(values == std::vector<double>{1, 0, 3, 0, 0});
  CHECK(m.kept() == 2);
  CHECK(test::nonzero_percentage(m) == 40);
}
