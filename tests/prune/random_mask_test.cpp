// SPDX-License-Identifier: MIT
#include <papillon/prune/random_mask.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <catch2/catch.hpp>

#include "prune/resnet_slots.hpp"
#include "support/error_text.hpp"

using namespace papillon;
using prune::mask;

namespace {

random::stream const stream{.seed = 3, .what = random::purpose::random_mask};

mask draw(std::vector<nn::slot> const& slots, std::vector<std::size_t> const& kept, random::stream const& s = stream) {
  return prune::random_mask(std::span(slots), std::span(kept), s);
}

/// Half of every layer and all that is never pruned.
std::vector<std::size_t> halves(std::vector<nn::slot> const& slots) {
  std::vector<std::size_t> counts;
  for (auto const& s : slots) counts.push_back(prune::prunable(s) ? s.size / 2 : s.size);
  return counts;
}

}  // namespace

TEST_CASE("a random mask keeps as many weights of every layer as the mask that its counts are of", "[random_mask]") {
  auto const slots = test::resnet_slots(8, 5);
  std::vector<float> weights(test::size_of(slots));
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = std::sin(static_cast<float>(i * i));
  mask m = prune::dense_mask(weights.size());
  for (int round = 0; round < 3; ++round) {
    m = prune::prune_smallest(std::span(slots), std::span<float const>(weights), {.fraction = 0.4}, m);
    auto const counts = prune::kept_counts(std::span(slots), m);
    mask const drawn = draw(slots, counts);
    CHECK(prune::kept_counts(std::span(slots), drawn) == counts);
    CHECK(drawn.kept() == m.kept());
    CHECK(drawn != m);
  }
}

TEST_CASE(
    "a layer's draw is a function of stream and layer, and sparser masks lie within denser ones", "[random_mask]") {
  auto const slots = test::resnet_slots(8, 5);
  auto const counts = halves(slots);
  mask const m = draw(slots, counts);
  CHECK(draw(slots, counts) == m);
  CHECK(draw(slots, counts, {.seed = 4, .what = random::purpose::random_mask}) != m);

  auto fewer = counts;
  fewer[0] /= 3;
  mask const sparser = draw(slots, fewer);
  CHECK(std::equal(sparser.keep.begin(), sparser.keep.end(), m.keep.begin(), std::less_equal<>()));
  auto const rest = static_cast<std::ptrdiff_t>(slots[1].offset);
  CHECK(std::equal(sparser.keep.begin() + rest, sparser.keep.end(), m.keep.begin() + rest));
}

TEST_CASE("a random mask is drawn from the words of the stream", "[random_mask]") {
  std::vector<nn::slot> const slots{{"conv.weight", nn::slot_kind::convolution, {10, 1, 1, 1}, 0, 10, 1},
      {"fc.weight", nn::slot_kind::linear, {1, 4}, 10, 4, 4}, {"fc.bias", nn::slot_kind::bias, {1}, 14, 1, 4}};
  // Fisher-Yates on words of Philox, computed by another program: the first layer's order begins 6, 0, 9.
  CHECK(draw(slots, {3, 4, 1}).keep == std::vector<std::uint8_t>{1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1});
}

TEST_CASE("every weight of a layer is as likely to be kept", "[random_mask]") {
  std::vector<nn::slot> const slots{{"fc.weight", nn::slot_kind::linear, {1, 7}, 0, 7, 7}};
  std::vector<int> kept(7);
  int const draws = 4000;
  for (std::uint64_t seed = 0; seed < draws; ++seed) {
    auto const m = draw(slots, {2}, {.seed = seed, .what = random::purpose::random_mask});
    for (std::size_t i = 0; i < 7; ++i) kept[i] += m.keep[i];
  }
  double const p = 2.0 / 7;  // each count is binomial; five standard deviations
  for (int const k : kept) CHECK(std::abs(k - draws * p) < 5 * std::sqrt(draws * p * (1 - p)));
}

TEST_CASE("counts that no mask has are refused", "[random_mask]") {
  auto const slots = test::resnet_slots(8, 5);
  auto counts = halves(slots);
  auto const text = [&] { return test::error_text(errc::usage, [&] { (void)draw(slots, counts); }); };
  counts[0] = slots[0].size + 1;
  CHECK_THAT(text(), Catch::Contains("136 of the 135") && Catch::Contains("conv1.weight"));
  counts = halves(slots);
  --counts[1];
  CHECK_THAT(text(), Catch::Contains("bn1.weight"));
  counts.pop_back();
  CHECK_THAT(text(), Catch::Contains("one for each"));
}
