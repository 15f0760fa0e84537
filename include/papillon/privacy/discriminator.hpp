// SPDX-License-Identifier: MIT
/// \file discriminator.hpp
/// A ReLU perceptron that tells members from non-members: hidden layers, then one logit, "member" where it is positive.
/// Trained with Adam on the mean binary cross-entropy; weights and biases start uniform in +-1/sqrt(fan-in). The order
/// of the samples in an epoch and the initial weights depend on the seed alone, so results do not depend on policy
/// threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <papillon/data/batches.hpp>
#include <papillon/error.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/perceptron.hpp>
#include <papillon/privacy/feature_scaling.hpp>
#include <papillon/privacy/samples.hpp>
#include <papillon/random/distributions.hpp>
#include <papillon/random/engine.hpp>
#include <papillon/train/adam.hpp>
#include <papillon/train/stepper.hpp>

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
      discriminator_settings const& settings, std::uint64_t seed)
      : where_(where), network_(nn::make_perceptron<float, lanes>(static_cast<int>(data.width()), settings.hidden, 1)),
        weights_(nn::initialise(network_, {seed, 1, random::purpose::discriminator_initialisation})),
        scaling_(scaling_of(data, rows, settings)) {
    fit(data, rows, settings, {seed, 1, random::purpose::discriminator_order});
  }

  [[nodiscard]] nn::network<float, lanes> const& network() const { return network_; }
  [[nodiscard]] nn::weights<float> const& weights() const { return weights_; }

  /// The logit of each of the given rows; positive: a member.
  [[nodiscard]] std::vector<float> scores(samples const& data, std::span<std::uint32_t const> rows) const {
    constexpr std::size_t most = 1024;
    auto batches = batches_of(data, static_cast<int>(most));
    nn::runner<E, float, lanes> run(where_, network_, static_cast<int>(most), nn::mode::eval);
    train::resident_weights<E, float> const values(where_, network_.parameter_count(), network_.state_count());
    values.load(weights_);
    auto const x = where_.template make<float>(data.width() * ((most + lanes - 1) / lanes * lanes));
    std::vector<float> all(rows.size());
    for (std::size_t first = 0; first < rows.size(); first += most) {
      auto const batch = rows.subspan(first, std::min(most, rows.size() - first));
      tensor_view<float, lanes> const in(x.data(), network_.input(), static_cast<int>(batch.size()));
      batches.choose(batch);
      batches.fill(where_.place(), false, in);
      auto const logits =
          run.launch_forward(where_.place(), values.parameters.view(), values.state.view(), nn::mode::eval, in);
      x.download_from(logits.data(), std::span(all).subspan(first, batch.size()));  // a logit a sample: packed is dense
    }
    return all;
  }
  [[nodiscard]] std::vector<float> scores(samples const& data) const { return scores(data, all_rows(data)); }

 private:
  [[nodiscard]] data::vector_batches<E> batches_of(samples const& data, int most) const {
    return {where_, std::span<float const>(data.features.data(), data.features.size()), data.members,
        static_cast<int>(data.width()), scaling_, most};
  }

  void fit(samples const& data, std::span<std::uint32_t const> rows, discriminator_settings const& settings,
      random::stream const& order_stream) {
    auto const most = std::min(static_cast<std::size_t>(settings.batch), rows.size());
    train::stepper<E, float, lanes, data::vector_batches<E>, train::adam_settings, nn::binary_cross_entropy_loss> steps(
        where_, network_, batches_of(data, static_cast<int>(most)), static_cast<int>(most), {});
    std::vector<float> moments(steps.state_size(network_));
    steps.load(weights_, moments);
    std::vector<std::uint32_t> order(rows.begin(), rows.end());
    int t = 0;
    for (int epoch = 0; epoch < settings.epochs; ++epoch) {
      std::copy(rows.begin(), rows.end(), order.begin());
      random::engine engine(order_stream, static_cast<std::uint32_t>(epoch));
      random::shuffle(engine, order);
      for (std::size_t first = 0; first < order.size(); first += most)
        steps.start(std::span<std::uint32_t const>(order).subspan(first, std::min(most, order.size() - first)),
            settings.learning_rate, ++t);
    }
    steps.store(weights_, moments);
  }

  exec::context<E> where_;
  nn::network<float, lanes> network_;
  nn::weights<float> weights_;
  data::column_scaling scaling_;
};

template <exec::policy E>
discriminator(E, samples const&, std::span<std::uint32_t const>, discriminator_settings const&, std::uint64_t)
    -> discriminator<E>;
template <exec::policy E>
discriminator(E, samples const&, std::vector<std::uint32_t> const&, discriminator_settings const&, std::uint64_t)
    -> discriminator<E>;

}  // namespace papillon::privacy
