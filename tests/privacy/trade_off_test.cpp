// SPDX-License-Identifier: MIT
#include <papillon/privacy/trade_off.hpp>

#include <cmath>

#include <catch2/catch.hpp>

using namespace papillon::privacy;

namespace {

constexpr double missing = papillon::privacy::nan;

using points = std::vector<trade_off>;

}  // namespace

TEST_CASE("the ratio is negative where the defence falls and missing where accuracy is not seen to change") {
  trade_off const dense{80, 50};
  CHECK(signed_ratio({76, 60}, dense, 1) == Approx(.2 / .05).epsilon(1e-14));
  CHECK(signed_ratio({84, 60}, dense, 1) == Approx(.2 / .05).epsilon(1e-14));
  CHECK(signed_ratio({76, 40}, dense, 1) == Approx(-.2 / .05).epsilon(1e-14));
  CHECK(signed_ratio({76, 40}, dense, 4) == Approx(-4).epsilon(1e-14));
  CHECK(std::isnan(signed_ratio({76, 40}, dense, 4.001)));
  CHECK(std::isnan(signed_ratio({76, 40}, dense, missing)));
  CHECK(std::isnan(signed_ratio({80, 40}, dense, 0)));
  CHECK(std::isnan(signed_ratio({76, 40}, {80, 0}, 0)));
}

TEST_CASE("the line through the dense point explains what it leaves of the squares about it") {
  // differences (-1, 3), (-2, 5): slope -(3 + 10) / 5 = -2.6; residuals .4, -.2; squares 34
  auto const r = fit_line_through(points{{80, 50}}, points{{79, 53}, {78, 55}});
  CHECK(r.slope == Approx(-2.6).epsilon(1e-13));
  CHECK(r.explained == Approx(1 - .2 / 34).epsilon(1e-13));
  CHECK(r.count == 2);
  CHECK(std::isnan(r.limits.low));  // of one seed
  // points on both sides, whose best line is level: nothing is explained
  auto const level = fit_line_through(points{{80, 50}}, points{{79, 53}, {81, 53}});
  CHECK(level.slope == 0);
  CHECK(level.explained == 0);
}

TEST_CASE("points without an accuracy of their own have no line") {
  auto const r = fit_line_through(points{{80, 50}}, points{{80, 53}, {missing, 55}});
  CHECK(std::isnan(r.slope));
  CHECK(std::isnan(r.explained));
  CHECK(r.count == 1);
  CHECK_THROWS_AS(fit_line_through(points{{80, 50}, {81, 50}}, points{{80, 53}}), papillon::error);
  CHECK_THROWS_AS(fit_line_through(points{}, points{}), papillon::error);
}

TEST_CASE("the interval of the slope is that of resampled seeds") {
  // seeds agree on a slope of -2 whatever they shift the dense point by: so does every resample
  points const dense{{80, 50}, {82, 47}, {79, 55}};
  points exact, spread;
  for (double paid : {1.0, 2.0})
    for (std::size_t s = 0; s < 3; ++s) {
      exact.push_back({dense[s].accuracy - paid, dense[s].defence + 2 * paid});
      spread.push_back({dense[s].accuracy - paid, dense[s].defence + (1 + static_cast<double>(s)) * paid});
    }
  auto const same = fit_line_through(dense, exact);
  CHECK(same.slope == Approx(-2).epsilon(1e-12));
  CHECK(same.limits.low == Approx(-2).epsilon(1e-12));
  CHECK(same.limits.high == Approx(-2).epsilon(1e-12));
  // slopes -1, -2, -3 of the seeds: a resample has their mean, and one in 27 has thrice the same one
  auto const differing = fit_line_through(dense, spread);
  CHECK(differing.slope == Approx(-2).epsilon(1e-12));
  CHECK(differing.limits.low == Approx(-3).epsilon(1e-12));
  CHECK(differing.limits.high == Approx(-1).epsilon(1e-12));
}

TEST_CASE("a seed that misses a number counts nowhere") {
  auto const r = fit_line_through(points{{80, 50}, {80, 50}}, points{{missing, 99}, {78, 54}});
  CHECK(r.slope == Approx(-2).epsilon(1e-13));
}
