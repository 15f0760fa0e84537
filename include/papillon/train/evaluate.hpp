// SPDX-License-Identifier: MIT
/// \file evaluate.hpp
/// What a network answers for a list of images, in evaluation mode and without augmentation: logits, mean
/// cross-entropy, accuracy (top-1; of equal logits the first class wins).
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <papillon/data/fill_batch.hpp>
#include <papillon/data/image_set.hpp>
#include <papillon/data/normalisation.hpp>
#include <papillon/exec/policy.hpp>
#include <papillon/exec/stream.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/run/network.hpp>
#include <papillon/nn/run/run.hpp>
#include <papillon/nn/run/workspace.hpp>
#include <papillon/tensor/tensor.hpp>
#include <papillon/train/device_evaluation.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// Runs one network over lists of images under one policy, batch by batch; its buffers are made once.
template <exec::policy Policy, class T, int Lanes = native_lanes<T>>
class evaluator {
 public:
  /// The network must outlive the evaluator. batch: images at a time, at least 1.
  evaluator(Policy const& policy, nn::network<T, Lanes> const& net, int batch,
            data::normalisation const& normalisation = {})
      : policy_(policy), net_(&net), normalisation_(normalisation), workspace_(policy, net, batch, nn::mode::eval),
        input_(net.input(), batch), labels_(static_cast<std::size_t>(batch)) {}

  /// Loss and accuracy over the images of `set` that `indices` names.
  [[nodiscard]] evaluation measure(nn::weights<T> const& weights, data::image_set const& set,
                                   std::span<std::uint32_t const> indices) {
    double loss = 0;
    int correct = 0;
    for_each_batch(weights, set, indices, [&](std::span<std::uint32_t const> part, tensor_view<T const, Lanes> logits) {
      auto const labels = std::span(labels_).first(part.size());
      data::fill_labels(set, part, labels);
      loss += static_cast<double>(
                  nn::cross_entropy(policy_, logits, std::span<std::uint8_t const>(labels), tensor_view<T, Lanes>())) *
              logits.images();
      correct += nn::count_correct(logits, std::span<std::uint8_t const>(labels));
    });
    double const count = std::max(1.0, static_cast<double>(indices.size()));
    return {loss / count, correct / count};
  }

  /// Logits of the images that `indices` names, row by row: out[k * classes + c], k a position in `indices`.
  void logits(nn::weights<T> const& weights, data::image_set const& set, std::span<std::uint32_t const> indices,
              std::span<T> out) {
    auto const classes = static_cast<std::size_t>(net_->output().size());
    assert(out.size() == indices.size() * classes);
    for_each_batch(weights, set, indices, [&](std::span<std::uint32_t const> part, tensor_view<T const, Lanes> logits) {
      relayout(logits, out.first(part.size() * classes));
      out = out.subspan(part.size() * classes);
    });
  }

 private:
  /// Calls f(indices of the batch, logits) for consecutive batches.
  template <class F>
  void for_each_batch(nn::weights<T> const& weights, data::image_set const& set, std::span<std::uint32_t const> indices,
                      F const& f) {
    while (!indices.empty()) {
      auto const part = indices.first(std::min(labels_.size(), indices.size()));
      tensor_view<T, Lanes> const x(input_.storage().data(), input_.extent(), static_cast<int>(part.size()));
      data::fill_batch(exec::host_of(policy_), set, part, normalisation_, std::nullopt, x);
      f(part, nn::forward(policy_, *net_, weights, tensor_view<T const, Lanes>(x), workspace_));
      indices = indices.subspan(part.size());
    }
  }

  Policy policy_;
  nn::network<T, Lanes> const* net_;
  data::normalisation normalisation_;
  nn::workspace<T, Lanes> workspace_;
  tensor<T, Lanes> input_;
  std::vector<std::uint8_t> labels_;
};

/// On a device: images are filled, run and judged there.
template <exec::device_policy Policy, class T>
class evaluator<Policy, T, exec::device_lanes> {
 public:
  evaluator(Policy const& policy, nn::network<T, exec::device_lanes> const& net, int batch,
            data::normalisation const& normalisation = {})
      : stream_(policy), net_(&net), normalisation_(normalisation),
        workspace_(stream_.on(), net, batch, nn::mode::eval) {}

  [[nodiscard]] evaluation measure(nn::weights<T> const& weights, data::image_set const& set,
                                   std::span<std::uint32_t const> indices) {
    return for_each_batch(
        weights, set, indices, [](int) {});
  }
  void logits(nn::weights<T> const& weights, data::image_set const& set, std::span<std::uint32_t const> indices,
              std::span<T> out) {
    auto const classes = static_cast<std::size_t>(net_->output().size());
    assert(out.size() == indices.size() * classes);
    for_each_batch(weights, set, indices, [&](int images) {
      auto const n = static_cast<std::size_t>(images) * classes;
      workspace_.read_logits(*net_, images, out.first(n));
      out = out.subspan(n);
    });
  }

 private:
  template <class F>
  evaluation for_each_batch(nn::weights<T> const& weights, data::image_set const& set,
                            std::span<std::uint32_t const> indices, F const& f) {
    workspace_.parameters().upload(weights.parameters);
    workspace_.state().upload(weights.state);
    data::device_images<T> const images(stream_.on(), set, normalisation_, workspace_.max_images());
    return device_evaluation<T>(stream_.on(), *net_, workspace_, images).for_each_batch(indices, f);
  }

  exec::stream stream_;
  nn::network<T, exec::device_lanes> const* net_;
  data::normalisation normalisation_;
  nn::device_workspace<T> workspace_;
};

}  // namespace papillon::train
