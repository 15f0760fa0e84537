// SPDX-License-Identifier: MIT
/// \file trainer.hpp
/// Trains a network with mini-batch SGD on cross-entropy. An epoch visits every training image once, in an order drawn
/// for it, in batches of which the last is the partial one; then the validation images are measured in evaluation mode.
/// Random numbers are keyed by (seed, role, round, epoch, image), sums have a fixed order: the same options give the
/// same bits for any number of threads, and a training that was stopped and resumed the same bits as one that was not.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <papillon/data/augmentation.hpp>
#include <papillon/data/epoch_order.hpp>
#include <papillon/data/fill_batch.hpp>
#include <papillon/data/image_set.hpp>
#include <papillon/data/normalisation.hpp>
#include <papillon/error.hpp>
#include <papillon/exec/policy.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/run/network.hpp>
#include <papillon/nn/run/run.hpp>
#include <papillon/nn/run/workspace.hpp>
#include <papillon/random/stream.hpp>
#include <papillon/tensor/tensor.hpp>
#include <papillon/train/device_training.hpp>
#include <papillon/train/evaluate.hpp>
#include <papillon/train/schedule.hpp>
#include <papillon/train/sgd.hpp>
#include <papillon/train/training_observer.hpp>
#include <papillon/train/training_state.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// How to train. The defaults are the study's dense network.
struct training_options {
  int epochs = 300;
  int batch = 256;
  step_schedule schedule{.learning_rate = 0.03, .divide_after = {150, 225}};
  sgd_settings sgd{.momentum = 0.9, .weight_decay = 0.005};
  std::optional<data::augmentation> augmentation =
      data::augmentation{};  ///< its stream and epoch are set by the trainer
  std::uint64_t seed = 0;    ///< with role and round: keys every random number of the training
  std::uint32_t role = 0;    ///< 0 target, 1 shadow
  std::uint32_t round = 0;   ///< of iterative pruning
};

/// The images of a training: positions in `set`, which must outlive their use.
struct training_data {
  data::image_set const* set = nullptr;
  data::normalisation normalisation{};
  std::vector<std::uint32_t> training;
  std::vector<std::uint32_t> validation;  ///< may be empty: then the last epoch is the best
};

/// How a training ended.
enum class training_outcome { finished, interrupted };

/// Trains one network under one policy; all buffers are made by the constructor, a batch allocates nothing.
template <exec::policy Policy, class T, int Lanes = native_lanes<T>>
class trainer {
 public:
  /// The network and the image set must outlive the trainer.
  trainer(Policy const& policy, nn::network<T, Lanes> const& net, training_data data, training_options const& options)
      : policy_(policy), net_(&net), data_(std::move(data)), options_(options), workspace_(make_workspace()),
        input_(net.input(), batch()), gradient_of_logits_(net.output(), batch()),
        labels_(static_cast<std::size_t>(batch())), gradient_(net.parameter_count()), evaluator_(make_evaluator()) {}

  /// Runs the epochs that `state` lacks. `state` always holds a finished epoch: when `stop` becomes true the running
  /// epoch is abandoned at the border of a batch and `interrupted` returned; a later run with the same options goes on
  /// from there, with the bits of a training that was never stopped. Throws papillon::error (failed) when the loss is
  /// no longer finite.
  training_outcome run(training_state<T>& state, training_observer<T> const& observer = {},
                       std::atomic<bool> const* stop = nullptr) {
    weights_ = state.last;
    velocity_ = state.velocity;
    if constexpr (on_device) workspace_.load(weights_, velocity_);
    while (state.epochs < options_.epochs) {
      auto const begin = clock::now();
      epoch_metrics metrics{.epoch = state.epochs, .learning_rate = options_.schedule.at(state.epochs)};
      if (!train_epoch(metrics, observer, stop)) return training_outcome::interrupted;
      auto const validation = validate();
      require_finite(validation.loss, metrics);
      metrics.validation_loss = validation.loss;
      metrics.validation_accuracy = validation.accuracy;
      metrics.best = state.best_epoch < 0 || data_.validation.empty() || validation.accuracy > state.best_accuracy;
      metrics.seconds = seconds_since(begin);
      commit(metrics, state);
      if (observer.epoch) observer.epoch(metrics, state);
    }
    return training_outcome::finished;
  }

 private:
  using clock = std::chrono::steady_clock;
  static constexpr bool on_device = exec::device_policy<Policy>;
  /// What a step works in; on a device it is the whole step.
  using workspace_type = std::conditional_t<on_device, device_training<T>, nn::workspace<T, Lanes>>;

  [[nodiscard]] static double seconds_since(clock::time_point begin) {
    return std::chrono::duration<double>(clock::now() - begin).count();
  }
  [[nodiscard]] int batch() const {
    return std::max(1, std::min(options_.batch, static_cast<int>(data_.training.size())));
  }
  [[nodiscard]] random::stream stream(random::purpose what) const {
    return {options_.seed, options_.role, what, options_.round};
  }

  [[nodiscard]] workspace_type make_workspace() const {
    if constexpr (on_device) {
      auto augmentation = options_.augmentation;
      if (augmentation) augmentation->stream = stream(random::purpose::augmentation);
      return workspace_type(policy_, *net_, *data_.set, data_.normalisation, batch(), augmentation, options_.sgd);
    } else {
      return workspace_type(policy_, *net_, batch(), nn::mode::train);
    }
  }

  /// A device's training evaluates itself.
  using evaluator_type = std::conditional_t<on_device, std::monostate, evaluator<Policy, T, Lanes>>;
  [[nodiscard]] evaluator_type make_evaluator() const {
    if constexpr (on_device) return {};
    else return evaluator_type(policy_, *net_, batch(), data_.normalisation);
  }
  [[nodiscard]] evaluation validate() {
    if constexpr (on_device) return workspace_.measure(data_.validation);
    else return evaluator_.measure(weights_, *data_.set, data_.validation);
  }

  static void require_finite(double loss, epoch_metrics const& now) {
    if (!std::isfinite(loss)) {
      throw error(errc::failed, "the training diverged (the loss in epoch " + std::to_string(now.epoch) +
                                    " is not finite) use a smaller learning rate than " +
                                    std::to_string(now.learning_rate));
    }
  }

  /// One epoch on weights_ and velocity_; false if it was stopped.
  bool train_epoch(epoch_metrics& metrics, training_observer<T> const& observer, std::atomic<bool> const* stop) {
    auto const begin = clock::now();
    auto const epoch = static_cast<std::uint32_t>(metrics.epoch);
    order_ = data::epoch_order(stream(random::purpose::order), epoch, data_.training);
    if (options_.augmentation) {
      options_.augmentation->stream = stream(random::purpose::augmentation);
      options_.augmentation->epoch = epoch;
    }
    if constexpr (on_device) workspace_.begin_epoch(metrics.epoch, metrics.learning_rate);
    double loss_sum = 0;
    int correct = 0;
    batch_progress progress{.epoch = metrics.epoch, .epochs = options_.epochs};
    progress.batches = (static_cast<int>(order_.size()) + batch() - 1) / batch();
    for (std::size_t first = 0; first < order_.size(); first += labels_.size()) {
      if (stop != nullptr && stop->load(std::memory_order_relaxed)) return false;
      auto const indices =
          std::span<std::uint32_t const>(order_).subspan(first, std::min(labels_.size(), order_.size() - first));
      auto const [loss, hits] = step(indices, metrics);
      loss_sum += loss * static_cast<double>(indices.size());
      correct += hits;
      auto const done = static_cast<double>(first + indices.size());
      progress.batch_loss = loss;
      metrics.train_loss = progress.loss = loss_sum / done;
      metrics.train_accuracy = progress.accuracy = correct / done;
      ++progress.batch;
      progress.seconds = seconds_since(begin);
      metrics.images_per_second = progress.images_per_second = done / progress.seconds;
      if (observer.batch) observer.batch(progress);
    }
    if constexpr (on_device) workspace_.store(weights_, velocity_);
    return true;
  }

  struct step_result {
    double loss;
    int correct;
  };

  /// One step of SGD on the images that `indices` names.
  step_result step(std::span<std::uint32_t const> indices, epoch_metrics const& now) {
    if constexpr (on_device) {
      auto const result = workspace_.step(indices);
      require_finite(result.loss, now);
      return {result.loss, static_cast<int>(result.correct)};
    } else {
      auto const images = static_cast<int>(indices.size());
      tensor_view<T, Lanes> const x(input_.storage().data(), input_.extent(), images);
      tensor_view<T, Lanes> const dlogits(gradient_of_logits_.storage().data(), gradient_of_logits_.extent(), images);
      auto const labels = std::span(labels_).first(indices.size());
      data::fill_batch(policy_, *data_.set, indices, data_.normalisation, options_.augmentation, x);
      data::fill_labels(*data_.set, indices, labels);
      auto const logits =
          nn::forward(policy_, *net_, weights_, nn::mode::train, tensor_view<T const, Lanes>(x), workspace_);
      auto const loss =
          static_cast<double>(nn::cross_entropy(policy_, logits, std::span<std::uint8_t const>(labels), dlogits));
      require_finite(loss, now);
      int const correct = nn::count_correct(logits, std::span<std::uint8_t const>(labels));
      nn::backward(policy_, *net_, weights_, tensor_view<T const, Lanes>(dlogits), workspace_, std::span(gradient_));
      sgd_step(policy_, options_.sgd, now.learning_rate, std::span<T const>(gradient_), std::span(velocity_),
               std::span(weights_.parameters));
      return {loss, correct};
    }
  }

  /// Makes the epoch that has just been trained the last finished one.
  void commit(epoch_metrics const& metrics, training_state<T>& state) const {
    state.last = weights_;
    state.velocity = velocity_;
    ++state.epochs;
    if (metrics.best) {
      state.best = weights_;
      state.best_epoch = metrics.epoch;
      state.best_accuracy = metrics.validation_accuracy;
    }
  }

  Policy policy_;
  nn::network<T, Lanes> const* net_;
  training_data data_;
  training_options options_;
  std::vector<std::uint32_t> order_;
  workspace_type workspace_;
  tensor<T, Lanes> input_;
  tensor<T, Lanes> gradient_of_logits_;
  std::vector<std::uint8_t> labels_;
  std::vector<T> gradient_;
  nn::weights<T> weights_;  // of the running epoch, as velocity_
  std::vector<T> velocity_;
  evaluator_type evaluator_;
};

}  // namespace papillon::train
