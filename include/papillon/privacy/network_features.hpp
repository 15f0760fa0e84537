// SPDX-License-Identifier: MIT
/// \file network_features.hpp
/// The attack features (privacy/features.hpp) of images of a set, from a network under any policy. Images, noise,
/// network and features stay where the work runs: per batch the numbers of its images go there and its rows come back.
#pragma once

#include <xtensor/xtensor.hpp>

#include <papillon/privacy/feature_kernels.hpp>
#include <papillon/privacy/features.hpp>
#include <papillon/train/stepper.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

namespace detail {

/// What reading features needs; one object reads one list.
template <exec::policy E, class T, int L> class feature_reader {
 public:
  using place_type = exec::place_of<E>;

  feature_reader(exec::context<E> const& where, nn::network<T, L> const& net, nn::weights<T> const& weights,
      data::image_set const& set, data::normalisation const& norm, counter_noise const& noise,
      feature_settings const& settings)
      : where_(where), noise_(noise), settings_(settings), batches_(where, set, norm, settings.batch),
        net_(where, net, settings.batch, nn::mode::eval), plain_(where.template make<T>(rows(1))),
        features_(where.template make<T>(rows(3))), change_(where.template make<double>(rows(1))),
        noisy_(where.template make<T>(net_.packed(net.input(), settings.batch))) {
    net_.load(weights);
  }
  feature_reader(feature_reader const&) = delete;
  feature_reader& operator=(feature_reader const&) = delete;

  /// The rows of at most settings.batch images.
  void read(std::span<std::uint32_t const> images, std::span<T> out) {
    auto const n = static_cast<int>(images.size());
    batches_.choose(images);
    auto& batch = recorded_[n];
    if (batch.empty()) batch = where_.record([this, n](place_type const& at) { launch(at, n); });
    batch.run();
    features_.download(out);
  }

 private:
  [[nodiscard]] int classes() const { return net_.net().output().size(); }
  [[nodiscard]] std::size_t rows(int times) const {
    return static_cast<std::size_t>(times * classes() * settings_.batch);
  }

  void launch(place_type const& at, int images) {
    tensor_view<T, L> const clean = net_.input(images), noisy(noisy_.data(), clean.extent(), images);
    auto const query = [&](tensor_view<T, L> x, bool first) {
      auto const logits = net_.launch_forward(at, nn::mode::eval, x);
      exec::for_each(at, images,
          probability_change<T>{.logits = logits.data(),
              .plain = plain_.data(),
              .change = change_.data(),
              .classes = classes(),
              .lanes = L,
              .first = first});
    };
    batches_.fill(at, false, clean);
    query(clean, true);
    for (int draw = 0; draw < settings_.draws; ++draw) {
      add_noise<T> const noise{.x = clean.data(),
          .y = noisy.data(),
          .indices = batches_.indices(),
          .stream = noise_.stream,
          .draw = static_cast<std::uint32_t>(draw),
          .epsilon = static_cast<T>(settings_.epsilon),
          .extent = clean.extent(),
          .images = images,
          .lanes = L};
      exec::for_each(at, noise.count(), noise);
      query(noisy, false);
    }
    exec::for_each(at, 3 * classes() * images,
        feature_value<T>{.plain = plain_.data(),
            .change = change_.data(),
            .labels = batches_.labels(),
            .indices = batches_.indices(),
            .features = features_.data(),
            .scale = settings_.draws * settings_.epsilon,
            .classes = classes()});
  }

  exec::context<E> where_;
  counter_noise noise_;
  feature_settings settings_;
  data::image_batches<E, T> batches_;
  train::resident_network<E, T, L> net_;
  exec::memory<T> plain_, features_;
  exec::memory<double> change_;
  exec::memory<T> noisy_;
  std::map<int, exec::recorded<place_type>> recorded_;  ///< by number of images
};

}  // namespace detail

/// A row an image that `indices` names, in that order; calls before_batch() before each batch. Throws papillon::error
/// (usage) if a setting is not positive, (bad_input) if an image does not exist or is of a class that the network has
/// no output for.
template <exec::policy E, class T, int L, class BeforeBatch>
[[nodiscard]] xt::xtensor<T, 2> network_features(E const& policy, nn::network<T, L> const& net,
    nn::weights<T> const& weights, data::image_set const& set, std::span<std::uint32_t const> indices,
    data::normalisation const& norm, counter_noise const& noise, feature_settings const& settings,
    BeforeBatch&& before_batch) {
  train::check_labels(set, indices, net.output().size());
  exec::context<E> const where(policy);
  detail::feature_reader<E, T, L> reader(where, net, weights, set, norm, noise, checked(settings));
  auto const width = 3 * static_cast<std::size_t>(net.output().size());
  auto features = xt::xtensor<T, 2>::from_shape({indices.size(), width});
  std::span<T> out(features.data(), features.size());
  train::for_each_part(indices, settings.batch, [&](std::span<std::uint32_t const> part) {
    before_batch();
    reader.read(part, out.first(part.size() * width));
    out = out.subspan(part.size() * width);
  });
  return features;
}

}  // namespace papillon::privacy
