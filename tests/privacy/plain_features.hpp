// SPDX-License-Identifier: MIT
/// \file plain_features.hpp
/// The attack features as the plain loop that they are defined by (privacy/features.hpp), of any black box and any
/// noise: what tests hold privacy::network_features against.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <xtensor/xtensor.hpp>

#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/privacy/features.hpp>

namespace papillon::test {

using privacy::feature_settings;

/// The features of the images named by `indices`, a row each, in that order.
/// \param labels  the class of each, below `classes`
/// \param extent  shape of one image
/// \param fetch   fetch(span<uint32_t const> indices, tensor_view<T, Lanes> x): writes the images, normalised, not
/// augmented \param box     box(tensor_view<T const, Lanes> x, span<T> probabilities): images x classes, row-major
/// \param noise   noise(index, draw, span<T> out): the noise of an image in (channel, y, x) order; called from several
/// threads
template <class T, int Lanes = native_lanes<T>, exec::policy Policy, class Fetch, class BlackBox, class Noise>
[[nodiscard]] xt::xtensor<T, 2> attack_features(Policy const& policy, std::span<std::uint32_t const> indices,
    std::span<std::uint8_t const> labels, shape extent, int classes, Fetch&& fetch, BlackBox&& box, Noise const& noise,
    feature_settings const& settings = {}) {
  if (labels.size() != indices.size())
    throw error(
        errc::usage, message("attack features: ", indices.size(), " images and ", labels.size(), " labels (one each)"));
  static_cast<void>(privacy::checked(settings));
  auto const c = static_cast<std::size_t>(classes);
  auto features = xt::xtensor<T, 2>::from_shape({indices.size(), 3 * c});
  auto const size = static_cast<std::size_t>(extent.size());
  auto const epsilon = static_cast<T>(settings.epsilon);
  auto const most = static_cast<std::size_t>(settings.batch);
  std::vector<T> plain(most * c), moved(most * c);
  std::vector<double> change(most * c);
  std::vector<std::vector<T>> scratch(static_cast<std::size_t>(exec::thread_count(policy)), std::vector<T>(size));

  for (std::size_t first = 0; first < indices.size(); first += most) {
    auto const batch = indices.subspan(first, std::min(most, indices.size() - first));
    tensor<T, Lanes> images(extent, static_cast<int>(batch.size())), noisy(extent, static_cast<int>(batch.size()));
    auto const x = images.view(), y = noisy.view();
    fetch(batch, x);
    box(images.cview(), std::span(plain).first(batch.size() * c));
    std::fill(change.begin(), change.end(), 0.0);
    for (int draw = 0; draw < settings.draws; ++draw) {
      exec::parallel_for(policy, x.blocks(), [&](int b, int thread) {
        std::span<T> const n = scratch[static_cast<std::size_t>(thread)];
        for (int lane = 0; lane < x.images_in(b); ++lane) {
          int const image = b * Lanes + lane;
          noise(batch[static_cast<std::size_t>(image)], draw, n);
          for (int r = 0; r < extent.size(); ++r)
            y.at(image, r) = std::fma(epsilon, n[static_cast<std::size_t>(r)], x.at(image, r));
        }
      });
      box(noisy.cview(), std::span(moved).first(batch.size() * c));
      for (std::size_t k = 0; k < batch.size() * c; ++k)
        change[k] += std::abs(static_cast<double>(moved[k]) - static_cast<double>(plain[k]));
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::size_t const row = first + i, label = labels[row];
      if (label >= c)
        throw error(errc::bad_input,
            message("attack features: image ", batch[i], " is of class ", label, " (there are ", c, ")"));
      for (std::size_t j = 0; j < c; ++j) {
        features(row, j) = plain[i * c + j];
        features(row, c + j) = static_cast<T>(change[i * c + j] / (settings.draws * settings.epsilon));
        features(row, 2 * c + j) = j == label ? T{1} : T{0};
      }
    }
  }
  return features;
}

/// Refers to a network and its values, which must outlive it; owns its memory, so one object belongs to one caller.
template <exec::policy E, class T, int Lanes> class network_probabilities {
 public:
  /// \param largest_batch  most images a call may bring
  network_probabilities(
      exec::context<E> const& where, nn::network<T, Lanes> const& net, nn::weights<T> const& weights, int largest_batch)
      : weights_(&weights), run_(where, net, largest_batch, nn::mode::eval) {}

  /// Probabilities of each image, images x classes, row-major.
  void operator()(tensor_view<T const, Lanes> images, std::span<T> probabilities) {
    nn::softmax(exec::seq{}, run_.forward(*weights_, images), probabilities);
  }
  [[nodiscard]] int classes() const { return run_.net().output().size(); }

 private:
  nn::weights<T> const* weights_;
  nn::runner<E, T, Lanes> run_;
};

template <exec::policy E, class T, int Lanes>
network_probabilities(E, nn::network<T, Lanes> const&, nn::weights<T> const&, int)
    -> network_probabilities<E, T, Lanes>;

}  // namespace papillon::test
