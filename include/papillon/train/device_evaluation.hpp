// SPDX-License-Identifier: MIT
/// \file device_evaluation.hpp
/// Loss and accuracy over images of a set, network, values and images being on a device: per batch the numbers of its
/// images go up and its loss comes back. The launches of a batch are recorded once for each size and replayed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

#include <papillon/data/device_batch.hpp>
#include <papillon/exec/recording.hpp>
#include <papillon/nn/kernels/loss_kernel.hpp>
#include <papillon/nn/run/device_workspace.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// How well a network does on a list of images; both 0 for an empty list.
struct evaluation {
  double loss = 0;      ///< mean cross-entropy
  double accuracy = 0;  ///< a fraction
};

template <class T>
class device_evaluation {
 public:
  using network_type = nn::network<T, exec::device_lanes>;

  /// `on`: a stream's device. All that it refers to must outlive it and stay in its place.
  device_evaluation(exec::device const& on, network_type const& net, nn::device_workspace<T>& workspace,
                    data::device_images<T> const& images)
      : on_(on), net_(&net), workspace_(&workspace), images_(&images), result_(on, 1) {}

  /// Calls f(images of the batch) after each batch, whose logits then stand in the workspace.
  template <class F>
  evaluation for_each_batch(std::span<std::uint32_t const> indices, F const& f) {
    double loss = 0, correct = 0;
    auto const count = static_cast<double>(std::max<std::size_t>(1, indices.size()));
    while (!indices.empty()) {
      auto const part = indices.first(std::min(static_cast<std::size_t>(workspace_->max_images()), indices.size()));
      auto const images = static_cast<int>(part.size());
      images_->set_indices(part);
      exec::recording& batch = recorded_[images];
      if (batch.empty()) batch = exec::recording(on_, [&](exec::device const& d) { launch(d, images); });
      batch.replay();
      nn::loss_result r{};
      result_.download({&r, 1});
      loss += r.loss * images;
      correct += r.correct;
      f(images);
      indices = indices.subspan(part.size());
    }
    return {loss / count, correct / count};
  }
  evaluation measure(std::span<std::uint32_t const> indices) {
    return for_each_batch(
        indices, [](int) {});
  }

 private:
  void launch(exec::device const& d, int images) const {
    images_->fill(d, images, nullptr, workspace_->input().data());
    workspace_->forward(d, *net_, nn::mode::eval, images);
    d.launch(nn::cross_entropy_loss<T>{workspace_->logits(), images_->labels(), images_->indices(), nullptr,
                                       result_.data(), net_->output().size(), images});
  }

  exec::device on_;
  network_type const* net_;
  nn::device_workspace<T>* workspace_;
  data::device_images<T> const* images_;
  exec::memory<nn::loss_result> result_;
  std::map<int, exec::recording> recorded_;  ///< by number of images
};

}  // namespace papillon::train
