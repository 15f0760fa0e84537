// SPDX-License-Identifier: MIT
#include <papillon/privacy/intervals.hpp>

#include <cmath>

#include <catch2/catch.hpp>

using namespace papillon::privacy;

namespace {

constexpr double missing = papillon::privacy::nan;

Approx digits(double expected) { return Approx(expected).epsilon(2e-8); }  // of what is written with eight digits

}  // namespace

TEST_CASE("limits of proportions have the published digits") {
  struct row {
    std::size_t count, total;
    double low, high;
  };
  for (auto const& r :
      {row{0, 10, 0, .30849711}, {3, 10, .066739511, .65245285}, {15, 15000, .00055979701, .0016488124},
          {150, 15000, .0084699823, .011724282}, {0, 15000, 0, .00024589506}, {6, 600, .0036784164, .021637956}}) {
    INFO(r.count << " of " << r.total);
    auto const limits = proportion{r.count, r.total}.limits();
    CHECK(limits.low == digits(r.low));
    CHECK(limits.high == digits(r.high));
  }
}

TEST_CASE("limits of none and of all are closed forms, mirror images, and everything for no trials") {
  auto const none = clopper_pearson(0, 7, 0.9), all = clopper_pearson(7, 7, 0.9), nothing = clopper_pearson(0, 0);
  CHECK(none.low == 0);
  CHECK(none.high == Approx(1 - std::pow(0.05, 1.0 / 7)).epsilon(1e-13));
  CHECK(all.low == Approx(1 - none.high).epsilon(1e-13));
  CHECK(all.high == 1);
  CHECK(nothing.low == 0);
  CHECK(nothing.high == 1);
}

TEST_CASE("rates of nothing do not exist, percentages are whole where they are") {
  CHECK(std::isnan(proportion{}.rate()));
  CHECK(std::isnan(proportion{}.percent()));
  CHECK(proportion{29, 100}.percent() == 29.0);
}

TEST_CASE("the incomplete beta function has its closed forms and symmetry") {
  for (double x : {0.0, 1e-12, 0.3, 0.5, 0.999, 1.0}) {
    CHECK(incomplete_beta(1, 1, x) == Approx(x).epsilon(1e-13));
    CHECK(incomplete_beta(3, 1, x) == Approx(x * x * x).epsilon(1e-13));
    CHECK(incomplete_beta(1, 5, x) == Approx(1 - std::pow(1 - x, 5)).epsilon(1e-4 * (x < 1e-6) + 1e-13));
  }
  for (double x : {0.25, 0.5, 0.875})  // whose complements are exact
    CHECK(incomplete_beta(40.5, 17, x) + incomplete_beta(17, 40.5, 1 - x) == Approx(1).epsilon(1e-13));
}

TEST_CASE("quantiles invert distribution functions far into the tails") {
  for (double a : {0.5, 1.0, 30.0, 15000.0})
    for (double b : {0.5, 2.0, 400.0})
      for (double p : {1e-100, 1e-9, 0.02, 0.5, 0.9})
        CHECK(incomplete_beta(a, b, inverse_incomplete_beta(a, b, p)) == Approx(p).epsilon(1e-9));
  for (double freedom : {1.0, 2.0, 9.0, 1e6})
    for (double p : {1e-9, 0.3, 0.5, 0.975})
      CHECK(student_distribution(student_quantile(p, freedom), freedom) == Approx(p).epsilon(1e-12));
  for (double p : {1e-300, 1e-9, 0.2499, 0.25, 0.5, 0.975})
    CHECK(normal_distribution(normal_quantile(p)) == Approx(p).epsilon(1e-12));
  CHECK(inverse_incomplete_beta(2, 3, 0) == 0);
  CHECK(inverse_incomplete_beta(2, 3, 1) == 1);
}

TEST_CASE("with one degree of freedom Student's t is Cauchy's, with many it is normal") {
  CHECK(student_quantile(0.75, 1) == Approx(1).epsilon(1e-13));
  CHECK(student_two_sided(-1, 1) == Approx(0.5).epsilon(1e-13));
  CHECK(student_two_sided(0, 3) == 1);
  CHECK(student_two_sided(INFINITY, 3) == 0);
  CHECK(std::isnan(student_two_sided(missing, 3)));
  double const z = normal_quantile(0.975), freedom = 1e6;  // the next term has the square of the freedom below
  CHECK(student_quantile(0.975, freedom) == Approx(z + z * (z * z + 1) / (4 * freedom)).epsilon(1e-9));
}

TEST_CASE("what is no probability, level, count or degree of freedom is an error") {
  CHECK_THROWS_AS(clopper_pearson(3, 2), papillon::error);
  CHECK_THROWS_AS(clopper_pearson(1, 2, 95), papillon::error);
  CHECK_THROWS_AS(normal_quantile(0), papillon::error);
  CHECK_THROWS_AS(student_quantile(0.5, 0), papillon::error);
  CHECK_THROWS_AS(student_two_sided(1, missing), papillon::error);
  CHECK_THROWS_AS(incomplete_beta(0, 1, 0.5), papillon::error);
  CHECK_THROWS_AS(inverse_incomplete_beta(1, 1, missing), papillon::error);
}
