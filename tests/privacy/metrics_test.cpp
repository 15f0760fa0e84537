// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <papillon/privacy/metrics.hpp>
#include <papillon/privacy/thresholds.hpp>

using namespace papillon::privacy;
using bytes = std::vector<std::uint8_t>;

namespace {

attack_metrics evaluate(std::vector<float> const& scores, bytes const& members, double threshold) {
  return evaluate_attack(std::span<float const>(scores), members, threshold);
}

}  // namespace

TEST_CASE("accuracy counts members above and others at or below the threshold") {
  // right: 3, 1 above; 0 (equal to the threshold), -1 below; wrong: the member at -2
  auto const m = evaluate({3, 1, -2, 0, -1}, {1, 1, 1, 0, 0}, 0.0);
  CHECK(m.accuracy == 80.0);
  CHECK(m.balanced_accuracy == Approx(100.0 * (2.0 / 3.0 + 1.0) / 2.0).epsilon(1e-15));
}

TEST_CASE("the area under the curve counts ordered pairs, ties half") {
  CHECK(evaluate({2, 1, 0}, {1, 0, 0}, 0.5).auc == 1.0);
  CHECK(evaluate({0, 1, 2}, {1, 0, 0}, 0.5).auc == 0.0);
  CHECK(evaluate({1, 1, 1, 1}, {1, 0, 1, 0}, 0.5).auc == 0.5);
  // pairs: (3,2) right, (3,1) right, (1,2) wrong, (1,1) half
  CHECK(evaluate({3, 1, 2, 1}, {1, 1, 0, 0}, 0.5).auc == 2.5 / 4.0);
}

TEST_CASE("members found at one percent of false alarms") {
  std::vector<float> scores;
  bytes members;
  for (int i = 0; i < 200; ++i) {  // others: 0..199, so two of them may be taken for members: 199 and 198
    scores.push_back(static_cast<float>(i));
    members.push_back(0);
  }
  for (float s : {500.0f, 198.5f, 197.5f, 197.0f, -1.0f}) {
    scores.push_back(s);
    members.push_back(1);
  }
  // 197 ties with an other, the third: not found
  CHECK(evaluate(scores, members, 0.0).true_positive_rate == 60.0);
}

TEST_CASE("a score that is not a number is never a member") {
  float const nan = std::numeric_limits<float>::quiet_NaN();
  auto const m = evaluate({nan, 1, nan, 0}, {1, 1, 0, 0}, -10.0);
  CHECK(m.accuracy == 50.0);
  CHECK(m.auc == 2.5 / 4.0);  // (nan, nan) half, (nan, 0) wrong, (1, both) right
}

TEST_CASE("an empty side has no balanced accuracy, no area and no error") {
  auto const members_only = evaluate({1, 2}, {1, 1}, 1.5);
  CHECK(members_only.accuracy == 50.0);
  CHECK(std::isnan(members_only.auc));
  CHECK(std::isnan(evaluate({}, {}, 0.0).accuracy));
}

TEST_CASE("scores and labels of different number are an error") {
  CHECK_THROWS_AS(evaluate({1, 2}, {1}, 0.0), papillon::error);
}

TEST_CASE("the best threshold is found by trying all, ties included") {
  // every set of six scores out of {0, 1, 2} with fixed labels, against trying each threshold
  bytes const members{1, 0, 1, 1, 0, 0};
  for (int code = 0; code < 729; ++code) {
    std::vector<float> scores;
    for (int i = 0, rest = code; i < 6; ++i, rest /= 3) scores.push_back(static_cast<float>(rest % 3));
    double best = 0;
    for (double t : {-0.5, 0.5, 1.5, 2.5}) best = std::max(best, evaluate(scores, members, t).accuracy);
    auto const found = best_threshold(std::span<float const>(scores), members);
    REQUIRE(found.accuracy == best);
    REQUIRE(evaluate(scores, members, found.threshold).accuracy == best);
  }
}

TEST_CASE("the best threshold between neighbouring numbers separates them") {
  double const low = 1.0, high = std::nextafter(1.0, 2.0);
  std::vector<double> const scores{low, high};
  auto const found = best_threshold(std::span<double const>(scores), bytes{0, 1});
  CHECK(found.accuracy == 100.0);
  CHECK(found.threshold >= low);
  CHECK(found.threshold < high);
}

TEST_CASE("the defence falls two points a point of attack accuracy") {
  static_assert(defence(50.0) == 100.0);
  static_assert(defence(60.5) == 79.0);
}

TEST_CASE("log-probabilities keep their digits at both ends") {
  std::vector<float> const sure{1.0f, 1e-12f, 3e-12f};
  CHECK(log_probability(sure, 0) == Approx(-4e-12).epsilon(1e-6));  // 1e-12f has a relative error of 2^-24
  CHECK(log_probability(sure, 1) == Approx(std::log(1e-12)).epsilon(1e-6));
  std::vector<float> const zero{1.0f, 0.0f};
  CHECK(log_probability(zero, 1) == -std::numeric_limits<double>::infinity());
  CHECK(log_probability(zero, 0) == 0.0);
}

TEST_CASE("loss and confidence scores read class and probabilities out of the features") {
  xt::xtensor<float, 2> const features{{0.25f, 0.75f, 9, 9, 1, 0}, {0.25f, 0.75f, 9, 9, 0, 1}};
  auto const loss = loss_scores(features), confidence = confidence_scores(features);
  CHECK(loss[0] == std::log(0.25));
  CHECK(loss[1] == Approx(std::log(0.75)).epsilon(1e-15));
  CHECK(confidence[0] == confidence[1]);
  CHECK(confidence[0] == loss[1]);
}

TEST_CASE("the threshold comes from the shadow, the oracle from the target") {
  std::vector<double> const shadow{-1, -2, -5, -6}, target{-1, -4, -3, -8};
  bytes const members{1, 1, 0, 0};
  // the shadow's threshold is -3.5: it misses the target's member at -4 and takes the other at -3
  auto const r = threshold_attack(shadow, members, target, members);
  CHECK(r.target.accuracy == 50.0);
  CHECK(r.oracle_accuracy == 75.0);
}
