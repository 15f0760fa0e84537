// SPDX-License-Identifier: MIT
/// \file stepper.hpp
/// The steps of a training, one batch at a time: samples in, forward, loss, backward, optimiser. Values, gradient and
/// what the optimiser remembers stay where the work runs; the launches of a step are recorded once for each size of a
/// batch. What trainers of networks and of discriminators share; epochs, order and validation are theirs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include <papillon/data/batches.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/train/optimiser.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// What a batch came to.
struct batch_result {
  double loss = 0;  ///< mean over its samples
  int correct = 0;
};

/// Sums of a number of batches over `samples`; a loss is rounded to T batch by batch, as networks compute in T.
struct evaluation {
  double loss = 0;      ///< mean loss
  double accuracy = 0;  ///< a fraction
};

/// Values of a network where work runs.
template <exec::policy E, class T> struct resident_weights {
  resident_weights(exec::context<E> const& where, std::size_t parameter_count, std::size_t state_count)
      : parameters(where.template make<T>(parameter_count)), state(where.template make<T>(state_count)) {}
  void load(nn::weights<T> const& w) const {
    parameters.upload(w.parameters);
    state.upload(w.state);
  }
  void store(nn::weights<T>& w) const {
    parameters.download(w.parameters);
    state.download(w.state);
  }
  exec::memory<T> parameters, state;
};

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

/// Batch: data::image_batches or the like. Not movable: recorded steps refer to it.
template <exec::policy E, class T, int Lanes, class Batches, class Optimiser, class Loss> class stepper {
  static_assert(data::batches_at<Batches, exec::place_of<E>, T, Lanes>);
  static_assert(optimiser<Optimiser, T> && nn::loss<Loss>);

 public:
  using place_type = exec::place_of<E>;
  using network_type = nn::network<T, Lanes>;

  /// most: samples of the largest batch. The network and what `batches` reads must outlive it.
  stepper(exec::context<E> const& where, network_type const& net, Batches batches, int most, Optimiser const& optimiser)
      : where_(where), net_(&net), batches_(std::move(batches)), optimiser_(optimiser),
        run_(where, net, most, nn::mode::train), values_(where, net.parameter_count(), net.state_count()),
        gradient_(where.template make<T>(net.parameter_count())), memory_(where.template make<T>(state_size(net))),
        constants_(where.template make<T>(optimiser.template constants<T>(1.0, 1).size())),
        input_(where.template make<T>(packed(net.input(), most))),
        dlogits_(where.template make<T>(packed(net.output(), most))), loss_(where, most) {}
  stepper(stepper const&) = delete;
  stepper& operator=(stepper const&) = delete;

  /// Numbers that the optimiser remembers.
  [[nodiscard]] static std::size_t state_size(network_type const& net) {
    return Optimiser::state_names.size() * net.parameter_count();
  }
  [[nodiscard]] int most() const { return run_.max_images(); }

  void load(nn::weights<T> const& w, std::span<T const> optimiser_state) const {
    values_.load(w);
    memory_.upload(optimiser_state);
  }
  void store(nn::weights<T>& w, std::span<T> optimiser_state) const {
    values_.store(w);
    memory_.download(optimiser_state);
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

  /// How the values as they are now do, in evaluation and without augmentation.
  evaluation measure(std::span<std::uint32_t const> indices) {
    double loss = 0, correct = 0;
    auto const count = static_cast<double>(std::max<std::size_t>(1, indices.size()));
    while (!indices.empty()) {
      auto const part = indices.first(std::min(static_cast<std::size_t>(most()), indices.size()));
      batches_.choose(part);
      run_recorded(
          measurements_, part.size(), [this](place_type const& at, int samples) { launch_measurement(at, samples); });
      auto const r = loss_.read(static_cast<int>(part.size()));
      loss += r.loss * static_cast<double>(part.size());
      correct += r.correct;
      indices = indices.subspan(part.size());
    }
    return {loss / count, correct / count};
  }

 private:
  using recordings = std::map<int, exec::recorded<place_type>>;  ///< by number of samples

  [[nodiscard]] static std::size_t packed(shape s, int images) {
    return static_cast<std::size_t>(exec::blocks_for(images, Lanes)) * static_cast<std::size_t>(s.size()) * Lanes;
  }
  /// On the host a recording is the function itself, so nothing is kept.
  template <class Launch> void run_recorded(recordings& all, std::size_t samples, Launch const& launch) {
    auto const n = static_cast<int>(samples);
    if constexpr (!exec::device_policy<E>) return launch(where_.place(), n);
    auto& r = all[n];
    if (r.empty()) r = where_.record([launch, n](place_type const& at) { launch(at, n); });
    r.run();
  }

  void launch_step(place_type const& at, int samples) {
    tensor_view<T, Lanes> const x(input_.data(), net_->input(), samples),
        dlogits(dlogits_.data(), net_->output(), samples);
    batches_.fill(at, true, x);
    loss_.launch(at, batches_,
        run_.launch_forward(at, values_.parameters.view(), values_.state.view(), nn::mode::train, x), dlogits);
    run_.launch_backward(at, values_.parameters.view(), dlogits, gradient_.view());
    auto const count = static_cast<int>(net_->parameter_count());
    optimiser_buffers<T> const b{.gradient = gradient_.data(),
        .state = memory_.data(),
        .weights = values_.parameters.data(),
        .constants = constants_.data(),
        .count = count};
    exec::for_each(at, count, optimiser_.step(b));
  }
  void launch_measurement(place_type const& at, int samples) {
    tensor_view<T, Lanes> const x(input_.data(), net_->input(), samples);
    batches_.fill(at, false, x);
    loss_.launch(at, batches_,
        run_.launch_forward(at, values_.parameters.view(), values_.state.view(), nn::mode::eval, x),
        tensor_view<T, Lanes>());
  }

  exec::context<E> where_;
  network_type const* net_;
  Batches batches_;
  Optimiser optimiser_;
  nn::runner<E, T, Lanes> run_;
  resident_weights<E, T> values_;
  exec::memory<T> gradient_, memory_, constants_, input_, dlogits_;
  batch_loss<E, T, Loss> loss_;
  recordings steps_, measurements_;
};

}  // namespace papillon::train
