// SPDX-License-Identifier: MIT
/// \file device_training.hpp
/// Steps of SGD that stay on a device: images, values, velocity and gradient live there, a step uploads the numbers of
/// its images and downloads its loss. The launches of a step are recorded once for each size of a batch and replayed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include <papillon/data/device_batch.hpp>
#include <papillon/exec/recording.hpp>
#include <papillon/exec/stream.hpp>
#include <papillon/nn/kernels/loss_kernel.hpp>
#include <papillon/nn/run/device_workspace.hpp>
#include <papillon/train/device_evaluation.hpp>
#include <papillon/train/optimiser_kernels.hpp>
#include <papillon/train/sgd.hpp>

namespace papillon::inline PAPILLON_ISA::train {

template <class T>
class device_training {
 public:
  using network_type = nn::network<T, exec::device_lanes>;

  /// The network must outlive it; the image set is copied. batch: the largest.
  device_training(exec::device const& where, network_type const& net, data::image_set const& set,
                  data::normalisation const& normalisation, int batch,
                  std::optional<data::augmentation> const& augmentation, sgd_settings const& settings)
      : stream_(where), net_(&net), augmentation_(augmentation), settings_(settings),
        images_(on(), set, normalisation, batch), workspace_(on(), net, batch, nn::mode::train),
        velocity_(on(), net.parameter_count()), minus_rate_(on(), 1), result_(on(), 1),
        evaluation_(on(), net, workspace_, images_) {}
  device_training(device_training const&) = delete;
  device_training& operator=(device_training const&) = delete;

  void load(nn::weights<T> const& weights, std::span<T const> velocity) {
    workspace_.parameters().upload(weights.parameters);
    workspace_.state().upload(weights.state);
    velocity_.upload(velocity);
  }
  /// Spans and vectors of the network's sizes.
  void store(nn::weights<T>& weights, std::span<T> velocity) const {
    workspace_.parameters().download(weights.parameters);
    workspace_.state().download(weights.state);
    velocity_.download(velocity);
  }

  /// What holds for the steps that follow.
  void begin_epoch(int epoch, double learning_rate) {
    images_.set_epoch(static_cast<std::uint32_t>(epoch));
    auto const rate = static_cast<T>(-learning_rate);
    minus_rate_.upload({&rate, 1});
  }

  /// One step on the images of the set that `indices` names.
  nn::loss_result step(std::span<std::uint32_t const> indices) {
    images_.set_indices(indices);
    auto const images = static_cast<int>(indices.size());
    exec::recording& steps = recorded_[images];
    if (steps.empty()) steps = exec::recording(on(), [&](exec::device const& d) { launch_step(d, images); });
    steps.replay();
    nn::loss_result result{};
    result_.download({&result, 1});
    return result;
  }

  /// How the values as they now are do on images of the set.
  evaluation measure(std::span<std::uint32_t const> indices) { return evaluation_.measure(indices); }

 private:
  [[nodiscard]] exec::device const& on() const { return stream_.on(); }

  void launch_step(exec::device const& d, int images) {
    images_.fill(d, images, augmentation_ ? &*augmentation_ : nullptr, workspace_.input().data());
    workspace_.forward(d, *net_, nn::mode::train, images);
    d.launch(nn::cross_entropy_loss<T>{workspace_.logits(), images_.labels(), images_.indices(),
                                       workspace_.dlogits().data(), result_.data(), net_->output().size(), images});
    workspace_.backward(d, *net_, images);
    nn::for_each_value(
        d, train::sgd_update<T>{workspace_.gradient().data(), velocity_.data(), workspace_.parameters().data(),
                                minus_rate_.data(), static_cast<T>(settings_.momentum),
                                static_cast<T>(settings_.weight_decay), static_cast<int>(net_->parameter_count())});
  }

  exec::stream stream_;
  network_type const* net_;
  std::optional<data::augmentation> augmentation_;
  sgd_settings settings_;
  data::device_images<T> images_;
  nn::device_workspace<T> workspace_;
  exec::memory<T> velocity_, minus_rate_;
  exec::memory<nn::loss_result> result_;
  device_evaluation<T> evaluation_;
  std::map<int, exec::recording> recorded_;  ///< by number of images
};

}  // namespace papillon::train
