// SPDX-License-Identifier: MIT
/// \file device_features.hpp
/// Attack features on a device: images, noise, network and features stay there, per batch the numbers of its images go
/// up and its rows come back. What the columns are stands in privacy/features.hpp; the noise has the same bits as
/// counter_noise.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

#include <xtensor/xtensor.hpp>

#include <papillon/data/device_batch.hpp>
#include <papillon/exec/recording.hpp>
#include <papillon/exec/stream.hpp>
#include <papillon/nn/run/device_workspace.hpp>
#include <papillon/privacy/attack_kernels.hpp>
#include <papillon/privacy/features.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

template <class T>
class device_features {
 public:
  using network_type = nn::network<T, exec::device_lanes>;

  /// The network must outlive it; values and images are copied. Throws papillon::error (usage) if a setting is not
  /// positive.
  device_features(exec::device const& where, network_type const& net, nn::weights<T> const& weights,
                  data::image_set const& set, data::normalisation const& normalisation, counter_noise const& noise,
                  feature_settings const& settings = {})
      : stream_(where), net_(&net), noise_(noise), settings_(checked(settings)),
        images_(on(), set, normalisation, settings.batch), workspace_(on(), net, settings.batch, nn::mode::eval),
        plain_(on(), rows(1)), change_(on(), rows(1)), features_(on(), rows(3)),
        clean_(on(), workspace_.input().size()) {
    workspace_.parameters().upload(weights.parameters);
    workspace_.state().upload(weights.state);
  }
  device_features(device_features const&) = delete;
  device_features& operator=(device_features const&) = delete;

  /// The features of the images of the set that `indices` names, a row each; calls before_batch() before each batch.
  template <class BeforeBatch>
  [[nodiscard]] xt::xtensor<T, 2> operator()(std::span<std::uint32_t const> indices, BeforeBatch&& before_batch) {
    auto const width = 3 * static_cast<std::size_t>(classes());
    auto features = xt::xtensor<T, 2>::from_shape({indices.size(), width});
    std::span<T> out(features.data(), features.size());
    while (!indices.empty()) {
      before_batch();
      auto const part = indices.first(std::min(static_cast<std::size_t>(settings_.batch), indices.size()));
      images_.set_indices(part);
      exec::recording& batch = recorded_[static_cast<int>(part.size())];
      if (batch.empty())
        batch = exec::recording(on(), [&](exec::device const& d) { launch(d, static_cast<int>(part.size())); });
      batch.replay();
      features_.download(out.first(part.size() * width));
      out = out.subspan(part.size() * width);
      indices = indices.subspan(part.size());
    }
    return features;
  }

 private:
  [[nodiscard]] exec::device const& on() const { return stream_.on(); }
  [[nodiscard]] int classes() const { return net_->output().size(); }
  [[nodiscard]] std::size_t rows(int times) const {
    return static_cast<std::size_t>(times * classes() * settings_.batch);
  }

  void launch(exec::device const& d, int images) {
    using namespace nn;
    T* const x = workspace_.input().data();
    auto const query = [&](bool first) {
      workspace_.forward(d, *net_, nn::mode::eval, images);
      for_each_value(
          d, probability_change<T>{workspace_.logits(), plain_.data(), change_.data(), classes(), images, first});
    };
    images_.fill(d, images, nullptr, clean_.data());
    images_.fill(d, images, nullptr, x);
    query(true);
    for (int draw = 0; draw < settings_.draws; ++draw) {
      for_each_value(d,
                     add_noise<T>{clean_.data(), x, images_.indices(), noise_.stream, static_cast<std::uint32_t>(draw),
                                  static_cast<T>(settings_.epsilon), net_->input(), images});
      query(false);
    }
    for_each_value(d, feature_value<T>{plain_.data(), change_.data(), images_.labels(), images_.indices(),
                                       features_.data(), settings_.draws * settings_.epsilon, classes(), images});
  }

  exec::stream stream_;
  network_type const* net_;
  counter_noise noise_;
  feature_settings settings_;
  data::device_images<T> images_;
  nn::device_workspace<T> workspace_;
  exec::memory<T> plain_;
  exec::memory<double> change_;
  exec::memory<T> features_, clean_;
  std::map<int, exec::recording> recorded_;  ///< by number of images
};

}  // namespace papillon::privacy
