// SPDX-License-Identifier: MIT
/// \file discriminator.hpp
/// A ReLU perceptron that tells members from non-members: hidden layers, then one logit, "member" where it is positive.
/// Trained with Adam on the mean binary cross-entropy; weights and biases start uniform in +-1/sqrt(fan-in). The order
/// of the samples in an epoch and the initial weights depend on the seed alone, so results do not depend on
/// threads. Whatever runs batches calls before_batch(), if given, before each; what that throws ends the work.
#pragma once

#include <algorithm>
#include <cstdio>
#include <functional>

#include <papillon/data/batches.hpp>
#include <papillon/data/epoch_order.hpp>
#include <papillon/error.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/perceptron.hpp>
#include <papillon/privacy/samples.hpp>
#include <papillon/train/adam.hpp>
#include <papillon/train/evaluate.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// One discriminator and how it is trained.
struct discriminator_settings {
  std::vector<int> hidden{30};  ///< neurons of each hidden layer
  double learning_rate = 0.001;
  int epochs = 80;
  int batch = 256;           ///< the last batch of an epoch is what is left
  bool standardise = false;  ///< features shifted and scaled to mean 0, deviation 1 on the samples it is trained on
};

/// "30-30 lr 0.001".
[[nodiscard]] inline std::string name_of(discriminator_settings const& s) {
  std::string name;
  for (int n : s.hidden) name.append(name.empty() ? "" : "-").append(std::to_string(n));
  char rate[32];
  std::snprintf(rate, sizeof rate, "%g", s.learning_rate);
  return name.append(" lr ").append(rate);
}

/// What the settings make of the features of the samples that are trained on. Throws papillon::error (usage) if
/// settings or samples cannot be trained with.
[[nodiscard]] inline data::column_scaling scaling_of(
    samples const& data, std::span<std::uint32_t const> rows, discriminator_settings const& s) {
  if (rows.empty()) throw error(errc::usage, "discriminator: no samples to train on (a split left them all out)");
  if (s.batch < 1) throw error(errc::usage, message("discriminator: batches of ", s.batch, " (at least one)"));
  return s.standardise ? standardised(data, rows) : data::column_scaling{};
}

template <exec::policy E> class discriminator {
 public:
  static constexpr int lanes = exec::lanes_of<E, float>;

  /// Trains on the given rows of `data`. The seed keys initial weights and order.
  discriminator(exec::context<E> const& where, samples const& data, std::span<std::uint32_t const> rows,
      discriminator_settings const& settings, std::uint64_t seed, std::function<void()> const& before_batch = {})
      : where_(where), network_(nn::make_perceptron<float, lanes>(static_cast<int>(data.width()), settings.hidden, 1)),
        weights_(nn::initialise(network_, {seed, 1, random::purpose::discriminator_initialisation})),
        scaling_(scaling_of(data, rows, settings)) {
    fit(data, rows, settings, {seed, 1, random::purpose::discriminator_order}, before_batch);
  }

  [[nodiscard]] nn::network<float, lanes> const& network() const { return network_; }
  [[nodiscard]] nn::weights<float> const& weights() const { return weights_; }

  /// The logit of each of the given rows; positive: a member.
  [[nodiscard]] std::vector<float> scores(
      samples const& data, std::span<std::uint32_t const> rows, std::function<void()> const& before_batch = {}) const {
    std::vector<float> all(rows.size());
    train::evaluator<E, float, lanes>(where_, network_, 1024)
        .logits(weights_, view_of(data), rows, std::span(all), scaling_, before_batch);
    return all;
  }
  [[nodiscard]] std::vector<float> scores(samples const& data, std::function<void()> const& before_batch = {}) const {
    return scores(data, all_rows(data), before_batch);
  }

 private:
  [[nodiscard]] static data::vector_view view_of(samples const& data) {
    return {std::span(data.features.data(), data.features.size()), data.members, static_cast<int>(data.width())};
  }

  void fit(samples const& data, std::span<std::uint32_t const> rows, discriminator_settings const& settings,
      random::stream const& order_stream, std::function<void()> const& before_batch) {
    int const most = static_cast<int>(std::min(static_cast<std::size_t>(settings.batch), rows.size()));
    train::stepper<E, float, lanes, data::vector_batches<E>, train::adam_settings, nn::binary_cross_entropy_loss> steps(
        where_, network_, {where_, view_of(data), scaling_, most}, most, {});
    std::vector<float> moments(steps.state_size(network_));
    steps.load(weights_, moments);
    int t = 0;
    for (int epoch = 0; epoch < settings.epochs; ++epoch) {
      auto const order = data::epoch_order(order_stream, static_cast<std::uint32_t>(epoch), rows);
      train::for_each_part(order, most, [&](std::span<std::uint32_t const> batch) {
        if (before_batch) before_batch();
        steps.start(batch, settings.learning_rate, ++t);
      });
    }
    steps.store(weights_, moments);
  }

  exec::context<E> where_;
  nn::network<float, lanes> network_;
  nn::weights<float> weights_;
  data::column_scaling scaling_;
};

template <exec::policy E>
discriminator(E, samples const&, std::span<std::uint32_t const>, discriminator_settings const&, std::uint64_t,
    std::function<void()> const& = {}) -> discriminator<E>;
template <exec::policy E>
discriminator(E, samples const&, std::vector<std::uint32_t> const&, discriminator_settings const&, std::uint64_t,
    std::function<void()> const& = {}) -> discriminator<E>;

}  // namespace papillon::privacy
