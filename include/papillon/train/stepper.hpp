// SPDX-License-Identifier: MIT
/// \file stepper.hpp
/// The steps of a training, one batch at a time: samples in, forward, loss, backward, optimiser. Values, gradient and
/// what the optimiser remembers stay where the work runs; the launches of a step are recorded once for each size of a
/// batch. A step of differentially private training takes a batch of any size in parts. What trainers of networks and
/// of discriminators share; epochs, order and validation are theirs.
#pragma once

#include <algorithm>
#include <map>

#include <papillon/data/batches.hpp>
#include <papillon/error.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/kernels/paired_divergence.hpp>
#include <papillon/train/membership_adversary.hpp>
#include <papillon/train/optimiser.hpp>
#include <papillon/train/private_gradient.hpp>
#include <papillon/train/resident_network.hpp>
#include <papillon/train/weight_pull.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// What a batch came to.
struct batch_result {
  double loss = 0;  ///< mean over its samples
  int correct = 0;
};

/// Of a number of samples; a loss is rounded to T batch by batch, as networks compute in T.
struct evaluation {
  double loss = 0;      ///< mean loss
  double accuracy = 0;  ///< a fraction
};

/// f(part) for consecutive parts of at most `most` of the samples.
template <class F> void for_each_part(std::span<std::uint32_t const> indices, int most, F const& f) {
  while (!indices.empty()) {
    auto const part = indices.first(std::min(static_cast<std::size_t>(most), indices.size()));
    f(part);
    indices = indices.subspan(part.size());
  }
}

/// f(part) -> batch_result for consecutive parts of at most `most` of the samples, and what they come to.
template <class F>
[[nodiscard]] evaluation measure_by_parts(std::span<std::uint32_t const> indices, int most, F const& f) {
  double loss = 0, correct = 0;
  auto const count = static_cast<double>(std::max<std::size_t>(1, indices.size()));
  for_each_part(indices, most, [&](std::span<std::uint32_t const> part) {
    batch_result const r = f(part);
    loss += r.loss * static_cast<double>(part.size());
    correct += r.correct;
  });
  return {loss / count, correct / count};
}

/// How many classes a network tells apart with a loss; one of the user's own takes any label.
template <class Loss> [[nodiscard]] int classes_of(int outputs) {
  if constexpr (std::same_as<Loss, nn::cross_entropy_loss>) return outputs;
  else if constexpr (std::same_as<Loss, nn::binary_cross_entropy_loss>) return 2;
  else return 256;
}

/// Throws papillon::error (bad_input) unless the samples that `indices` names exist and their labels are below
/// `classes`.
template <class Set> void check_labels(Set const& set, std::span<std::uint32_t const> indices, int classes) {
  for (std::uint32_t const i : indices) {
    if (i >= set.size())
      throw error(errc::bad_input, message("there is no sample ", i, " (the set has ", set.size(),
                                       ") name samples by their positions in the set"));
    if (set.labels[i] >= classes)
      throw error(
          errc::bad_input, message("sample ", i, " has the label ", int{set.labels[i]}, " (the network tells ", classes,
                               " classes apart) give the network more outputs or leave the sample out"));
  }
}

/// Losses of a batch, image by image, and their sum in that order.
template <exec::policy E, class T, class Loss> class batch_loss {
 public:
  batch_loss(exec::context<E> const& where, int most)
      : losses_(where.template make<double>(static_cast<std::size_t>(most))),
        hits_(where.template make<std::uint8_t>(static_cast<std::size_t>(most))),
        host_losses_(static_cast<std::size_t>(most)), host_hits_(static_cast<std::size_t>(most)) {}

  /// Starts the work on the logits of the chosen samples of `batches`; dlogits may be empty.
  template <class Batches, int L>
  void launch(exec::place_of<E> const& at, Batches const& batches, tensor_view<T const, L> logits,
      tensor_view<T, L> dlogits) const {
    nn::loss_batch<T> const b{.logits = logits.data(),
        .labels = batches.labels(),
        .indices = batches.indices(),
        .dlogits = dlogits.data(),
        .losses = losses_.data(),
        .hits = hits_.data(),
        .classes = logits.extent().size(),
        .images = logits.images(),
        .lanes = L};
    exec::for_each(at, b.count(), typename Loss::template value<T>{b});
  }
  [[nodiscard]] batch_result read(int samples) {
    auto const n = static_cast<std::size_t>(samples);
    losses_.download(std::span(host_losses_).first(n));
    hits_.download(std::span(host_hits_).first(n));
    double sum = 0;
    batch_result r;
    for (std::size_t i = 0; i < n; ++i) {
      sum += host_losses_[i];
      r.correct += host_hits_[i];
    }
    r.loss = static_cast<double>(static_cast<T>(sum / samples));
    return r;
  }

 private:
  exec::memory<double> losses_;
  exec::memory<std::uint8_t> hits_;
  std::vector<double> host_losses_;
  std::vector<std::uint8_t> host_hits_;
};

/// An adversary of a training, and what keys its initial weights.
struct keyed_adversary {
  adversary_options options{};
  random::stream stream{};
};

/// What a step is beyond forward, loss, backward and optimiser.
struct step_options {
  nn::storage kept = nn::storage::full;
  std::optional<private_gradient_settings> privacy{};  ///< then steps are private_step's
  double paired_divergence = 0;  ///< weight of PPB's penalty on unlike answers (nn/kernels/paired_divergence.hpp)
  std::optional<keyed_adversary> adversary{};  ///< then every step has a lesson before it
};

/// Batch: data::image_batches or the like. Not movable: recorded steps refer to it.
template <exec::policy E, class T, int Lanes, class Batches, class Optimiser, class Loss> class stepper {
  static_assert(data::batches_at<Batches, exec::place_of<E>, T, Lanes>);
  static_assert(optimiser<Optimiser, T> && nn::loss<Loss>);

 public:
  using place_type = exec::place_of<E>;
  using network_type = nn::network<T, Lanes>;

  /// most: samples of the largest batch, or with privacy of a part of one. The network and what `batches` reads must
  /// outlive it. Throws papillon::error (usage) for settings that make no step, for privacy of a network with a layer
  /// without gradients of single images or with a penalty that mixes images.
  stepper(exec::context<E> const& where, network_type const& net, Batches batches, int most, Optimiser const& optimiser,
      step_options const& options = {})
      : where_(where), batches_(std::move(batches)), optimiser_(optimiser), penalty_(options.paired_divergence),
        net_(where, net, most, nn::mode::train, options.kept), gradient_(where.template make<T>(net.parameter_count())),
        memory_(where.template make<T>(state_size(net))),
        constants_(where.template make<T>(optimiser.template constants<T>(1.0, 1).size())),
        dlogits_(where.template make<T>(net_.packed(net.output(), most))), loss_(where, most) {
    if (penalty_ != 0) order_ = where.template make<int>(static_cast<std::size_t>(most * net.output().size()));
    if (options.adversary)
      adversary_.emplace(
          where, net_.net().output().size(), most, options.adversary->options, options.adversary->stream);
    if (!options.privacy) return;
    if (penalty_ != 0)
      throw error(errc::usage,
          "private training cannot have a penalty on pairs of images (no image has a gradient of its own then) leave "
          "one of them out");
    if (options.adversary)
      throw error(errc::usage,
          "private training cannot have an adversary (what it has seen of other steps' images is not accounted for) "
          "leave one of them out");
    require_image_gradients(net);
    private_.emplace(where, *options.privacy, nn::learned_parameters(net), most);
  }
  stepper(stepper const&) = delete;
  stepper& operator=(stepper const&) = delete;

  /// Numbers that the optimiser remembers.
  [[nodiscard]] static std::size_t state_size(network_type const& net) {
    return Optimiser::state_names.size() * net.parameter_count();
  }
  [[nodiscard]] int most() const { return net_.most(); }

  void load(nn::weights<T> const& w, std::span<T const> optimiser_state) const {
    net_.load(w);
    memory_.upload(optimiser_state);
  }
  void store(nn::weights<T>& w, std::span<T> optimiser_state) const {
    net_.store(w);
    memory_.download(optimiser_state);
  }

  /// In the steps that follow strength (w - target) is added to the gradient where `pulled` is 1; the target is what
  /// set_target was last given. One of each for a parameter.
  void pull(double strength, std::span<std::uint8_t const> pulled) {
    pull_ = strength;
    pulled_ = where_.template make<std::uint8_t>(pulled.size());
    pulled_.upload(pulled);
    target_ = where_.template make<T>(pulled.size());
    steps_.clear();
  }
  void set_target(std::span<T const> target) const { target_.upload(target); }

  /// The adversary as a training begins, or as one that stands where `beside` says goes on.
  void begin_adversary() const {
    if (adversary_) adversary_->begin();
  }
  void load_adversary(named_arrays<T> const& beside) const {
    if (adversary_) adversary_->load(beside);
  }
  void store_adversary(named_arrays<T>& beside) const {
    if (adversary_) adversary_->store(beside);
  }

  /// Of the augmentation, for the steps that follow.
  void begin_epoch(std::uint32_t epoch) { batches_.set_epoch(epoch); }

  /// One step on the samples that `indices` names, step t = 1, 2, ... of the training.
  batch_result step(std::span<std::uint32_t const> indices, double learning_rate, int t) {
    start(indices, learning_rate, t);
    return loss_.read(static_cast<int>(indices.size()));
  }
  /// The same where nobody asks how it went.
  void start(std::span<std::uint32_t const> indices, double learning_rate, int t) {
    auto const constants = optimiser_.template constants<T>(learning_rate, t);
    constants_.upload(constants);
    batches_.choose(indices);
    run_recorded(steps_, indices.size(), [this](place_type const& at, int samples) { launch_step(at, samples); });
  }

  /// Before step t on the samples of `members`: a step of the adversary on them and on as many others, all augmented as
  /// in training but through the network as it evaluates, so that it learns nothing of the others. weight: of the
  /// penalty in the step that follows.
  void teach_adversary(
      std::span<std::uint32_t const> members, std::span<std::uint32_t const> others, double weight, int t) {
    adversary_->set_step(weight, t);
    batches_.choose(others);
    run_recorded(others_, others.size(), [this](place_type const& at, int samples) {
      adversary_->launch_input(at, batches_, forward(at, nn::mode::eval, samples, true), 0, false);
    });
    batches_.choose(members);
    run_recorded(lessons_, members.size(), [this](place_type const& at, int samples) {
      adversary_->launch_input(at, batches_, forward(at, nn::mode::eval, samples, true), samples, true);
      adversary_->launch_step(at, 2 * samples);
    });
  }

  /// One step of DP-SGD on the samples that were drawn, of any number: the gradient of private_gradient.hpp. Noise and
  /// selection are functions of the seed, role and round of `key` and of the step; parts, and so the order of sums,
  /// depend on the number of samples alone.
  batch_result private_step(std::span<std::uint32_t const> indices, double learning_rate, int t,
      random::stream const& key, std::uint32_t step) {
    auto const stream = [&](random::purpose what) { return random::stream{key.seed, key.role, what, key.round}; };
    private_->select(where_.place(), stream(random::purpose::dp_selection), step);
    auto const constants = optimiser_.template constants<T>(learning_rate, t);
    constants_.upload(constants);
    gradient_.clear();
    auto const count = static_cast<int>(indices.size()), parts = exec::blocks_for(count, most());
    int const part_size = parts == 0 ? most() : std::min(most(), exec::blocks_for(count, parts * Lanes) * Lanes);
    batch_result all;
    for_each_part(indices, part_size, [&](std::span<std::uint32_t const> part) {
      batches_.choose(part);
      run_recorded(parts_, part.size(), [this](place_type const& at, int samples) { launch_part(at, samples); });
      batch_result const r = loss_.read(static_cast<int>(part.size()));
      all.loss += r.loss * static_cast<double>(part.size()) / count;
      all.correct += r.correct;
    });
    private_->finish(where_.place(), stream(random::purpose::dp_noise), step, gradient_.view());
    launch_optimiser(where_.place());
    return all;
  }

  /// How the values as they are now do, in evaluation and without augmentation.
  evaluation measure(std::span<std::uint32_t const> indices) {
    return measure_by_parts(
        indices, most(),
        [&](std::span<std::uint32_t const> part) {
          batches_.choose(part);
          run_recorded(
              measurements_, part.size(),
              [this](place_type const& at, int samples) { launch_measurement(at, samples); });
          return loss_.read(static_cast<int>(part.size()));
        });
  }

 private:
  using recordings = std::map<int, exec::recorded<place_type>>;  ///< by number of samples

  /// On the host a recording is the function itself, so nothing is kept.
  template <class Launch> void run_recorded(recordings& all, std::size_t samples, Launch const& launch) {
    auto const n = static_cast<int>(samples);
    if constexpr (!exec::device_policy<E>) return launch(where_.place(), n);
    auto& r = all[n];
    if (r.empty()) r = where_.record([launch, n](place_type const& at) { launch(at, n); });
    r.run();
  }

  void launch_step(place_type const& at, int samples) {
    tensor_view<T, Lanes> const dlogits(dlogits_.data(), net_.net().output(), samples);
    auto const logits = forward(at, nn::mode::train, samples, true);
    loss_.launch(at, batches_, logits, dlogits);
    if (adversary_) adversary_->launch_penalty(at, batches_, logits, dlogits);
    if (penalty_ != 0) {
      int const classes = logits.extent().size();
      exec::for_each(at, samples, nn::sorted_classes<T>{logits.data(), order_.data(), classes, Lanes});
      exec::for_each(at, samples / 2,
          nn::paired_divergence_derivative<T>{
              logits.data(), dlogits.data(), order_.data(), static_cast<T>(penalty_), classes, samples, Lanes});
    }
    net_.launch_backward(at, dlogits, gradient_.view());
    launch_optimiser(at);
  }
  /// The clipped gradients of some samples, added to the gradient. The loss is a mean over them.
  void launch_part(place_type const& at, int samples) {
    tensor_view<T, Lanes> const dlogits(dlogits_.data(), net_.net().output(), samples);
    loss_.launch(at, batches_, forward(at, nn::mode::train, samples, true), dlogits);
    net_.launch_backward(at, dlogits, private_->rows(samples));
    private_->add_clipped(at, samples, samples, gradient_.view());
  }
  void launch_optimiser(place_type const& at) {
    auto const count = static_cast<int>(gradient_.size());
    if (pull_ != 0)
      exec::for_each(at, count,
          pulled_gradient<T>{
              net_.parameters(), target_.data(), pulled_.data(), gradient_.data(), static_cast<T>(pull_)});
    optimiser_buffers<T> const b{.gradient = gradient_.data(),
        .state = memory_.data(),
        .weights = net_.parameters(),
        .constants = constants_.data(),
        .count = count};
    exec::for_each(at, count, optimiser_.step(b));
  }
  void launch_measurement(place_type const& at, int samples) {
    loss_.launch(at, batches_, forward(at, nn::mode::eval, samples, false), tensor_view<T, Lanes>());
  }
  /// Logits of the chosen samples.
  tensor_view<T const, Lanes> forward(place_type const& at, nn::mode how, int samples, bool augmented) {
    auto const x = net_.input(samples);
    batches_.fill(at, augmented, x);
    return net_.launch_forward(at, how, x);
  }

  exec::context<E> where_;
  Batches batches_;
  Optimiser optimiser_;
  double penalty_, pull_ = 0;
  resident_network<E, T, Lanes> net_;
  exec::memory<T> gradient_, memory_, constants_, dlogits_, target_;
  exec::memory<std::uint8_t> pulled_;
  exec::memory<int> order_;  ///< of the classes, where the penalty pairs them
  batch_loss<E, T, Loss> loss_;
  std::optional<private_gradients<E, T, Lanes>> private_;
  std::optional<membership_adversary<E, T, Lanes>> adversary_;
  recordings steps_, parts_, measurements_, others_, lessons_;
};

}  // namespace papillon::train
