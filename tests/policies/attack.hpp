// SPDX-License-Identifier: MIT
/// \file attack.hpp
/// What an attack asks of trained networks, under a policy, written once for all: noise and features, against
/// counter_noise and attack_features.
#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include <papillon/data/fill_batch.hpp>
#include <papillon/privacy/network_features.hpp>

#include "policies/training.hpp"
#include "privacy/plain_features.hpp"

namespace papillon::test {

/// The functor's noise has the bits of the written-out loop's, for scalars T.
template <class T, exec::policy E> void check_noise(E e, std::initializer_list<int> batches) {
  shape const extent{3, 5, 3};  // 45 values: no multiple of a block of random words
  privacy::counter_noise const noise{{.seed = 9, .role = 1, .what = random::purpose::noise, .round = 2}};
  exec::context<E> const where(e);
  for (int const images : batches) {
    std::vector<std::uint32_t> indices;
    for (std::uint32_t n = 0; n < static_cast<std::uint32_t>(images); ++n) indices.push_back(n * 1000003 + 7);
    auto const x = noise_tensor<T, lanes>(extent, images, 3);
    std::vector<T> want, draw(static_cast<std::size_t>(extent.size()));
    for (int n = 0; n < images; ++n) {
      noise(indices[static_cast<std::size_t>(n)], 4, std::span<T>(draw));
      for (int r = 0; r < extent.size(); ++r)
        want.push_back(std::fma(T(0.125), draw[static_cast<std::size_t>(r)], x.cview().at(n, r)));
    }
    auto const keys = copied(where, indices);
    values_on<T> const in(where, x), out(where, extent, images);
    privacy::add_noise<T> const f{.x = in.data(),
        .y = out.data(),
        .indices = keys.data(),
        .stream = noise.stream,
        .draw = 4,
        .epsilon = T(0.125),
        .extent = extent,
        .images = images,
        .lanes = lanes};
    where.for_each(f.count(), f);
    CHECK(out.read() == want);
  }
}

/// Of the noise: large, so that changes stand out from rounding.
inline constexpr double feature_epsilon = 2;
inline constexpr privacy::counter_noise feature_noise{{.seed = 5, .what = random::purpose::noise}};

template <exec::policy E> xt::xtensor<scalar, 2> features(E e, network_case const& c, int count, int batch) {
  int batches = 0;
  auto f = privacy::network_features(e, c.net, c.initial, images(), some_indices(count), {}, feature_noise,
      {.epsilon = feature_epsilon, .draws = 2, .batch = batch}, [&] { ++batches; });
  CHECK(batches == exec::blocks_for(count, batch));
  return f;
}

/// The same by the written-out loop.
inline xt::xtensor<scalar, 2> reference_features(network_case const& c, int count, int batch) {
  auto const indices = some_indices(count);
  std::vector<std::uint8_t> labels;
  for (auto const i : indices) labels.push_back(images().labels[i]);
  test::network_probabilities box(exec::seq{}, c.net, c.initial, batch);
  auto const fetch = [](std::span<std::uint32_t const> chosen, tensor_view<scalar, lanes> x) {
    data::fill_batch(exec::seq{}, images(), chosen, {}, std::nullopt, x);
  };
  return test::attack_features<scalar, lanes>(exec::seq{}, indices, labels, c.net.input(), box.classes(), fetch, box,
      feature_noise, {.epsilon = feature_epsilon, .draws = 2, .batch = batch});
}

/// Evaluation has no derivative that a rounding could let through or not. Each of the nine layers on the way adds at
/// most `rounding` to logits of size 1, and a probability changes by at most half of what all logits do: 2 p (1 - p) <=
/// 1/2. A change is a difference of two probabilities, divided by epsilon. A hundredth of the largest of either must be
/// more than that, or an error of 1 % would not be seen.
template <exec::policy E> void check_features(E e) {
  auto const all = resnets(2, data::cifar_extent);
  auto const want = reference_features(all[1], 40, 17), got = features(e, all[1], 40, 17);
  REQUIRE(got.shape() == want.shape());
  std::size_t const rows = want.shape(0), classes = want.shape(1) / 3;
  double const probability = 9 * rounding / 2;
  struct {
    char const* name;
    double tolerance;
  } const groups[] = {{"probabilities", probability}, {"changes", 2 * probability / feature_epsilon}, {"classes", 0}};
  for (std::size_t g = 0; g < 3; ++g) {
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = g * classes; j < (g + 1) * classes; ++j) {
        largest = std::max(largest, static_cast<double>(want(i, j)));
        difference = std::max(difference, std::abs(static_cast<double>(got(i, j)) - static_cast<double>(want(i, j))));
        REQUIRE(std::isfinite(got(i, j)));
      }
    INFO(groups[g].name);
    CHECK(difference <= groups[g].tolerance);
    CHECK(groups[g].tolerance < 0.01 * largest);
  }
  CHECK((features(e, all[1], 40, 9) == got));  // whatever the batch
  CHECK(features(e, all[1], 0, 17).size() == 0);
  CHECK_THROWS_WITH(privacy::network_features(e, all[1].net, all[1].initial, images(), {}, {}, {}, {.draws = 0}, [] {}),
      Catch::Contains("must be positive"));
}

}  // namespace papillon::test
