// SPDX-License-Identifier: MIT
/// \file features_of_images.hpp
/// The attack features of images of a set under any policy: on a device everything happens there (device_features.hpp),
/// under the policies of the host batches are filled, run and compared in turn (features.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <papillon/data/fill_batch.hpp>
#include <papillon/privacy/device_features.hpp>
#include <papillon/privacy/network_probabilities.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// A row an image that `indices` names, in that order; calls before_batch() before each batch.
template <exec::policy Policy, class T, int Lanes, class BeforeBatch>
[[nodiscard]] xt::xtensor<T, 2> features_of_images(Policy const& policy, nn::network<T, Lanes> const& net,
                                                   nn::weights<T> const& weights, data::image_set const& set,
                                                   std::span<std::uint32_t const> indices,
                                                   data::normalisation const& normalisation, counter_noise const& noise,
                                                   feature_settings const& settings, BeforeBatch&& before_batch) {
  if constexpr (exec::device_policy<Policy>) {
    return device_features<T>(policy, net, weights, set, normalisation, noise, settings)(indices, before_batch);
  } else {
    std::vector<std::uint8_t> labels(indices.size());
    data::fill_labels(set, indices, labels);
    network_probabilities box(policy, net, weights, settings.batch);
    auto const fetch = [&](std::span<std::uint32_t const> batch, tensor_view<T, Lanes> x) {
      before_batch();
      data::fill_batch(policy, set, batch, normalisation, std::nullopt, x);
    };
    return attack_features<T, Lanes>(policy, indices, labels, net.input(), data::image_set::classes, fetch, box, noise,
                                     settings);
  }
}

}  // namespace papillon::privacy
