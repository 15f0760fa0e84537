// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <study/statistics.hpp>

using namespace papillon::study;

namespace {

/// Sums of a few decimal numbers below 200: each operation is right to half a unit in the last place.
double const rounding = 16 * 200 * std::numeric_limits<double>::epsilon();

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

TEST_CASE("an estimate of seeds has the interval of Student's t, one seed has none") {
  auto const e = estimate_of(std::vector{6.2, missing, 4.1, 7.7});
  CHECK(e.count == 3);
  CHECK(e.mean == Approx(6.0).margin(rounding));
  CHECK(e.low == Approx(1.507899).margin(1e-6));  // six decimals are known
  CHECK(e.high == Approx(10.492101).margin(1e-6));
  auto const one = estimate_of(std::vector{60.0});
  CHECK(one.count == 1);
  CHECK(one.mean == 60.0);
  CHECK(is_missing(one.low));
  CHECK(is_missing(one.high));
}

TEST_CASE("a difference is paired by seed, and has a sign-flip test from six seeds on") {
  std::vector<double> const dense{70, 71, 72, 73, 74, 75}, changes{6.2, 4.1, 7.7, -0.3, 5.5, 3.9};
  std::vector<double> values;
  for (std::size_t s = 0; s < dense.size(); ++s) values.push_back(dense[s] + changes[s]);
  auto const all = difference_of(values, dense);
  CHECK(all.change.count == 6);
  CHECK(all.p == Approx(0.010023938).margin(1e-9));
  CHECK(all.sign_flip_p == Approx(0.0625).margin(1e-12));
  CHECK(is_missing(all.corrected_p));
  auto const three = difference_of(std::span(values).first(3), std::span(dense).first(3));
  CHECK(three.p == Approx(0.028968567).margin(1e-9));
  CHECK(is_missing(three.sign_flip_p));
  values[1] = missing;  // the pair is left out, the others stay paired
  CHECK(difference_of(values, dense).change.mean == Approx((6.2 + 7.7 - 0.3 + 5.5 + 3.9) / 5).margin(rounding));
}

TEST_CASE("tests are corrected together by Holm; what has no p does not count") {
  std::vector<difference> tests(3);
  tests[0].p = 0.04;
  tests[2].p = 0.03;
  std::vector<difference*> const together{&tests[0], &tests[1], &tests[2]};
  correct_together(together);
  CHECK(tests[0].corrected_p == Approx(0.06).epsilon(1e-12));
  CHECK(is_missing(tests[1].corrected_p));
  CHECK(tests[2].corrected_p == Approx(0.06).epsilon(1e-12));
}
