// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <papillon/privacy/student.hpp>

using namespace papillon::privacy;

TEST_CASE("the predictive distribution after 1, 2, 4") {
  auto const t = predictive_distribution(3, 7.0 / 3, 14.0 / 3, .5, 4);
  CHECK(t.centre == Approx(2.333333333).margin(5e-10));
  CHECK(t.scale == Approx(1.217161239).margin(5e-10));
  CHECK(t.freedom == 6);
  CHECK(t.log_density(3.5) == Approx(-1.655604319).margin(5e-10));
  CHECK(std::exp(t.log_cdf(3.5)) == Approx(.812591257).margin(5e-10));
}

TEST_CASE("Student's distribution and density, also in the tails") {  // expected: scipy's t.logcdf, t.logpdf
  struct point {
    double t, freedom, log_cdf;
  };
  for (auto const& p :
      {point{-50, 6, -19.95945025590965}, point{-1.2, 6, -1.982797114996513}, point{1.2, 6, -.14813300072046418},
          point{-3, 2.5, -3.316266854340131}, point{-2, 400, -3.768443464287429}, point{-10, 400, -47.7490024908048},
          point{.5, 1, -.4345073545177282}, point{20, 6, -5.071277661393837e-07}}) {
    CAPTURE(p.t, p.freedom);
    CHECK(student_t{p.freedom, 0, 1}.log_cdf(p.t) == Approx(p.log_cdf).epsilon(1e-10).margin(0));
    CHECK(student_t{p.freedom, 3, 2}.log_cdf(3 + 2 * p.t) == Approx(p.log_cdf).epsilon(1e-10).margin(0));
  }
  CHECK(student_t{6, 0, 1}.log_density(-50) == Approx(-22.081811087549454).epsilon(1e-13));
  CHECK(student_t{6, 0, 1}.log_density(1.2) == Approx(-1.7133080844109077).epsilon(1e-13));
  CHECK(student_t{400, 0, 1}.log_density(-10) == Approx(-45.659845571052806).epsilon(1e-13));
  CHECK(student_t{400, 1, 2}.log_density(-3) == Approx(-2.9146048686139547 - std::log(2.0)).epsilon(1e-13));
}

TEST_CASE("one degree of freedom is Cauchy's distribution, where everything is known") {
  student_t const cauchy{1, 0, 1};
  CHECK(cauchy.log_cdf(0) == Approx(-std::log(2.0)).epsilon(1e-15));
  double const pi = 3.14159265358979323846;
  for (double t : {.01, .3, 1.0, 7.0, 1e5}) {
    CAPTURE(t);
    CHECK(cauchy.log_cdf(-t) == Approx(std::log(std::atan2(1.0, t) / pi)).epsilon(1e-13));
    CHECK(cauchy.log_cdf(t) == Approx(std::log1p(-std::atan2(1.0, t) / pi)).epsilon(1e-13).margin(0));
    CHECK(cauchy.log_density(t) == Approx(-std::log(pi) - std::log1p(t * t)).epsilon(1e-13));
  }
  CHECK(cauchy.log_cdf(-1e200) == Approx(-std::log(pi) - 200 * std::log(10.0)).epsilon(1e-13));
}

TEST_CASE("many degrees of freedom are the normal distribution") {
  student_t const t{1e6, 0, 1};
  for (double x : {-6.0, -1.0, .5, 4.0}) {
    CAPTURE(x);  // the density differs by a factor 1 + (x^4 - 2 x^2 - 1) / (4 nu), the tails likewise
    CHECK(t.log_cdf(x) == Approx(log_normal_cdf(x)).margin(4e-4));
    CHECK(t.log_density(x) == Approx(-x * x / 2 - .9189385332046727).margin(4e-4));
  }
}

TEST_CASE("the two sides of Student's distribution add up to one") {
  for (double freedom : {.5, 3.0, 7.0, 40.0, 63.0, 200.0})
    for (double t : {1e-6, .2, 1.0, 1.7, 1.8, 3.0, 9.0}) {
      CAPTURE(freedom, t);
      student_t const d{freedom, 0, 1};
      CHECK(std::exp(d.log_cdf(t)) + std::exp(d.log_cdf(-t)) == Approx(1).epsilon(1e-14));
      // the derivative of the distribution function is the density: central differences, error h^2 and 1e-16 / h
      double const h = 1e-5, slope = (d.log_cdf(-t + h) - d.log_cdf(-t - h)) / (2 * h);
      CHECK(std::log(slope) + d.log_cdf(-t) == Approx(d.log_density(-t)).margin(1e-7));
    }
}
