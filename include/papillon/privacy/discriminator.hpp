// SPDX-License-Identifier: MIT
/// \file discriminator.hpp
/// A ReLU perceptron that tells members from non-members: hidden layers, then one logit, "member" where it is positive.
/// Trained with Adam on the mean binary cross-entropy; weights and biases start uniform in +-1/sqrt(fan-in). The order
/// of the samples in an epoch and the initial weights depend on the seed alone, so results do not depend on policy
/// threads.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <xtensor/xtensor.hpp>

#include <papillon/error.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/run/run.hpp>
#include <papillon/privacy/feature_scaling.hpp>
#include <papillon/privacy/samples.hpp>
#include <papillon/random/distributions.hpp>
#include <papillon/structure/dense.hpp>
#include <papillon/train/adam.hpp>

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
[[nodiscard]] inline feature_scaling scaling_of(samples const& data, std::span<std::uint32_t const> rows,
                                                discriminator_settings const& s) {
  if (rows.empty()) throw error(errc::usage, "discriminator: no samples to train on (a split left them all out)");
  if (s.batch < 1) throw error(errc::usage, "discriminator: batches of " + std::to_string(s.batch) + " (at least one)");
  return s.standardise ? feature_scaling(data, rows) : feature_scaling(data.width());
}

/// Linear layers with ReLU between them, from `inputs` numbers to one logit. Layers are named as in a
/// torch.nn.Sequential.
template <int Lanes = native_lanes<float>>
[[nodiscard]] nn::network<float, Lanes> make_perceptron(int inputs, std::vector<int> const& hidden) {
  nn::network<float, Lanes> net({inputs, 1, 1});
  for (int n : hidden) {
    if (n < 1)
      throw error(errc::usage, "discriminator: a hidden layer of " + std::to_string(n) + " neurons (at least one)");
    net.add(std::to_string(net.size()), nn::linear<dense>(dense(n, inputs)));
    net.add(std::to_string(net.size()), nn::relu({n, 1, 1}));
    inputs = n;
  }
  net.add(std::to_string(net.size()), nn::linear<dense>(dense(1, inputs)));
  return net;
}

template <exec::policy Policy>
class discriminator {
 public:
  /// Trains on the given rows of `data`. The seed keys initial weights and order.
  discriminator(Policy const& policy, samples const& data, std::span<std::uint32_t const> rows,
                discriminator_settings const& settings, std::uint64_t seed)
      : policy_(policy), network_(make_perceptron(static_cast<int>(data.width()), settings.hidden)),
        weights_(nn::initialise(network_, {seed, 1, random::purpose::discriminator_initialisation})),
        scaling_(scaling_of(data, rows, settings)) {
    fit(data, rows, settings, {seed, 1, random::purpose::discriminator_order});
  }

  [[nodiscard]] nn::network<float> const& network() const { return network_; }
  [[nodiscard]] nn::weights<float> const& weights() const { return weights_; }

  /// The logit of each of the given rows; positive: a member.
  [[nodiscard]] std::vector<float> scores(samples const& data, std::span<std::uint32_t const> rows) const {
    constexpr std::size_t most = 1024;
    nn::workspace<float> workspace(policy_, network_, static_cast<int>(most), nn::mode::eval);
    std::vector<float> all;
    all.reserve(rows.size());
    for (std::size_t first = 0; first < rows.size(); first += most) {
      auto const batch = rows.subspan(first, std::min(most, rows.size() - first));
      tensor<float> x({static_cast<int>(data.width()), 1, 1}, static_cast<int>(batch.size()));
      gather(data, batch, x.view());
      auto const logits = nn::forward(policy_, network_, weights_, x.cview(), workspace);
      for (int n = 0; n < logits.images(); ++n) all.push_back(logits.at(n, 0));
    }
    return all;
  }
  [[nodiscard]] std::vector<float> scores(samples const& data) const { return scores(data, all_rows(data)); }

 private:
  static constexpr int lanes = native_lanes<float>;

  /// Rows of features side by side in the lanes of x; the padding of a fresh tensor stays zero.
  void gather(samples const& data, std::span<std::uint32_t const> rows, tensor_view<float, lanes> x) const {
    for (int n = 0; n < x.images(); ++n) {
      auto const row = data.row(rows[static_cast<std::size_t>(n)]);
      float* const to = x.block(n / lanes) + n % lanes;
      for (std::size_t j = 0; j < row.size(); ++j)
        to[static_cast<std::ptrdiff_t>(j) * x.row_stride()] = (row[j] - scaling_.shift[j]) * scaling_.scale[j];
    }
  }

  void fit(samples const& data, std::span<std::uint32_t const> rows, discriminator_settings const& settings,
           random::stream const& order_stream) {
    std::size_t const most = std::min(static_cast<std::size_t>(settings.batch), rows.size());
    nn::workspace<float> workspace(policy_, network_, static_cast<int>(most), nn::mode::train);
    train::adam_settings const adam{.learning_rate = settings.learning_rate};
    train::adam_state<float> state(network_.parameter_count());
    std::vector<float> gradient(network_.parameter_count());
    shape const in{static_cast<int>(data.width()), 1, 1};
    std::size_t const rest = rows.size() % most;
    tensor<float> full(in, static_cast<int>(most)), part(in, static_cast<int>(rest));
    tensor<float> dfull({1, 1, 1}, static_cast<int>(most)), dpart({1, 1, 1}, static_cast<int>(rest));
    std::vector<std::uint8_t> targets(most);
    std::vector<std::uint32_t> order(rows.begin(), rows.end());
    for (int epoch = 0; epoch < settings.epochs; ++epoch) {
      std::copy(rows.begin(), rows.end(), order.begin());
      random::engine engine(order_stream, static_cast<std::uint32_t>(epoch));
      random::shuffle(engine, order);
      for (std::size_t first = 0; first < order.size(); first += most) {
        auto const batch = std::span<std::uint32_t const>(order).subspan(first, std::min(most, order.size() - first));
        bool const whole = batch.size() == most;
        auto const x = whole ? full.view() : part.view(), dlogits = whole ? dfull.view() : dpart.view();
        gather(data, batch, x);
        for (std::size_t i = 0; i < batch.size(); ++i) targets[i] = data.members[batch[i]];
        tensor_view<float const, lanes> const inputs = x;
        auto const logits = nn::forward(policy_, network_, weights_, nn::mode::train, inputs, workspace);
        nn::binary_cross_entropy(policy_, logits, std::span<std::uint8_t const>(targets).first(batch.size()), dlogits);
        tensor_view<float const, lanes> const derivative = dlogits;
        nn::backward(policy_, network_, weights_, derivative, workspace, std::span<float>(gradient));
        train::adam_step(policy_, adam, std::span<float const>(gradient), state, std::span<float>(weights_.parameters));
      }
    }
  }

  Policy policy_;
  nn::network<float> network_;
  nn::weights<float> weights_;
  feature_scaling scaling_;
};

}  // namespace papillon::privacy
