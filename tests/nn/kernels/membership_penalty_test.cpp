// SPDX-License-Identifier: MIT
#include <papillon/nn/kernels/membership_penalty.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

#include <catch2/catch.hpp>

#include <papillon/exec/context.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

constexpr int classes = 5;

/// An adversary that is a fixed function of its input, sum_k a_k x_k + x_0 x_1: its derivative is known.
double adversary(int k) { return 1.5 - 0.4 * k; }

template <int L> struct batch {
  tensor<double, L> logits;
  std::vector<std::uint8_t> labels{0, 4, 2, 1};
  std::vector<std::uint32_t> indices{};

  explicit batch(int images) : logits(test::noise_tensor<double, L>({classes, 1, 1}, images, 3)) {
    for (int n = 0; n < images; ++n) indices.push_back(static_cast<std::uint32_t>(n * 3 % 4));
  }
  [[nodiscard]] int images() const { return logits.images(); }

  /// The adversary's input, at `first` of its batch, where what is there already is `x`.
  template <exec::policy E> void take_down(E e, tensor<double, L>& x, std::vector<std::uint32_t>& answer, int first) {
    nn::membership_input<double> const f{.logits = logits.view().data(),
        .labels = labels.data(),
        .indices = indices.data(),
        .x = x.view().data(),
        .answer = answer.data(),
        .member = 1,
        .classes = classes,
        .images = images(),
        .lanes = L,
        .first = first};
    exec::context<E>(e).for_each(f.count(), f);
  }
  [[nodiscard]] tensor<double, L> answers_about(tensor<double, L> const& x) const {
    tensor<double, L> z({1, 1, 1}, images());
    for (int n = 0; n < images(); ++n) {
      double sum = x.at(n, 0) * x.at(n, 1);
      for (int k = 0; k < 2 * classes; ++k) sum += adversary(k) * x.at(n, k);
      z.at(n, 0) = sum;
    }
    return z;
  }
  [[nodiscard]] double penalty(double weight) {
    tensor<double, L> x({2 * classes, 1, 1}, images());
    std::vector<std::uint32_t> answer(static_cast<std::size_t>(images()));
    take_down(exec::seq{}, x, answer, 0);
    return nn::membership_penalty(exec::seq{}, weight, answers_about(x).cview());
  }
};

}  // namespace

TEST_CASE("the penalty is the mean of log h, finite where h is 0 or 1 in its type") {
  tensor<double, 8> z({1, 1, 1}, 4);
  for (int n = 0; n < 4; ++n)
    z.at(n, 0) = std::vector{0.0, std::log(3.0), -1000.0, 1000.0}[static_cast<std::size_t>(n)];
  CHECK(nn::membership_penalty(exec::seq{}, 2, z.cview()) ==
        Approx(2 * (std::log(.5) + std::log(.75) - 1000) / 4).epsilon(1e-14));
  double const weight = 2;
  std::vector<double> dz(8, 7);
  nn::membership_penalty_derivative<double> const f{z.view().data(), dz.data(), &weight, 4, 8};
  exec::for_each(exec::seq{}, f.count(), f);
  CHECK(dz[1] == Approx(.125).epsilon(1e-14));
  dz[1] = 0;
  CHECK(dz == std::vector<double>{.25, 0, .5, 0, 0, 0, 0, 0});
}

TEMPLATE_TEST_CASE("an adversary is shown softmax and label, and its derivative is that of central differences", "",
    exec::seq, exec::omp, exec::emulated) {
  constexpr int lanes = exec::device_policy<TestType> ? exec::device_lanes : 8;
  for (int const images : {1, 8, 17}) {
    batch<lanes> b(images);
    int const first = 3;  // others stand before them
    tensor<double, lanes> x({2 * classes, 1, 1}, first + images);
    for (double& v : x.storage()) v = 9;
    std::vector<std::uint32_t> answer(static_cast<std::size_t>(first + images));
    b.take_down(TestType{}, x, answer, first);
    for (int n = 0; n < first + images; ++n) {
      CAPTURE(images, n);
      CHECK(answer[static_cast<std::size_t>(n)] == (n < first ? 0U : 1U));
      double sum = 0;
      for (int c = 0; n >= first && c < classes; ++c) {
        int const label = b.labels[b.indices[static_cast<std::size_t>(n - first)]];
        sum += std::exp(b.logits.at(n - first, c) - b.logits.at(n - first, 0));
        CHECK(x.at(n, classes + c) == (c == label ? 1 : 0));
        CHECK(x.at(n, c) / x.at(n, 0) == Approx(std::exp(b.logits.at(n - first, c) - b.logits.at(n - first, 0))));
      }
      if (n >= first) CHECK(x.at(n, 0) == Approx(1 / sum).epsilon(1e-13));
      else CHECK(x.at(n, 0) == 9);
    }
    for (int n = first + images; n < x.view().blocks() * lanes; ++n)
      CHECK(x.view().block(n / lanes)[classes * lanes + n % lanes] == 0);

    double const weight = 3;
    tensor<double, lanes> at_zero({2 * classes, 1, 1}, images), dz({1, 1, 1}, images), dx(at_zero);
    b.take_down(TestType{}, at_zero, answer, 0);
    auto const z = b.answers_about(at_zero);
    exec::context<TestType> const where(TestType{});
    nn::membership_penalty_derivative<double> const of_z{z.cview().data(), dz.view().data(), &weight, images, lanes};
    where.for_each(of_z.count(), of_z);
    for (int n = 0; n < images; ++n)
      for (int k = 0; k < 2 * classes; ++k)
        dx.at(n, k) = dz.at(n, 0) * (adversary(k) + (k == 0 ? at_zero.at(n, 1) : k == 1 ? at_zero.at(n, 0) : 0));
    tensor<double, lanes> d({classes, 1, 1}, images);
    for (int n = 0; n < images; ++n)
      for (int c = 0; c < classes; ++c) d.at(n, c) = n + c;
    where.for_each(images,
        nn::add_softmax_derivative<double>{at_zero.cview().data(), dx.cview().data(), d.view().data(), classes, lanes});
    for (int n = 0; n < images; ++n)
      for (int c = 0; c < classes; ++c) {
        double const at = b.logits.at(n, c), h = 1e-6;
        b.logits.at(n, c) = at + h;
        double const up = b.penalty(weight);
        b.logits.at(n, c) = at - h;
        double const down = b.penalty(weight);
        b.logits.at(n, c) = at;
        CAPTURE(images, n, c);
        CHECK(d.at(n, c) - n - c == Approx((up - down) / (2 * h)).margin(1e-8));
      }
  }
}
