// SPDX-License-Identifier: MIT
#include <papillon/nn/kernels/loss.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>
#include <papillon/exec/for_each.hpp>

#include "support/noise.hpp"

using namespace papillon;

TEST_CASE("the cross-entropy of a guess among a hundred classes is log 100") {
  tensor<double, 4> const logits({100, 1, 1}, 3);
  tensor<double, 4> derivative({100, 1, 1}, 3);
  std::vector<std::uint8_t> const labels{0, 99, 57};
  CHECK(nn::cross_entropy<exec::seq, double, 4>({}, logits, labels, derivative.view()) ==
        Approx(std::log(100.0)).epsilon(1e-15));
  CHECK(derivative.view().at(1, 99) == Approx((0.01 - 1) / 3).epsilon(1e-15));
  CHECK(derivative.view().at(1, 98) == Approx(0.01 / 3).epsilon(1e-15));
}

TEST_CASE("for any number of classes the functor of the cross-entropy is the reference's loss, derivative and count") {
  for (int const classes : {1, 2, 10, 100, 256}) {
    constexpr int images = 7;
    auto const logits = test::noise_tensor<double, 4>({classes, 1, 1}, images, 3);
    tensor<double, 4> want({classes, 1, 1}, images), got({classes, 1, 1}, images);
    std::vector<std::uint8_t> labels(images), hits(images);
    for (int n = 0; n < images; ++n) labels[static_cast<std::size_t>(n)] = static_cast<std::uint8_t>(n * 41 % classes);
    double const loss = nn::cross_entropy<exec::seq, double, 4>({}, logits, labels, want.view());

    std::vector<std::uint32_t> indices(images);
    std::iota(indices.begin(), indices.end(), 0U);
    std::vector<double> losses(images);
    nn::loss_batch<double> const b{.logits = logits.cview().data(),
        .labels = labels.data(),
        .indices = indices.data(),
        .dlogits = got.view().data(),
        .losses = losses.data(),
        .hits = hits.data(),
        .classes = classes,
        .images = images,
        .lanes = 4};
    exec::for_each(exec::seq{}, b.count(), nn::cross_entropy_value<double>{b});
    CHECK(std::accumulate(losses.begin(), losses.end(), 0.0) / images == Approx(loss).epsilon(1e-14).margin(1e-15));
    CHECK(std::accumulate(hits.begin(), hits.end(), 0) == nn::count_correct<double, 4>(logits, labels));
    double worst = 0;
    for (int n = 0; n < images; ++n)
      for (int c = 0; c < classes; ++c) worst = std::max(worst, std::abs(got.view().at(n, c) - want.view().at(n, c)));
    CHECK(worst < 1e-15);
  }
}
