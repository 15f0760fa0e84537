// SPDX-License-Identifier: MIT
#include <papillon/random/distributions.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

using namespace papillon::random;

TEMPLATE_TEST_CASE("the logarithm and the circle agree with the standard library in long double", "", float, double) {
  using T = TestType;
  double const ulp = sizeof(T) == 4 ? 0x1p-24 : 0x1p-53;
  engine e(stream{.seed = 1});
  for (int i = 0; i < 20000; ++i) {
    T const x = std::ldexp(uniform<T>(e, T(0.5), T(1)), -static_cast<int>(below(e, sizeof(T) == 4 ? 34 : 55)));
    long double const want = std::log(static_cast<long double>(x));
    long double const error = std::abs(static_cast<long double>(detail::log(x)) - want);
    CHECK(error <= 2 * 2 * ulp * std::max(1.0L, std::abs(want)));
    constexpr int bits = sizeof(T) == 4 ? 32 : 53;
    std::uint32_t const low = e();
    std::uint64_t const fraction = detail::join(low, e()) >> (64 - bits);
    long double const angle = 2 * std::acos(-1.0L) * std::ldexp(static_cast<long double>(fraction), -bits);
    auto const p = detail::circle<T>(fraction);
    CHECK(std::abs(static_cast<long double>(p.sine) - std::sin(angle)) <= 2 * 2 * ulp);
    CHECK(std::abs(static_cast<long double>(p.cosine) - std::cos(angle)) <= 2 * 2 * ulp);
  }
}

TEST_CASE("the circle's quadrants are exact where they start, and continuous where the series meet") {
  for (std::uint64_t q = 0; q < 4; ++q) {
    auto const p = detail::circle<float>(q << 30);
    std::array const sine{0.F, 1.F, 0.F, -1.F};
    CHECK(p.sine == sine[q]);
    CHECK(p.cosine == sine[(q + 1) % 4]);
    auto const before = detail::circle<float>((q << 30) + (std::uint64_t{1} << 29) - 1);
    auto const after = detail::circle<float>((q << 30) + (std::uint64_t{1} << 29));
    CHECK(std::abs(before.sine - after.sine) < 0x1p-22F);
    CHECK(std::abs(before.cosine - after.cosine) < 0x1p-22F);
  }
}

TEMPLATE_TEST_CASE("uniform numbers stay in their range and have its mean and variance", "", float, double) {
  using T = TestType;
  engine e(stream{.seed = 2});
  int const n = 40000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    T const x = uniform<T>(e, T(-0.25), T(0.75));
    REQUIRE(x >= T(-0.25));
    REQUIRE(x <= T(0.75));
    sum += static_cast<double>(x);
    squares += static_cast<double>(x) * static_cast<double>(x);
  }
  // five standard errors: sd(x) = 1/sqrt(12); var(x^2) < 1/16
  CHECK(std::abs(sum / n - 0.25) < 5 * std::sqrt(1.0 / 12 / n));
  CHECK(std::abs(squares / n - (1.0 / 12 + 0.0625)) < 5 * 0.25 / std::sqrt(double(n)));
}

TEST_CASE("below is uniform for sizes that do not divide 2^32, and 1 gives only 0") {
  engine e(stream{.seed = 3});
  for (std::uint32_t n : {1u, 2u, 3u, 10u, 33u}) {
    std::vector<double> count(n);
    int const draws = 20000;
    for (int i = 0; i < draws; ++i) {
      std::uint32_t const k = below(e, n);
      REQUIRE(k < n);
      count[k] += 1;
    }
    double const expected = double(draws) / n;
    double chi2 = 0;
    for (double c : count) chi2 += (c - expected) * (c - expected) / expected;
    CHECK(chi2 < (n - 1) + 6 * std::sqrt(2.0 * n));  // mean n - 1, variance 2 (n - 1)
  }
}

TEST_CASE("below rejects what would bias it: n = 3 * 2^30 gives each third a third") {
  engine e(stream{.seed = 4});
  std::array<double, 3> count{};
  int const draws = 30000;
  for (int i = 0; i < draws; ++i)
    count[below(e, 3u << 30) >> 30] += 1;  // without rejection every value divisible by 3 would come twice as often
  for (double c : count) CHECK(std::abs(c - draws / 3.0) < 5 * std::sqrt(draws * 2.0 / 9));
  std::array<double, 3> residue{};
  for (int i = 0; i < draws; ++i) residue[below(e, 3u << 30) % 3] += 1;
  for (double c : residue) CHECK(std::abs(c - draws / 3.0) < 5 * std::sqrt(draws * 2.0 / 9));
}

namespace {
template <class T> void check_moments(std::vector<T> const& x) {
  double const n = static_cast<double>(x.size());
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0, beyond2 = 0, lag = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    double const v = static_cast<double>(x[i]);
    m1 += v / n, m2 += v * v / n, m3 += v * v * v / n, m4 += v * v * v * v / n;
    beyond2 += (std::abs(v) > 2) / n;
    lag += i + 1 < x.size() ? v * static_cast<double>(x[i + 1]) / n : 0;
  }
  // five standard errors of the moments of a standard normal: variances 1, 2, 15, 96 over n
  CHECK(std::abs(m1) < 5 * std::sqrt(1 / n));
  CHECK(std::abs(m2 - 1) < 5 * std::sqrt(2 / n));
  CHECK(std::abs(m3) < 5 * std::sqrt(15 / n));
  CHECK(std::abs(m4 - 3) < 5 * std::sqrt(96 / n));
  CHECK(std::abs(beyond2 - 0.0455003) < 5 * std::sqrt(0.0455 * 0.9545 / n));
  CHECK(std::abs(lag) < 5 * std::sqrt(1 / n));
}
}  // namespace

TEMPLATE_TEST_CASE("normal numbers have the normal's moments and tail, one by one and filled", "", float, double) {
  std::vector<TestType> x(100001);
  engine e(stream{.seed = 5});
  for (auto& v : x) v = normal<TestType>(e);
  check_moments(x);
  fill_normal<TestType>(e, x);
  check_moments(x);
}

TEMPLATE_TEST_CASE("a shorter fill is the start of a longer one", "", float, double) {
  std::vector<TestType> whole(9), part(7);
  engine a(stream{.seed = 6}), b(stream{.seed = 6});
  fill_normal<TestType>(a, whole);
  fill_normal<TestType>(b, part);
  CHECK(std::equal(part.begin(), part.end(), whole.begin()));
}

TEST_CASE("the extreme words give finite normal numbers") {
  for (std::uint64_t a : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    for (std::uint64_t b : {std::uint64_t{0}, ~std::uint64_t{0}}) {
      auto const f = detail::box_muller<float>(a & 0xffffffff, b & 0xffffffff);
      CHECK(std::hypot(f.sine, f.cosine) <= 6.8F);
      auto const d = detail::box_muller<double>(a, b);
      CHECK(std::hypot(d.sine, d.cosine) <= 8.7);
    }
  }
}

TEST_CASE("a shuffle is a permutation, and all 24 orders of four come alike") {
  engine e(stream{.seed = 7});
  std::array<double, 256> count{};
  int const draws = 24000;
  for (int i = 0; i < draws; ++i) {
    std::array<std::uint32_t, 4> v{0, 1, 2, 3};
    shuffle(e, v);
    count[v[0] << 6 | v[1] << 4 | v[2] << 2 | v[3]] += 1;
    std::sort(v.begin(), v.end());
    REQUIRE(v == std::array<std::uint32_t, 4>{0, 1, 2, 3});
  }
  double chi2 = 0;
  int orders = 0;
  for (double c : count) {
    if (c > 0) {
      chi2 += (c - 1000) * (c - 1000) / 1000;
      ++orders;
    }
  }
  CHECK(orders == 24);
  CHECK(chi2 < 23 + 6 * std::sqrt(46.0));
  std::vector<std::uint32_t> none;
  shuffle(e, none);
}

// What the documentation promises: these bits never change, whatever compiles them.
TEST_CASE("the first draws of a fixed stream are these bits") {
  stream const s{.seed = 42, .role = 1, .what = purpose::initialisation, .round = 2};
  auto bits = [](auto v) {
    std::uint64_t b = 0;
    std::memcpy(&b, &v, sizeof v);
    return b;
  };
  std::uint64_t hash = 0;
  engine e(s, 3, 5);
  for (int i = 0; i < 1000; ++i)
    for (std::uint64_t b : {bits(uniform<float>(e, -0.3F, 0.3F)), bits(uniform<double>(e, -0.3, 0.3)),
             std::uint64_t{below(e, 1000003)}, bits(normal<float>(e)), bits(normal<double>(e))})
      hash = (hash ^ b) * 0x100000001b3u;
  std::vector<float> many(1001);
  fill_normal<float>(e, many);
  for (float v : many) hash = (hash ^ bits(v)) * 0x100000001b3u;
  CHECK(hash == 0x1409e5e6bdae2aab);
}
