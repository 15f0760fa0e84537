// SPDX-License-Identifier: MIT
#include <papillon/privacy/statistics.hpp>

#include <cmath>

#include <catch2/catch.hpp>

using namespace papillon::privacy;

namespace {

constexpr double missing = papillon::privacy::nan;

using numbers = std::vector<double>;

}  // namespace

TEST_CASE("differences of three and of six seeds") {
  auto const three = summarise_differences(numbers{6.2, 4.1, 7.7});
  CHECK(three.mean == Approx(6).epsilon(1e-14));
  CHECK(three.p == Approx(.028968567).epsilon(2e-8));
  CHECK(three.low == Approx(1.507899).epsilon(5e-7));
  CHECK(three.high == Approx(10.492101).epsilon(5e-8));
  CHECK(three.sign_flip_p == .25);
  CHECK(three.count == 3);
  auto const six = summarise_differences(numbers{6.2, 4.1, 7.7, -.3, 5.5, 3.9});
  CHECK(six.p == Approx(.010023938).epsilon(5e-8));
  CHECK(six.low == Approx(1.635461).epsilon(5e-7));
  CHECK(six.high == Approx(7.397872).epsilon(1e-7));
  CHECK(six.sign_flip_p == .0625);
}

TEST_CASE("paired values are subtracted seed by seed, and a seed that misses one is left out") {
  auto const r = compare_paired(numbers{9, missing, 7.1, 10.7, 3}, numbers{2.8, 1, 3, 3, missing});
  CHECK(r.count == 3);
  CHECK(r.p == Approx(.028968567).epsilon(2e-8));
  CHECK_THROWS_AS(compare_paired(numbers{1, 2}, numbers{1}), papillon::error);
}

TEST_CASE("one seed has a mean and nothing else; none has nothing") {
  auto const one = summarise_differences(numbers{2});
  CHECK(one.mean == 2);
  CHECK(one.count == 1);
  for (double v : {one.low, one.high, one.p, one.sign_flip_p}) CHECK(std::isnan(v));
  CHECK(std::isnan(summarise_differences(numbers{}).mean));
}

TEST_CASE("values without spread are tested without a division by zero") {
  CHECK(estimate_mean(numbers{0, 0, 0}).p() == 1);
  CHECK(estimate_mean(numbers{2, 2, 2}).p() == 0);
  CHECK(estimate_mean(numbers{2, 2, 2}).p(2) == 1);
  CHECK(sign_flip_p(numbers{0, 0, 0}) == 1);
}

TEST_CASE("the sign-flip test counts every pattern") {
  // sums of 1, 2, 4, 8, 16 are all different: those at least as far as |1 + 2 + 4 + 8 - 16| = 1 are all of the 32
  CHECK(sign_flip_p(numbers{1, 2, 4, 8, -16}) == 1);
  CHECK(sign_flip_p(numbers{1, 2, 4, 8, 16}) == 2.0 / 32);
  CHECK(sign_flip_p(numbers{-1, 2, 4, 8, 16}) == 4.0 / 32);
  CHECK(sign_flip_p(numbers{.1, .2, -.3}) == 1);  // 0 but for rounding
  CHECK(sign_flip_p(numbers(25, 1.0)) == std::ldexp(1.0, -24));
  CHECK_THROWS_AS(sign_flip_p(numbers(41, 1.0)), papillon::error);
  CHECK(std::isnan(summarise_differences(numbers(41, 1.0)).sign_flip_p));
}

TEST_CASE("Holm's correction keeps the order of its input and passes over what is missing") {
  auto const five = holm(numbers{.001, .04, .03, .2, .0125});
  numbers const expected{.005, .09, .09, .2, .05};
  REQUIRE(five.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(five[i] == Approx(expected[i]).epsilon(1e-14));
  auto const two = holm(numbers{.6, missing, .02});
  CHECK(two[0] == .6);
  CHECK(std::isnan(two[1]));
  CHECK(two[2] == Approx(.04).epsilon(1e-14));
  CHECK(holm(numbers{.7, .8}) == numbers{1, 1});
}

TEST_CASE("quantiles are linear between neighbours") {
  numbers const v{4, 1, missing, 2};
  CHECK(quantile(v, 0) == 1);
  CHECK(quantile(v, 0.25) == 1.5);
  CHECK(quantile(v, 0.5) == 2);
  CHECK(quantile(v, 1) == 4);
  CHECK(std::isnan(quantile(numbers{}, 0.5)));
  CHECK_THROWS_AS(quantile(v, 1.5), papillon::error);
}
