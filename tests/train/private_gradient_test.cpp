// SPDX-License-Identifier: MIT
#include <papillon/train/private_gradient.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include <catch2/catch.hpp>

#include <papillon/tensor/tensor.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

random::stream const stream{.seed = 8, .what = random::purpose::dp_noise};
constexpr double infinity = std::numeric_limits<double>::infinity();

template <class E, class T> constexpr int lanes = exec::device_policy<E> ? exec::device_lanes : native_lanes<T>;

/// The gradients of a step, and sums of them, on the host or on a device.
template <class E, class T> class step_gradients {
 public:
  step_gradients(E e, train::private_gradient_settings const& settings, std::size_t parameters, std::size_t images)
      : where_(e), parameters_(parameters), images_(images),
        gradients_(where_, settings, std::vector<std::uint8_t>(parameters, 1), static_cast<int>(images)),
        sum_(where_.template make<T>(parameters)) {
    sum_.clear();
  }
  /// `rows`: a gradient an image, in parts.
  void add(std::vector<T> const& rows) {
    for (std::size_t first = 0; first < rows.size(); first += images_ * parameters_) {
      auto const count = static_cast<int>(std::min(images_, (rows.size() - first) / parameters_));
      tensor<T, lanes<E, T>> part({static_cast<int>(parameters_), 1, 1}, count);
      for (int n = 0; n < count; ++n)
        for (std::size_t k = 0; k < parameters_; ++k)
          part.at(n, static_cast<int>(k)) = rows[first + static_cast<std::size_t>(n) * parameters_ + k];
      auto const to = gradients_.rows(count);
      // what a device holds is written by an upload; here all of them are the host's memory
      std::copy(part.storage().begin(), part.storage().end(), to.data());
      gradients_.add_clipped(where_.place(), count, 1, sum_.view());
    }
  }
  void select(random::stream const& s, std::uint32_t step) { gradients_.select(where_.place(), s, step); }
  void finish(random::stream const& s, std::uint32_t step) { gradients_.finish(where_.place(), s, step, sum_.view()); }
  [[nodiscard]] std::vector<T> sum() const {
    std::vector<T> v(parameters_);
    sum_.download(v);
    return v;
  }

 private:
  exec::context<E> where_;
  std::size_t parameters_, images_;
  train::private_gradients<E, T, lanes<E, T>> gradients_;
  exec::memory<T> sum_;
};

/// Clipped sum of `gradients` in parts of `images` rows, then noise.
template <class T, class E>
std::vector<T> private_gradient(E e, train::private_gradient_settings const& settings, std::uint32_t step,
    std::vector<T> const& gradients, std::size_t parameters, std::size_t images) {
  step_gradients<E, T> g(e, settings, parameters, images);
  g.add(gradients);
  g.finish(stream, step);
  return g.sum();
}
template <class T> std::vector<T> clipped_sum(double clip, std::vector<T> const& gradients, std::size_t parameters) {
  step_gradients<exec::seq, T> g({}, {clip, 0, 1}, parameters, gradients.size() / parameters);
  g.add(gradients);
  return g.sum();
}

}  // namespace

TEMPLATE_TEST_CASE("gradients longer than the largest norm are shortened to it, others stay", "", exec::seq, exec::omp,
    exec::emulated) {
  std::vector<double> const rows{3, 4, 0, .3, .4, 0, 0, 0, 0, -6, 0, 8};
  // factors .2, 1, 1, .1
  auto const sum = private_gradient(TestType{}, {1, 0, 1}, 0, rows, 3, 4);
  CHECK(sum[0] == Approx(.3).epsilon(1e-14));
  CHECK(sum[1] == Approx(1.2).epsilon(1e-14));
  CHECK(sum[2] == Approx(.8).epsilon(1e-14));
  for (std::size_t n = 0; n < 4; ++n) {
    std::vector<double> const row(rows.begin() + static_cast<long>(3 * n), rows.begin() + static_cast<long>(3 * n + 3));
    double const factor = std::array{.2, 1., 1., .1}[n];
    auto const one = private_gradient(TestType{}, {1, 0, 1}, 0, row, 3, 1);
    for (std::size_t k = 0; k < 3; ++k) CHECK(one[k] == Approx(factor * row[k]).margin(1e-15));
  }
  // without clipping and noise, and every image in every batch: the mean
  auto const mean = private_gradient(TestType{}, {infinity, 0, 4}, 0, rows, 3, 4);
  CHECK(test::largest_difference<double>(mean, std::vector<double>{-2.7 / 4, 4.4 / 4, 2}) < 1e-15);
}

TEST_CASE("a gradient of the mean loss is clipped as that of the image's own") {
  auto const own = test::noise<double>(5 * 7, 1);
  auto shares = own;
  for (double& v : shares) v /= 5;
  exec::context<exec::seq> const where(exec::seq{});
  train::private_gradients<exec::seq, double, 8> gradients(where, {1.5, 0, 1}, std::vector<std::uint8_t>(7, 1), 5);
  for (int n = 0; n < 5; ++n)
    for (int k = 0; k < 7; ++k) gradients.rows(5).at(n, k) = shares[static_cast<std::size_t>(7 * n + k)];
  std::vector<double> sum(7);
  gradients.add_clipped(where.place(), 5, 5, sum);
  CHECK(test::largest_difference<double>(sum, clipped_sum(1.5, own, 7)) < 1e-14);
}

TEST_CASE("an image changes the sum by the largest norm at most, whatever its gradient is") {
  auto const others = test::noise<double>(5 * 7, 1);
  for (double const size : {0.0, 1e-300, .1, 10.0, 1e150, 1e200, infinity, std::nan("")}) {
    auto rows = others;
    for (double const v : test::noise<double>(7, 2)) rows.push_back(v * size);
    auto const with = clipped_sum(.5, rows, 7), without = clipped_sum(.5, others, 7);
    double change = 0;
    for (std::size_t k = 0; k < 7; ++k) change += (with[k] - without[k]) * (with[k] - without[k]);
    CAPTURE(size);
    CHECK(std::sqrt(change) <= .5 * (1 + 1e-14));  // NaN is not
  }
}

TEST_CASE("noise is added once a step, in units of the largest norm, and divided with the sum") {
  constexpr std::size_t parameters = 20001;
  train::private_gradient_settings const settings{.clip = 3, .noise = .5, .divisor = 6};
  auto const noise = private_gradient<double>(exec::seq{}, settings, 4, {}, parameters, 1);  // of an empty batch
  double sum = 0, squares = 0;
  for (double const v : noise) {
    sum += v;
    squares += v * v;
  }
  // deviation .5 * 3 / 6 = 1/4; of 20,001 values the mean scatters by .0018, the variance by .00063: five deviations
  CHECK(std::abs(sum / parameters) < .009);
  CHECK(std::abs(squares / parameters - .0625) < .0032);
  auto const gradients = test::noise<double>(2 * parameters, 3);
  auto const whole = private_gradient(exec::seq{}, settings, 4, gradients, parameters, 2),
             parts = private_gradient(exec::seq{}, settings, 4, gradients, parameters, 1);
  auto clipped = clipped_sum(settings.clip, gradients, parameters);
  for (std::size_t k = 0; k < parameters; ++k) clipped[k] = clipped[k] / 6 + noise[k];
  CHECK(test::largest_difference<double>(whole, clipped) < 1e-15);
  CHECK(test::largest_difference<double>(whole, parts) < 1e-15);
}

TEST_CASE("noise is a function of seed, role, round and step") {
  auto const of = [](random::stream const& s, std::uint32_t step) {
    step_gradients<exec::seq, float> g({}, {}, 37, 1);
    g.finish(s, step);
    return g.sum();
  };
  auto const first = of(stream, 1);
  CHECK(of(stream, 1) == first);
  for (auto const& other : {random::stream{9, 0, stream.what, 0}, {8, 1, stream.what, 0}, {8, 0, stream.what, 1},
           {8, 0, random::purpose::noise, 0}})
    CHECK(of(other, 1) != first);
  CHECK(of(stream, 2) != first);
  step_gradients<exec::seq, float> five({}, {}, 5, 1);
  five.finish(stream, 1);
  auto const shorter = five.sum();  // a prefix of the same numbers
  CHECK(std::equal(shorter.begin(), shorter.end(), first.begin()));
}

TEST_CASE("threads give the same bits as loops, and kernels nearly") {
  for (std::size_t const images : {1u, 17u, 40u}) {
    constexpr std::size_t parameters = 2237;
    auto const gradients = test::noise<float>(images * parameters, 5);
    train::private_gradient_settings const settings{.clip = 10, .noise = 1.1, .divisor = 20};
    auto const want = private_gradient(exec::seq{}, settings, 3, gradients, parameters, 17);
    for (int const threads : {1, 2, 3})
      CHECK(private_gradient(exec::omp{.threads = threads}, settings, 3, gradients, parameters, 17) == want);
    // sums of 40 numbers below 1, over 20
    CHECK(test::largest_difference<float>(
              private_gradient(exec::emulated{}, settings, 3, gradients, parameters, 17), want) < 1e-6F);
  }
}

TEMPLATE_TEST_CASE("a step takes a part of the parameters: clips those, and makes those noisy", "", exec::seq,
    exec::omp, exec::emulated) {
  constexpr std::size_t parameters = 4003, images = 3;
  auto const rows = test::noise<double>(images * parameters, 5);
  random::stream const selection{.seed = 8, .what = random::purpose::dp_selection};
  auto const of = [&](double select, double clip, double noise, std::uint32_t step) {
    step_gradients<TestType, double> g({}, {clip, noise, 1, select}, parameters, images);
    g.select(selection, step);
    g.add(rows);
    g.finish(stream, step);
    return g.sum();
  };
  auto const some = of(.2, 2, 0, 1);
  std::size_t taken = 0;
  std::vector<double> norms(images);
  for (std::size_t k = 0; k < parameters; ++k) {
    if (some[k] == 0) continue;
    ++taken;
    for (std::size_t n = 0; n < images; ++n) norms[n] += std::pow(rows[n * parameters + k], 2);
  }
  CHECK(std::abs(static_cast<double>(taken) - 800.6) < 127);  // five deviations
  for (std::size_t k = 0; k < parameters; ++k) {
    if (some[k] == 0) continue;
    double want = 0;
    for (std::size_t n = 0; n < images; ++n) want += rows[n * parameters + k] * std::min(1., 2 / std::sqrt(norms[n]));
    REQUIRE(some[k] == Approx(want).epsilon(1e-12));
  }
  auto const noisy = of(.2, 2, 1, 1), next = of(.2, 2, 0, 2);
  std::size_t both = 0;
  for (std::size_t k = 0; k < parameters; ++k) {
    REQUIRE((noisy[k] == 0) == (some[k] == 0));
    both += next[k] != 0 && some[k] != 0 ? 1 : 0;
  }
  CHECK(both < taken / 2);  // a fifth of them
  CHECK(both > 0);
}

TEST_CASE("settings that make no step are errors") {
  auto const step = [&](train::private_gradient_settings const& s) {
    step_gradients<exec::seq, double> const g({}, s, 3, 1);
  };
  double const missing = std::nan("");
  for (auto const& s : {train::private_gradient_settings{0, 1, 1}, {-1, 1, 1}, {missing, 1, 1}, {1, -1, 1},
           {1, missing, 1}, {1, infinity, 1}, {infinity, 1, 1}, {1, 1, 0}, {1, 1, missing}, {1, 1, infinity}})
    CHECK_THROWS_AS(step(s), papillon::error);
  CHECK_NOTHROW(step({infinity, 0, 1}));
  CHECK_THROWS_AS(step({1, 1, 1, 0}), papillon::error);
  CHECK_THROWS_AS(step({1, 1, 1, 1.1}), papillon::error);
}
