// SPDX-License-Identifier: MIT
#include <papillon/privacy/crossed.hpp>

#include <cmath>

#include <catch2/catch.hpp>

#include <papillon/privacy/roc.hpp>

using namespace papillon::privacy;

namespace {

constexpr double missing = papillon::privacy::nan;

using numbers = std::vector<double>;
using weights = std::span<std::uint32_t const>;

/// The mean of a table of which rows and columns are taken so many times.
double weighted_mean(numbers const& table, weights seeds, weights images) {
  double sum = 0, count = 0;
  for (std::size_t s = 0; s < seeds.size(); ++s)
    for (std::size_t i = 0; i < images.size(); ++i) {
      sum += seeds[s] * images[i] * table[s * images.size() + i];
      count += seeds[s] * images[i];
    }
  return sum / count;
}

}  // namespace

TEST_CASE("the variance of a mean over seeds and images") {
  auto const r = estimate_crossed_mean(numbers{6, 2, 4, 8, 7, 1, 6, 8, 9, 3, 5, 11}, 3);
  CHECK(r.seeds == 3);
  CHECK(r.images == 4);
  CHECK(r.mean == Approx(5.833333).epsilon(1e-7));
  CHECK(r.seed_variance == Approx(.361111).epsilon(1e-6));
  CHECK(r.image_variance == Approx(2.305556).epsilon(1e-6));
  CHECK(r.residual_variance == Approx(.083333).epsilon(5e-6));
  CHECK(r.variance() == Approx(2.583333).epsilon(1e-6));
  double const half = 4.302652729749464 * std::sqrt(2.583333333333333);  // t of two degrees of freedom
  CHECK(r.limits().low == Approx(r.mean - half).epsilon(1e-12));
  CHECK(r.limits().high == Approx(r.mean + half).epsilon(1e-12));
}

TEST_CASE("the variance is not below that of seeds or of images alone") {
  // noise without effects of seeds or images: the sum is 1/2 - 3/4 there
  auto const r = estimate_crossed_mean(numbers{1, 0, 0, 1}, 2);
  CHECK(r.seed_variance == 0);
  CHECK(r.image_variance == 0);
  CHECK(r.residual_variance == Approx(.25).epsilon(1e-14));
  CHECK(r.variance() == 0);
  auto const s = estimate_crossed_mean(numbers{1, 0, 1, 1, 1, 0, 3, 1, 2}, 3);
  CHECK(s.variance() >= std::max(s.seed_variance, s.image_variance));
}

TEST_CASE("one seed has a mean and no interval; missing values and ragged tables are errors") {
  auto const r = estimate_crossed_mean(numbers{1, 2, 3}, 1);
  CHECK(r.mean == 2);
  CHECK(std::isnan(r.variance()));
  CHECK(std::isnan(r.limits().low));
  CHECK_THROWS_AS(estimate_crossed_mean(numbers{1, 2, 3}, 2), papillon::error);
  CHECK_THROWS_AS(estimate_crossed_mean(numbers{}, 0), papillon::error);
  CHECK_THROWS_AS(estimate_crossed_mean(numbers{1, missing}, 1), papillon::error);
}

TEST_CASE("the bootstrap draws the same images for all seeds") {
  // All resamples enumerated give a variance of 2/27 for the first table (1/27 if every seed drew images of its own),
  // and of .046296 for the second (1/27). Of 4,000 resamples the variance has a relative deviation of some 2 %.
  struct row {
    numbers table;
    double variance;
  };
  for (auto const& r : {row{{1, 1, 0, 1, 1, 0}, 2.0 / 27}, row{{1, 0, 1, 1, 1, 0}, .046296}}) {
    auto const estimate = crossed_bootstrap(
        2, 3, [&](weights s, weights i) { return weighted_mean(r.table, s, i); }, {.resamples = 4000});
    CHECK(estimate.resamples == 4000);
    CHECK(estimate.standard_error * estimate.standard_error == Approx(r.variance).epsilon(.09));
  }
}

TEST_CASE("a resample depends on its number and the counts alone, and is complete") {
  std::vector<std::vector<std::uint32_t>> first, second;
  auto const record = [](std::vector<std::vector<std::uint32_t>>& into) {
    return [&into](weights s, weights i) {
      std::uint32_t drawn[2] = {0, 0};
      for (auto w : s) drawn[0] += w;
      for (auto w : i) drawn[1] += w;
      CHECK(drawn[0] == s.size());
      CHECK(drawn[1] == i.size());
      into.emplace_back(i.begin(), i.end());
      return 0.0;
    };
  };
  (void)crossed_bootstrap(3, 7, record(first), {.resamples = 20});
  (void)crossed_bootstrap(5, 7, record(second), {.resamples = 20});
  CHECK(first == second);
  CHECK(first[0] != first[1]);
  second.clear();
  (void)crossed_bootstrap(3, 7, record(second), {.resamples = 20, .seed = 1});
  CHECK(first != second);
}

TEST_CASE("the percentile interval is that of the resampled values that exist") {
  numbers values;
  auto const r = crossed_bootstrap(6, 0,
      [&](weights s, weights) {
        if (s[0] == 0) return missing;
        values.push_back(s[0]);
        return values.back();
      },
      {.resamples = 300, .level = 0.8});
  CHECK(r.resamples == values.size());
  CHECK(values.size() < 300);
  CHECK(r.limits.low == quantile(values, 0.1));
  CHECK(r.limits.high == quantile(values, 0.9));
  CHECK_THROWS_AS(crossed_bootstrap(2, 2, [](weights, weights) { return 0.0; }, {.level = 95}), papillon::error);
}

TEST_CASE("the deviation of a resampled area is DeLong's") {
  // one seed; with 40 + 40 images the two differ by some per cent, the 400 resamples add 3.5 %
  std::vector<double> scores;
  std::vector<std::uint8_t> members;
  for (std::uint32_t i = 0; i < 80; ++i) {
    papillon::random::engine e({.seed = 5}, 0, i);
    members.push_back(i % 2);
    scores.push_back(papillon::random::normal<double>(e) + i % 2);
  }
  ranking const ranked(std::span<double const>(scores), members);
  auto const r = crossed_bootstrap(
      1, 80, [&](weights, weights images) { return roc_curve(ranked, images).auc().value; }, {.resamples = 400});
  CHECK(r.standard_error == Approx(roc_curve(ranked).auc().standard_error).epsilon(.15));
}
