// SPDX-License-Identifier: MIT
/// \file attack.hpp
/// What a study does with trained networks, under a policy, written once for all: pruning, noise, attack features.
#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <papillon/privacy/attack_kernels.hpp>
#include <papillon/privacy/features_of_images.hpp>
#include <papillon/prune/device_magnitude.hpp>

#include "policies/layers.hpp"
#include "train/small_training.hpp"

namespace papillon::test {

/// A convolution, a norm, a convolution and a linear layer of `size` values each, one after another.
inline std::vector<nn::slot> slots_of(std::size_t size) {
  std::vector<nn::slot> slots;
  for (auto const kind :
       {nn::slot_kind::convolution, nn::slot_kind::norm_weight, nn::slot_kind::convolution, nn::slot_kind::linear}) {
    slots.push_back(nn::make_slot("slot" + std::to_string(slots.size()), kind, {size}));
    slots.back().offset = (slots.size() - 1) * size;
  }
  return slots;
}

/// Removes the reference's weights, of which many are equal, some are zero, and some gone before; fractions from none
/// to all.
template <class E>
void check_pruning(E e, std::initializer_list<std::size_t> sizes) {
  for (std::size_t const size : sizes) {
    auto const slots = slots_of(size);
    auto weights = noise<scalar>(4 * size, 7);
    for (std::size_t i = 0; i < weights.size(); i += 3)
      weights[i] = std::round(4 * weights[i]) / 4;  // ties, zeros of both signs
    auto before = prune::dense_mask(weights.size());
    for (std::size_t i = 0; i < size; i += 5) before.keep[i] = 0;
    for (prune::pruning_rate const& rate : {prune::pruning_rate{0, {}}, {0.2, {}}, {0.37, 0.1}, {1, {}}}) {
      INFO(size << " weights a slot, fraction " << rate.fraction);
      std::span<scalar const> const w(weights);
      auto const want = prune::prune_smallest(std::span<nn::slot const>(slots), w, rate, before);
      CHECK(prune::prune_smallest(e, std::span<nn::slot const>(slots), w, rate, before) == want);
      CHECK((size < 40 || rate.fraction == 0 || want.kept() < before.kept()));
    }
    if (size == 0) continue;
    weights[2 * size] = std::numeric_limits<scalar>::infinity();
    CHECK_THROWS_WITH(
        prune::prune_smallest(e, std::span<nn::slot const>(slots), std::span<scalar const>(weights), {}, before),
        Catch::Contains("slot2 has a weight that is not finite"));
    weights[2 * size] = std::numeric_limits<scalar>::quiet_NaN();
    CHECK_THROWS_WITH(
        prune::prune_smallest(e, std::span<nn::slot const>(slots), std::span<scalar const>(weights), {}, before),
        Catch::Contains("slot2"));
    before.keep[2 * size] = 0;  // what is pruned may be anything
    CHECK(prune::prune_smallest(e, std::span<nn::slot const>(slots), std::span<scalar const>(weights), {.fraction = 1},
                                before)
              .kept() < before.kept());
  }
}

/// The kernel's noise has the bits of the host's, for scalars T.
template <class T, class E>
void check_noise(E e, std::initializer_list<int> batches) {
  shape const extent{3, 5, 3};  // 45 values: no multiple of a block of random words
  privacy::counter_noise const noise{{.seed = 9, .role = 1, .what = random::purpose::noise, .round = 2}};
  exec::device const on = device_of(e);
  for (int const images : batches) {
    std::vector<std::uint32_t> indices;
    for (std::uint32_t n = 0; n < static_cast<std::uint32_t>(images); ++n) indices.push_back(n * 1000003 + 7);
    auto const x = noise_tensor<T, lanes>(extent, images, 3);
    tensor<T, lanes> want(extent, images), got(extent, images);
    std::vector<T> draw(static_cast<std::size_t>(extent.size()));
    for (int n = 0; n < images; ++n) {
      noise(indices[static_cast<std::size_t>(n)], 4, std::span<T>(draw));
      for (int r = 0; r < extent.size(); ++r)
        want.view().at(n, r) = std::fma(T(0.125), draw[static_cast<std::size_t>(r)], x.cview().at(n, r));
    }
    exec::memory<std::uint32_t> const i(on, indices.size());
    exec::memory<T> const in(on, x.storage().size()), out(on, x.storage().size());
    i.upload(indices);
    in.upload({x.storage().data(), x.storage().size()});
    nn::for_each_value(
        on, privacy::add_noise<T>{in.data(), out.data(), i.data(), noise.stream, 4, T(0.125), extent, images});
    out.download({got.storage().data(), got.storage().size()});
    CHECK(std::equal(got.storage().begin(), got.storage().end(), want.storage().begin()));
  }
}

template <class E>
xt::xtensor<scalar, 2> features(E e, network_case const& c, std::size_t images_, int batch) {
  static data::image_set const set = make_images();
  std::vector<std::uint32_t> indices;
  for (std::uint32_t i = 0; i < images_; ++i) indices.push_back(i * 7 % 50);
  int batches = 0;
  auto f =
      privacy::features_of_images(e, c.net, c.initial, set, indices, {}, {{.seed = 5, .what = random::purpose::noise}},
                                  {.epsilon = 0.01, .draws = 2, .batch = batch}, [&] { ++batches; });
  CHECK(batches == exec::blocks_for(static_cast<int>(images_), batch));
  return f;
}

/// Changes of probabilities are differences divided by epsilon: their rounding is a network's over 0.01.
template <class E>
void check_features(E e) {
  auto const all = resnets(2, data::image_set::extent);
  auto const want = features(exec::seq{}, all[1], 40, 17), got = features(e, all[1], 40, 17);
  REQUIRE(got.shape() == want.shape());
  for (std::size_t i = 0; i < want.size(); ++i)
    REQUIRE(static_cast<double>(got.data()[i]) ==
            Approx(static_cast<double>(want.data()[i])).margin(100 * rounding_of_networks));
  CHECK(features(e, all[1], 0, 17).size() == 0);
  CHECK_THROWS_WITH(
      privacy::features_of_images(e, all[1].net, all[1].initial, make_images(), {}, {}, {}, {.draws = 0}, [] {}),
      Catch::Contains("must be positive"));
}

}  // namespace papillon::test
