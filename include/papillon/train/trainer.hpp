// SPDX-License-Identifier: MIT
/// \file trainer.hpp
/// Trains a network by mini-batches: any set with batches (data/batches.hpp), any optimiser (train/optimiser.hpp), any
/// loss; by default SGD on cross-entropy. An epoch visits every training sample once, in an order drawn for it, in
/// batches of which the last is the partial one; then the validation samples are measured in evaluation mode. Random
/// numbers are keyed by (seed, role, round, epoch, sample), sums have a fixed order: the same options give the same
/// bits for any number of threads, and a training that was stopped and resumed the same bits as one that was not.
/// With `dp` it is DP-SGD: a step's images are drawn one by one, their gradients clipped and made noisy
/// (private_gradient.hpp).
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>

#include <papillon/data/augmentation.hpp>
#include <papillon/data/epoch_order.hpp>
#include <papillon/data/poisson_sampling.hpp>
#include <papillon/error.hpp>
#include <papillon/random/stream.hpp>
#include <papillon/train/schedule.hpp>
#include <papillon/train/sgd.hpp>
#include <papillon/train/stepper.hpp>
#include <papillon/train/training_observer.hpp>
#include <papillon/train/training_state.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// How to train. The defaults are the study's dense network.
struct training_options {
  int epochs = 300;
  int batch = 256;
  step_schedule schedule{.learning_rate = 0.03, .divide_after = {150, 225}};
  sgd_settings sgd{.momentum = 0.9, .weight_decay = 0.005};  ///< unless the trainer is given an optimiser
  std::optional<data::augmentation> augmentation =
      data::augmentation{};              ///< of images; its stream and epoch are set by the trainer
  std::uint64_t seed = 0;                ///< with role and round: keys every random number of the training
  std::uint32_t role = 0;                ///< 0 target, 1 shadow
  std::uint32_t round = 0;               ///< of iterative pruning
  nn::storage kept = nn::storage::full;  ///< what layers pass on; see nn::runner
  double paired_divergence = 0;          ///< weight of PPB's penalty on unlike answers about two images of a batch
  std::optional<adversary_options> adversary = {};  ///< who is shown the validation samples as others
  int patience = -1;                  ///< of epochs in a row that are not better; the next such one ends it; -1: never
  std::optional<dp_options> dp = {};  ///< then `batch` images enter a step on average, and the last epoch counts
};

/// The samples of a training: positions in `set`, which must outlive their use.
template <class Set = data::image_set> struct training_data {
  Set const* set = nullptr;
  typename Set::normalisation_type normalisation{};
  std::vector<std::uint32_t> training{};
  std::vector<std::uint32_t> validation{};  ///< may be empty: then the last epoch is the best
};

template <class Set>
training_data(Set const*, typename Set::normalisation_type = {}, std::vector<std::uint32_t> = {},
    std::vector<std::uint32_t> = {}) -> training_data<Set>;

/// How a training ended.
enum class training_outcome { finished, interrupted };

/// Trains one network; all buffers are made by the constructor, a batch allocates nothing on the host.
template <exec::policy E, class T, int Lanes = exec::lanes_of<E, T>, class Set = data::image_set,
    class Optimiser = sgd_settings, class Loss = nn::cross_entropy_loss>
class trainer {
 public:
  /// The network and the set must outlive the trainer. Throws papillon::error (bad_input) if a sample does not exist or
  /// is of a class that the network has no output for, (usage) for a role or round whose random numbers would be
  /// another's, and for private training of a network with a layer that mixes images, as batch norm does.
  trainer(exec::context<E> const& where, nn::network<T, Lanes> const& net, training_data<Set> data,
      training_options const& options, Optimiser const& optimiser, Loss = {})
      : net_(&net), data_(std::move(data)), options_(options),
        steps_(where, net, data::make_batches<T>(where, *data_.set, data_.normalisation, most(), augmentation()),
            most(), optimiser, {options.kept, private_gradient(), options.paired_divergence, adversary()}) {
    if (options.adversary && data_.validation.empty())
      throw error(errc::usage,
          "a training with an adversary needs others than its members (there are no validation samples) hold some "
          "back");
    if (options.role > 15 || options.round > 4095)
      throw error(errc::usage, message("role ", options.role, " and round ", options.round,
                                   " have no random numbers of their own (there are roles 0 to 15 and rounds 0 to "
                                   "4095) tell trainings apart by their seeds"));
    int const classes = classes_of<Loss>(net.output().size());
    check_labels(*data_.set, data_.training, classes);
    check_labels(*data_.set, data_.validation, classes);
  }
  trainer(exec::context<E> const& where, nn::network<T, Lanes> const& net, training_data<Set> data,
      training_options const& options) requires std::same_as<Optimiser, sgd_settings>
      : trainer(where, net, std::move(data), options, options.sgd) {}

  /// What is minimised from now on has the penalty, too; `by` must outlive the trainer, and what it remembers is part
  /// of the state (training_state::beside).
  void pull(weight_pull<T> const& by) {
    pull_ = &by;
    steps_.pull(by.strength(), by.pulled());
  }

  /// Runs the epochs that `state` lacks, or until patience has run out. `state` always holds a finished epoch: when
  /// `stop` becomes true the running epoch is abandoned at the border of a batch and `interrupted` returned; a later
  /// run with the same options goes on from there, with the bits of a training that was never stopped. Throws
  /// papillon::error (failed) when the loss is no longer finite, (usage) when `state` comes from another optimiser.
  training_outcome run(
      training_state<T>& state, training_observer<T> const& observer = {}, std::atomic<bool> const* stop = nullptr) {
    std::size_t const remembered = steps_.state_size(*net_);
    if (state.epochs == 0) state.optimiser.resize(remembered);
    if (state.optimiser.size() != remembered)
      throw error(errc::usage, message("cannot continue the training (its optimiser remembers ", state.optimiser.size(),
                                   " numbers, this one ", remembered, ") use the optimiser that it was begun with"));
    steps_.load(state.last, state.optimiser);
    if (state.epochs == 0) steps_.begin_adversary();
    else steps_.load_adversary(state.beside);
    if (pull_ != nullptr) {
      if (state.epochs == 0) pull_->begin(state.last.parameters, state.beside);
      steps_.set_target(pull_->target(state.beside));
    }
    while (state.epochs < options_.epochs && !has_run_out(state)) {
      auto const begin = clock::now();
      epoch_metrics metrics{.epoch = state.epochs, .learning_rate = options_.schedule.at(state.epochs)};
      if (!train_epoch(metrics, observer, stop)) return training_outcome::interrupted;
      auto const validation = steps_.measure(data_.validation);
      require_finite(validation.loss, metrics);
      metrics.validation_loss = validation.loss;
      metrics.validation_accuracy = validation.accuracy;
      metrics.best = state.best_epoch < 0 || data_.validation.empty() || validation.accuracy > state.best_accuracy;
      metrics.record = metrics.best && !data_.validation.empty();
      if (options_.dp) metrics.best = true;  // choosing an epoch by its accuracy is not accounted for
      metrics.seconds = seconds_since(begin);
      commit(metrics, state);
      if (observer.epoch) observer.epoch(metrics, state);
    }
    return training_outcome::finished;
  }

 private:
  using clock = std::chrono::steady_clock;
  using batches_type = decltype(data::make_batches<T>(std::declval<exec::context<E> const&>(),
      std::declval<Set const&>(), std::declval<typename Set::normalisation_type const&>(), 0));

  [[nodiscard]] static double seconds_since(clock::time_point begin) {
    return std::chrono::duration<double>(clock::now() - begin).count();
  }
  [[nodiscard]] int batch() const {
    return std::max(1, std::min(options_.batch, static_cast<int>(data_.training.size())));
  }
  /// Samples that are taken through the network at a time.
  [[nodiscard]] int most() const { return options_.dp ? std::max(1, std::min(options_.dp->part, batch())) : batch(); }
  [[nodiscard]] std::optional<private_gradient_settings> private_gradient() const {
    if (!options_.dp) return {};
    return private_gradient_settings{
        options_.dp->clip, options_.dp->noise, static_cast<double>(batch()), options_.dp->select};
  }
  [[nodiscard]] std::optional<keyed_adversary> adversary() const {
    if (!options_.adversary) return {};
    return keyed_adversary{*options_.adversary, stream(random::purpose::adversary_initialisation)};
  }
  [[nodiscard]] random::stream stream(random::purpose what) const {
    return {options_.seed, options_.role, what, options_.round};
  }
  [[nodiscard]] std::optional<data::augmentation> augmentation() const {
    auto a = options_.augmentation;
    if (a) a->stream = stream(random::purpose::augmentation);
    return a;
  }

  /// Whether the last epochs were not better than the best for too long.
  [[nodiscard]] bool has_run_out(training_state<T> const& state) const {
    return options_.patience >= 0 && state.best_epoch >= 0 && state.epochs - 1 - state.best_epoch > options_.patience;
  }

  static void require_finite(double loss, epoch_metrics const& now) {
    if (!std::isfinite(loss))
      throw error(errc::failed, message("the training diverged (the loss in epoch ", now.epoch,
                                    " is not finite) use a smaller learning rate than ", now.learning_rate));
  }

  /// One epoch; false if it was stopped.
  bool train_epoch(epoch_metrics& metrics, training_observer<T> const& observer, std::atomic<bool> const* stop) {
    auto const begin = clock::now();
    auto const epoch = static_cast<std::uint32_t>(metrics.epoch);
    auto const most = static_cast<std::size_t>(batch());
    if (!options_.dp) order_ = data::epoch_order(stream(random::purpose::order), epoch, data_.training);
    steps_.begin_epoch(epoch);
    double loss_sum = 0, done = 0;
    int correct = 0;
    batch_progress progress{.epoch = metrics.epoch, .epochs = options_.epochs};
    progress.batches = static_cast<int>((data_.training.size() + most - 1) / most);
    while (progress.batch < progress.batches) {
      if (stop != nullptr && stop->load(std::memory_order_relaxed)) return false;
      int const step = metrics.epoch * progress.batches + progress.batch;
      auto const count = choose(step, static_cast<std::size_t>(progress.batch) * most);
      if (options_.adversary) teach_adversary(metrics.epoch, static_cast<std::size_t>(progress.batch) * most, step);
      auto const [loss, hits] = take_step(step, metrics.learning_rate);
      require_finite(loss, metrics);
      loss_sum += loss * count;
      correct += hits;
      done += count;
      progress.batch_loss = loss;
      metrics.train_loss = progress.loss = loss_sum / std::max(done, 1.0);
      metrics.train_accuracy = progress.accuracy = correct / std::max(done, 1.0);
      ++progress.batch;
      progress.seconds = seconds_since(begin);
      metrics.images_per_second = progress.images_per_second = done / progress.seconds;
      if (observer.batch) observer.batch(progress);
    }
    return true;
  }

  /// The samples of step 0, 1, ... of the training, which begins at `first` of the epoch's order; their number.
  double choose(int step, std::size_t first) {
    if (options_.dp) {
      data::poisson_sampling const sampling(data_.training.size(), static_cast<std::size_t>(batch()));
      order_ = sampling.sample(stream(random::purpose::sampling), static_cast<std::uint32_t>(step), data_.training);
      now_ = order_;
    } else {
      now_ = std::span<std::uint32_t const>(order_).subspan(
          first, std::min(static_cast<std::size_t>(batch()), order_.size() - first));
    }
    return static_cast<double>(now_.size());
  }
  /// Before the step that begins at `first` of the epoch's order: the adversary's, with the next others of those that
  /// go round and round, in a new order each time.
  void teach_adversary(int epoch, std::size_t first, int step) {
    auto const& all = data_.validation;
    std::size_t const shown = static_cast<std::size_t>(epoch) * data_.training.size() + first;
    shown_.clear();
    for (std::size_t i = shown; i < shown + now_.size(); ++i) {
      if (shown_.empty() || i % all.size() == 0)
        others_ =
            data::epoch_order(stream(random::purpose::adversary), static_cast<std::uint32_t>(i / all.size()), all);
      shown_.push_back(others_[i % all.size()]);
    }
    auto const& adversary = *options_.adversary;
    steps_.teach_adversary(now_, shown_, epoch < adversary.warmup ? 0 : adversary.weight, step + 1);
  }
  batch_result take_step(int step, double learning_rate) {
    if (!options_.dp) return steps_.step(now_, learning_rate, step + 1);
    auto const number = static_cast<std::uint32_t>(step);
    steps_.begin_epoch(number);  // an image is augmented anew in each step that it enters
    return steps_.private_step(now_, learning_rate, step + 1, stream(random::purpose::dp_noise), number);
  }

  /// Makes the epoch that has just been trained the last finished one.
  void commit(epoch_metrics const& metrics, training_state<T>& state) const {
    steps_.store(state.last, state.optimiser);
    steps_.store_adversary(state.beside);
    if (pull_ != nullptr) {
      pull_->move(state.last.parameters, state.beside);
      steps_.set_target(pull_->target(state.beside));
    }
    ++state.epochs;
    if (!metrics.best) return;
    state.best = state.last;
    state.best_epoch = metrics.epoch;
    state.best_accuracy = metrics.validation_accuracy;
  }

  nn::network<T, Lanes> const* net_;
  training_data<Set> data_;
  training_options options_;
  std::vector<std::uint32_t> others_, shown_;  ///< all in their order, and those whom the step shows the adversary
  std::vector<std::uint32_t> order_;           ///< of the epoch; of private training what the step has drawn
  std::span<std::uint32_t const> now_{};       ///< the samples of the step
  stepper<E, T, Lanes, batches_type, Optimiser, Loss> steps_;
  weight_pull<T> const* pull_ = nullptr;
};

template <exec::policy E, class T, int Lanes, class Set>
trainer(E, nn::network<T, Lanes> const&, training_data<Set>, training_options const&) -> trainer<E, T, Lanes, Set>;
template <exec::policy E, class T, int Lanes, class Set>
trainer(exec::context<E>, nn::network<T, Lanes> const&, training_data<Set>, training_options const&)
    -> trainer<E, T, Lanes, Set>;
template <exec::policy E, class T, int Lanes, class Set, class Optimiser, class Loss = nn::cross_entropy_loss>
trainer(E, nn::network<T, Lanes> const&, training_data<Set>, training_options const&, Optimiser const&, Loss = {})
    -> trainer<E, T, Lanes, Set, Optimiser, Loss>;
template <exec::policy E, class T, int Lanes, class Set, class Optimiser, class Loss = nn::cross_entropy_loss>
trainer(exec::context<E>, nn::network<T, Lanes> const&, training_data<Set>, training_options const&, Optimiser const&,
    Loss = {}) -> trainer<E, T, Lanes, Set, Optimiser, Loss>;

}  // namespace papillon::train
