// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <study/statistics.hpp>
#include <study/summary.hpp>

using namespace papillon::study;

namespace {

/// Sums of a few decimal numbers below 200: each operation is right to half a unit in the last place.
double const rounding = 16 * 200 * std::numeric_limits<double>::epsilon();

seed_result experiment(double accuracy, std::vector<double> const& holdout, std::vector<double> const& target) {
  seed_result s;
  s.target.test_accuracy = accuracy;
  for (std::size_t i = 0; i < holdout.size(); ++i) {
    discriminator_result d;
    d.name = std::string(1, static_cast<char>(0x61 + i));
    d.holdout_accuracy = holdout[i];
    d.target.accuracy = target[i];
    s.all.discriminators.push_back(d);
  }
  return s;
}

}  // namespace

TEST_CASE("the deviation of three experiments divides by two") {
  auto const s = spread_of(std::vector{60.0, 62.0, 67.0});
  CHECK(s.count == 3);
  CHECK(s.mean == Approx(63.0).margin(rounding));
  CHECK(s.deviation == Approx(std::sqrt((9.0 + 1.0 + 16.0) / 2.0)).margin(rounding));
}

TEST_CASE("one experiment has a mean and no deviation, none has neither") {
  auto const one = spread_of(std::vector{60.0});
  CHECK(one.count == 1);
  CHECK(one.mean == 60.0);
  CHECK(is_missing(one.deviation));
  auto const none = spread_of(std::vector<double>{});
  CHECK(none.count == 0);
  CHECK(is_missing(none.mean));
}

TEST_CASE("missing numbers are left out of means") {
  auto const s = spread_of(std::vector{60.0, missing, 62.0});
  CHECK(s.count == 2);
  CHECK(s.mean == 61.0);
  CHECK(s.deviation == Approx(std::sqrt(2.0)).margin(rounding));
}

TEST_CASE("the defence is 100 against guessing and loses two points a point of attack accuracy") {
  static_assert(defence(50.0) == 100.0);
  static_assert(defence(60.5) == 79.0);
  static_assert(defence(100.0) == 0.0);
  CHECK(defence(49.0) == 102.0);
}

TEST_CASE("a difference is significant when the intervals are disjoint, not when they touch") {
  spread const dense{3, 79.0, 1.0};
  CHECK(differs({3, 81.5, 1.0}, dense) == significance::yes);
  CHECK(differs({3, 76.5, 1.0}, dense) == significance::yes);
  CHECK(differs({3, 81.0, 1.0}, dense) == significance::no);
  CHECK(differs({3, 79.5, 0.0}, dense) == significance::no);
  CHECK(differs({1, 90.0, missing}, dense) == significance::unknown);
}

TEST_CASE("the ratio of the paper: a loss of 10 % in accuracy for a gain of 36 % in defence is 3.6") {
  double const a0 = 87.5, d0 = 79.0;
  CHECK(ratio(a0 * 0.9, d0 * 1.36, a0, d0) == Approx(3.6).epsilon(1e-12));
  CHECK(is_missing(ratio(a0, d0 * 1.36, a0, d0)));
  CHECK(is_missing(ratio(missing, d0, a0, d0)));
}

TEST_CASE("the slope of the line through dense is exact for points on a line and least squares otherwise") {
  accuracy_and_defence const dense{87.5, 79.0};
  std::vector<accuracy_and_defence> const line{{85.5, 85.5}, {83.5, 92.0}};
  CHECK(slope_through(dense, line) == Approx(-3.25).epsilon(1e-12));
  // differences (-1, 2) and (-2, 3): (1*2 + 2*3) / (1 + 4) with the sign of the accuracy
  std::vector<accuracy_and_defence> const cloud{{86.5, 81.0}, {85.5, 82.0}, {missing, 90.0}};
  CHECK(slope_through(dense, cloud) == Approx(-8.0 / 5.0).epsilon(1e-12));
  CHECK(is_missing(slope_through(dense, {})));
}

TEST_CASE("the reported discriminator is best on the shadow's hold-out on average, whatever it does on the target") {
  std::vector<seed_result> const seeds{
      experiment(80, {60, 62, 55}, {70, 61, 90}), experiment(81, {65, 62, 55}, {70, 63, 90})};
  CHECK(select_discriminator(seeds, &seed_result::all) == 0);
  auto const r = summarise_reading(seeds, &seed_result::all);
  CHECK(r.reported_name == "a");
  CHECK(r.holdout_accuracy.mean == 62.5);
  CHECK(r.attack_accuracy.mean == 70.0);
  CHECK(r.defence.mean == 60.0);
  CHECK(r.oracle_attack_accuracy.mean == 90.0);
  CHECK(r.oracle_defence.mean == 20.0);
}

TEST_CASE("equal hold-out accuracies select the first discriminator") {
  std::vector<seed_result> const seeds{experiment(80, {60, 62, 62}, {70, 61, 90})};
  CHECK(select_discriminator(seeds, &seed_result::all) == 1);
}

TEST_CASE("a discriminator that lacks a seed is not selected") {
  std::vector<seed_result> const seeds{experiment(80, {60, 70}, {50, 50}), experiment(80, {60, missing}, {50, 50})};
  CHECK(select_discriminator(seeds, &seed_result::all) == 0);
  CHECK(select_discriminator(seeds, &seed_result::strict) == -1);
  CHECK(select_discriminator({}, &seed_result::all) == -1);
}

TEST_CASE("a study is summarised against its dense network") {
  results study;
  configuration_result dense, pruned, untouched;
  dense.seeds = {experiment(87, {60}, {60}), experiment(88, {60}, {61})};
  pruned.family = family::imp;
  pruned.seeds = {experiment(83, {55}, {55}), experiment(84, {55}, {54})};
  untouched.family = family::butterfly;
  study.configurations = {dense, pruned, untouched};
  summarise(study);

  auto const& s = study.configurations[1].summary;
  CHECK(s.accuracy.mean == 83.5);
  CHECK(s.accuracy_change == -4.0);
  CHECK(s.all.defence_change == Approx(12.0).margin(rounding));
  CHECK(s.all.above_guessing == Approx(4.5).margin(rounding));
  CHECK(s.accuracy_differs == significance::yes);
  CHECK(s.all.defence.mean == Approx(91.0).margin(rounding));
  CHECK(s.all.defence.deviation == Approx(2 * std::sqrt(0.5)).margin(rounding));
  CHECK(s.all.defence_differs == significance::yes);
  CHECK(s.all.ratio == Approx((12.0 / 79.0) * (87.5 / 4.0)).epsilon(1e-12));
  CHECK(study.trade_off.slope == Approx(-3.0).epsilon(1e-12));
  CHECK(study.trade_off.points == 1);
  CHECK(is_missing(study.trade_off.strict_slope));
  CHECK(study.configurations[0].summary.all.defence_differs == significance::unknown);
  CHECK(is_missing(study.configurations[2].summary.accuracy.mean));
}

TEST_CASE("a study without a dense network has means and nothing to compare with") {
  results study;
  configuration_result pruned;
  pruned.family = family::imp;
  pruned.seeds = {experiment(83, {55}, {55})};
  study.configurations = {pruned};
  summarise(study);
  CHECK(study.configurations[0].summary.all.defence.mean == 90.0);
  CHECK(study.configurations[0].summary.all.defence_differs == significance::unknown);
  CHECK(is_missing(study.trade_off.slope));
}
