// SPDX-License-Identifier: MIT
/// \file network_features.hpp
/// The attack features (privacy/features.hpp) of images of a set, from a network under any policy. Images, noise,
/// network and features stay where the work runs: per batch the numbers of its images go there and its rows come back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

#include <papillon/data/batches.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/privacy/feature_kernels.hpp>
#include <papillon/privacy/features.hpp>
#include <papillon/train/stepper.hpp>
#include <xtensor/xtensor.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

namespace detail {

/// What reading features needs; one object reads one list.
template <exec::policy E, class T, int L> class feature_reader {
 public:
  using place_type = exec::place_of<E>;

  feature_reader(exec::context<E> const& where, nn::network<T, L> const& net, nn::weights<T> const& weights,
      data::image_set const& set, data::normalisation const& norm, counter_noise const& noise,
      feature_settings const& settings)
      : where_(where), net_(&net), noise_(noise), settings_(settings), batches_(where, set, norm, settings.batch),
        run_(where, net, settings.batch, nn::mode::eval), values_(where, net.parameter_count(), net.state_count()),
        plain_(where.template make<T>(rows(1))), features_(where.template make<T>(rows(3))),
        change_(where.template make<double>(rows(1))), clean_(where.template make<T>(images_size())),
        noisy_(where.template make<T>(images_size())) {
    values_.load(weights);
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
  [[nodiscard]] int classes() const { return net_->output().size(); }
  [[nodiscard]] std::size_t rows(int times) const {
    return static_cast<std::size_t>(times * classes() * settings_.batch);
  }
  [[nodiscard]] std::size_t images_size() const {
    return static_cast<std::size_t>(exec::blocks_for(settings_.batch, L)) *
           static_cast<std::size_t>(net_->input().size()) * L;
  }

  void launch(place_type const& at, int images) {
    tensor_view<T, L> const clean(clean_.data(), net_->input(), images), noisy(noisy_.data(), net_->input(), images);
    auto const query = [&](tensor_view<T, L> x, bool first) {
      auto const logits = run_.launch_forward(at, values_.parameters.view(), values_.state.view(), nn::mode::eval, x);
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
          .extent = net_->input(),
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
  nn::network<T, L> const* net_;
  counter_noise noise_;
  feature_settings settings_;
  data::image_batches<E, T> batches_;
  nn::runner<E, T, L> run_;
  train::resident_weights<E, T> values_;
  exec::memory<T> plain_, features_;
  exec::memory<double> change_;
  exec::memory<T> clean_, noisy_;
  std::map<int, exec::recorded<place_type>> recorded_;  ///< by number of images
};

}  // namespace detail

/// A row an image that `indices` names, in that order; calls before_batch() before each batch. Throws papillon::error
/// (usage) if a setting is not positive.
template <exec::policy E, class T, int L, class BeforeBatch>
[[nodiscard]] xt::xtensor<T, 2> network_features(E const& policy, nn::network<T, L> const& net,
    nn::weights<T> const& weights, data::image_set const& set, std::span<std::uint32_t const> indices,
    data::normalisation const& norm, counter_noise const& noise, feature_settings const& settings,
    BeforeBatch&& before_batch) {
  exec::context<E> const where(policy);
  detail::feature_reader<E, T, L> reader(where, net, weights, set, norm, noise, checked(settings));
  auto const width = 3 * static_cast<std::size_t>(net.output().size());
  auto features = xt::xtensor<T, 2>::from_shape({indices.size(), width});
  std::span<T> out(features.data(), features.size());
  while (!indices.empty()) {
    before_batch();
    auto const part = indices.first(std::min(static_cast<std::size_t>(settings.batch), indices.size()));
    reader.read(part, out.first(part.size() * width));
    out = out.subspan(part.size() * width);
    indices = indices.subspan(part.size());
  }
  return features;
}

}  // namespace papillon::privacy
