// SPDX-License-Identifier: MIT
#include <papillon/privacy/roc.hpp>

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include <papillon/privacy/auc_difference.hpp>
#include <papillon/privacy/confusion.hpp>
#include <papillon/random/distributions.hpp>

using namespace papillon::privacy;

namespace {

using bytes = std::vector<std::uint8_t>;

/// Twenty scores with ties, ten of members.
std::vector<int> const scores{9, 8, 8, 7, 7, 7, 6, 5, 5, 4, 3, 3, 2, 1, 1, 0, 0, -1, -2, -3};
bytes const members{1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0};

template <class Score> roc_curve curve_of(std::vector<Score> const& s, bytes const& m) {
  return roc_curve(std::span<Score const>(s), m);
}

double found(roc_curve const& c, double share) { return c.true_positive_rate_at(share).found.rate(); }
double ruled_out(roc_curve const& c, double share) { return c.true_negative_rate_at(share).found.rate(); }

}  // namespace

TEST_CASE("area, DeLong's variance, rates and advantage of twenty scores with ties") {
  auto const c = curve_of(scores, members);
  auto const auc = c.auc();
  CHECK(auc.value == Approx(.71).epsilon(1e-14));
  CHECK(auc.standard_error * auc.standard_error == Approx(.015144444).epsilon(5e-8));
  CHECK(found(c, .2) == .5);
  CHECK(found(c, .1) == .2);
  for (double share : {.01, .001, 0.}) CHECK(found(c, share) == .1);
  CHECK(c.advantage() == Approx(.4).epsilon(1e-14));
  CHECK(ruled_out(c, .2) == .6);
  CHECK(ruled_out(c, .1) == .4);
  CHECK(ruled_out(c, 0) == .1);
}

TEST_CASE("an operating point says what it took wrongly and whether it can be shown") {
  auto const c = curve_of(scores, members);
  auto const p = c.true_positive_rate_at(.2);
  CHECK(p.found.count == 5);
  CHECK(p.found.total == 10);
  CHECK(p.wrong.count == 2);
  CHECK(p.wrong.total == 10);
  CHECK(p.shown);
  CHECK(c.true_positive_rate_at(.1).shown);
  CHECK(!c.true_positive_rate_at(.0999).shown);  // not one of ten
  CHECK(c.true_positive_rate_at(0).shown);
  CHECK(!c.true_negative_rate_at(.05).shown);
  CHECK(c.true_negative_rate_at(.2).wrong.count == 2);  // the third comes with the tie at 3
}

TEST_CASE("the product of a share and a number of images does not round an image away") {
  std::vector<double> s;
  bytes m;
  for (int i = 0; i < 100; ++i) {
    s.push_back(i);
    m.push_back(0);
  }
  CHECK(0.29 * 100 < 29);
  CHECK(curve_of(s, m).true_positive_rate_at(0.29).wrong.count == 29);
}

TEST_CASE("the curve's points lie between groups of equal scores") {
  auto const c = curve_of<float>({2, 1, 1, 0}, {1, 0, 1, 0});
  REQUIRE(c.points().size() == 4);
  std::size_t const expected[4][2] = {{0, 0}, {1, 0}, {2, 1}, {2, 2}};
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(c.points()[k].true_positives == expected[k][0]);
    CHECK(c.points()[k].false_positives == expected[k][1]);
  }
  CHECK(c.points()[0].score == std::numeric_limits<double>::infinity());
  CHECK(c.points()[2].score == 1);
}

TEST_CASE("swapping the sides and the sign of the scores mirrors the rates and keeps the area") {
  std::vector<int> negated;
  bytes swapped;
  for (int s : scores) negated.push_back(-s);
  for (auto m : members) swapped.push_back(m == 0);
  auto const c = curve_of(scores, members), mirror = curve_of(negated, swapped);
  CHECK(mirror.auc().value == c.auc().value);
  CHECK(mirror.auc().standard_error == Approx(c.auc().standard_error).epsilon(1e-14));
  for (double share : {0., .1, .2, .3, .5, 1.}) CHECK(found(mirror, share) == ruled_out(c, share));
}

TEST_CASE("a NaN score ties with the lowest") {
  double const lost = std::numeric_limits<double>::quiet_NaN();
  auto const c = curve_of<double>({lost, 1, -std::numeric_limits<double>::infinity(), 0}, {1, 1, 0, 0});
  CHECK(c.auc().value == 2.5 / 4);
  CHECK(c.points().size() == 4);
}

TEST_CASE("what does not exist is NaN: an area without one side, an error of a side of one") {
  CHECK(std::isnan(curve_of<int>({1, 2}, {1, 1}).auc().value));
  CHECK(std::isnan(curve_of<int>({1, 2}, {1, 1}).advantage()));
  CHECK(std::isnan(curve_of<int>({}, {}).auc().value));
  CHECK(std::isnan(found(curve_of<int>({}, {}), 0.5)));
  auto const one = curve_of<int>({1, 2, 3}, {1, 0, 0}).auc();
  CHECK(one.value == 0);
  CHECK(std::isnan(one.standard_error));
  CHECK(std::isnan(one.limits().low));
}

TEST_CASE("the interval of an area is normal and cut to 0 and 1") {
  auto const auc = curve_of(scores, members).auc();
  CHECK(auc.limits().low == Approx(.71 - 1.959963985 * auc.standard_error).epsilon(1e-9));
  CHECK(auc.limits(0.999).high == 1);
}

TEST_CASE("weights stand for copies of images") {
  std::vector<std::uint32_t> weights;
  std::vector<int> copied_scores;
  bytes copied_members;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    weights.push_back(static_cast<std::uint32_t>(i * 7 % 4));
    for (std::uint32_t k = 0; k < weights[i]; ++k) {
      copied_scores.push_back(scores[i]);
      copied_members.push_back(members[i]);
    }
  }
  ranking const ranked(std::span<int const>(scores), members);
  roc_curve const weighted(ranked, weights), copied = curve_of(copied_scores, copied_members);
  CHECK(weighted.auc().value == copied.auc().value);
  CHECK(weighted.auc().standard_error == Approx(copied.auc().standard_error).epsilon(1e-14));
  for (double share : {0., .1, .2, .5}) CHECK(found(weighted, share) == found(copied, share));
  CHECK_THROWS_AS(roc_curve(ranked, std::vector<std::uint32_t>(3)), papillon::error);
}

TEST_CASE("shares outside 0 to 1 and labels of another number are errors") {
  auto const c = curve_of(scores, members);
  CHECK_THROWS_AS(c.true_positive_rate_at(1.5), papillon::error);
  CHECK_THROWS_AS(c.true_negative_rate_at(std::numeric_limits<double>::quiet_NaN()), papillon::error);
  CHECK_THROWS_AS(curve_of(scores, bytes{1, 0}), papillon::error);
  CHECK_THROWS_AS(confusion_at(std::span<int const>(scores), bytes{1, 0}, 0.0), papillon::error);
}

TEST_CASE("a confusion matrix counts strictly above the threshold and gives limits") {
  std::vector<float> const s{3, 1, -2, std::numeric_limits<float>::quiet_NaN(), 0, -1, 2};
  auto const c = confusion_at(std::span<float const>(s), bytes{1, 1, 1, 1, 0, 0, 0}, 0.0);
  CHECK(c.members.count == 2);
  CHECK(c.others.count == 2);
  CHECK(c.accuracy().rate() == 4.0 / 7);
  CHECK(c.balanced_accuracy() == Approx((0.5 + 2.0 / 3) / 2).epsilon(1e-15));
  CHECK(c.advantage() == Approx(0.5 + 2.0 / 3 - 1).epsilon(1e-15));
  auto const a = clopper_pearson(2, 4, 0.95), b = clopper_pearson(2, 3, 0.95);
  CHECK(c.balanced_accuracy_limits(0.9).low == Approx((a.low + b.low) / 2).epsilon(1e-14));
  CHECK(c.balanced_accuracy_limits(0.9).high == Approx((a.high + b.high) / 2).epsilon(1e-14));
  CHECK(c.accuracy().limits().low == clopper_pearson(4, 7).low);
  CHECK(std::isnan(confusion_at(std::span<float const>(), bytes{}, 0.0).balanced_accuracy_limits().low));
}

TEST_CASE("an attack does not differ from itself, nor from itself on another scale") {
  std::vector<double> cubes;
  for (int s : scores) cubes.push_back(s * s * s / 7.0);
  auto const r = compare_auc(std::span<int const>(scores), std::span<double const>(cubes), members);
  CHECK(r.value() == 0);
  CHECK(r.standard_error() == Approx(0).margin(1e-9));  // a root of a difference of variances
  CHECK(r.covariance == Approx(.015144444).epsilon(5e-8));
  CHECK(r.p() == 1);
}

TEST_CASE("areas of two attacks that order the images oppositely add up to one and are fully correlated") {
  std::vector<int> negated;
  for (int s : scores) negated.push_back(-s);
  auto const r = compare_auc(std::span<int const>(scores), std::span<int const>(negated), members);
  CHECK(r.b.value == Approx(.29).epsilon(1e-14));
  CHECK(r.standard_error() == Approx(2 * r.a.standard_error).epsilon(1e-14));
  double const z = .42 / r.standard_error();
  CHECK(r.p() == Approx(std::erfc(z / std::sqrt(2.0))).epsilon(1e-13));
  CHECK(r.limits().high - r.limits().low == Approx(2 * 1.959963985 * r.standard_error()).epsilon(1e-9));
}

TEST_CASE("the interval of the area holds it about as often as it says") {
  // 90 % intervals of 400 draws: the share has a deviation of 1.5 %, of which four are allowed
  int held = 0;
  double const truth = normal_distribution(1 / std::sqrt(2.0));
  bytes m(60);
  std::vector<double> s(60);
  for (std::size_t i = 0; i < m.size(); ++i) m[i] = i % 2;
  for (std::uint32_t draw = 0; draw < 400; ++draw) {
    papillon::random::engine e({.seed = 3}, draw);
    for (std::size_t i = 0; i < m.size(); ++i) s[i] = papillon::random::normal<double>(e) + m[i];
    auto const limits = curve_of(s, m).auc().limits(0.9);
    held += limits.low <= truth && truth <= limits.high;
  }
  CHECK(held > 336);
  CHECK(held < 384);
}
