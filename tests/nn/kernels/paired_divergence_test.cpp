// SPDX-License-Identifier: MIT
#include <papillon/nn/kernels/paired_divergence.hpp>

#include <catch2/catch.hpp>

#include <papillon/exec/context.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

constexpr int lanes = 8;
using values = tensor<double, lanes>;

values of(std::vector<std::vector<double>> const& logits) {
  values x({static_cast<int>(logits[0].size()), 1, 1}, static_cast<int>(logits.size()));
  for (std::size_t n = 0; n < logits.size(); ++n)
    for (std::size_t c = 0; c < logits[n].size(); ++c) x.at(static_cast<int>(n), static_cast<int>(c)) = logits[n][c];
  return x;
}

double penalty(values const& x, double weight = 1) { return nn::paired_divergence(exec::seq{}, weight, x.cview(), {}); }

}  // namespace

TEST_CASE("the divergence of a pair and its derivatives have the digits of their formulas") {
  values const x = of({{2, -1, .5}, {.25, 1, 3}});
  values d(x.extent(), 2);
  CHECK(nn::paired_divergence(exec::seq{}, 1, x.cview(), d.view()) == Approx(.016506114).margin(5e-10));
  // sorted, classes 0, 2, 1 of the first and 2, 1, 0 of the second
  CHECK(d.at(0, 0) == Approx(-.048248).margin(5e-7));
  CHECK(d.at(0, 2) == Approx(.062442).margin(5e-7));
  CHECK(d.at(0, 1) == Approx(-.014193).margin(5e-7));
  CHECK(d.at(1, 2) == Approx(.035937).margin(5e-7));
  CHECK(d.at(1, 1) == Approx(-.051561).margin(5e-7));
  CHECK(d.at(1, 0) == Approx(.015624).margin(5e-7));
}

TEST_CASE("the first half of a batch is paired with the second, and the mean is taken") {
  values const a = of({{2, -1, .5}, {.25, 1, 3}}), b = of({{0, 4, 1}, {1, 1, -2}}),
               both = of({{2, -1, .5}, {0, 4, 1}, {.25, 1, 3}, {1, 1, -2}}),
               odd = of({{2, -1, .5}, {0, 4, 1}, {.25, 1, 3}, {1, 1, -2}, {9, 9, 0}});
  CHECK(penalty(both) == Approx((penalty(a) + penalty(b)) / 2).epsilon(1e-14));
  CHECK(penalty(odd) == penalty(both));
  CHECK(penalty(both, 4) == Approx(4 * penalty(both)).epsilon(1e-14));
  CHECK(penalty(of({{3, 1, 2}, {1, 2, 3}})) == Approx(0).margin(1e-15));  // the same answer about another class
  CHECK(penalty(of({{3, 1, 2}})) == 0);
  CHECK(penalty(of({{1000, 0, 0}, {0, 1000, 0}})) == 0);
}

TEST_CASE("the penalty's derivative is that of central differences, and is added") {
  constexpr int images = 17;
  auto x = test::noise_tensor<double, lanes>({10, 1, 1}, images, 1);
  values d(x.extent(), images);
  for (int n = 0; n < images; ++n)
    for (int c = 0; c < 10; ++c) d.at(n, c) = n + c;
  nn::paired_divergence(exec::seq{}, 3, x.cview(), d.view());
  for (int n = 0; n < images; ++n)
    for (int c = 0; c < 10; ++c) {
      double const at = x.at(n, c), h = 1e-6;
      x.at(n, c) = at + h;
      double const up = penalty(x, 3);
      x.at(n, c) = at - h;
      double const down = penalty(x, 3);
      x.at(n, c) = at;
      CAPTURE(n, c);
      CHECK((up - down) / (2 * h) == Approx(d.at(n, c) - n - c).margin(1e-8));
    }
  for (int n = images; n < 24; ++n)
    for (int c = 0; c < 10; ++c) CHECK(d.cview().block(n / lanes)[c * lanes + n % lanes] == 0);
}

TEMPLATE_TEST_CASE("a training's functor forms the reference's derivative", "", exec::omp, exec::emulated) {
  constexpr int of_policy = exec::device_policy<TestType> ? exec::device_lanes : lanes;
  for (int const images : {1, 2, 17, 40}) {
    auto x = test::noise_tensor<double, of_policy>({10, 1, 1}, images, 1);
    for (int n = 0; n < images; ++n) x.at(n, 3) = x.at(n, 7);  // equals
    auto want = test::noise_tensor<double, of_policy>({10, 1, 1}, images, 2), got = want;
    nn::paired_divergence(exec::seq{}, 3, x.cview(), want.view());
    exec::context<TestType> const where(TestType{});
    std::vector<int> order(static_cast<std::size_t>(10 * images));
    where.for_each(images, nn::sorted_classes<double>{x.view().data(), order.data(), 10, of_policy});
    where.for_each(images / 2, nn::paired_divergence_derivative<double>{
                                   x.view().data(), got.view().data(), order.data(), 3, 10, images, of_policy});
    for (int n = 0; n < images; ++n)
      for (int c = 0; c < 10; ++c) CHECK(got.at(n, c) == Approx(want.at(n, c)).margin(1e-14));
  }
}
