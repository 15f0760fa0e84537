// SPDX-License-Identifier: MIT
/// \file samia.hpp
/// SAMIA, the attack of X. Yuan, L. Zhang, "Membership inference attacks and defenses in neural network pruning",
/// USENIX Security 2022, section 4.3: a transformer that reads an image's features class by class, as tokens of
/// probability, response to noise and whether the class is the label, and tells members from others. Sizes, initial
/// values and training are those of its authors' program; the score is the difference of the two logits.
#pragma once

#include <cmath>
#include <functional>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/layers/reshape.hpp>
#include <papillon/nn/models/transformer.hpp>
#include <papillon/privacy/samples.hpp>
#include <papillon/random/distributions.hpp>
#include <papillon/train/evaluate.hpp>
#include <papillon/train/trainer.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

struct samia_settings {
  int width = 64;  ///< numbers of a token
  int layers = 3;  ///< of the encoder
  int heads = 4;
  int hidden = 128;
  double dropout = 0.2;
  int epochs = 100;
  int batch = 128;
  double learning_rate = 0.001;
  std::vector<int> milestones{50, 75};  ///< epochs after which the learning rate is divided by ten
  double momentum = 0.9, weight_decay = 5e-4;
};

/// The transformer for features of so many classes; 141,886 parameters for ten. stream: of its dropout.
template <class T, int L>
[[nodiscard]] nn::network<T, L> make_samia(int classes, samia_settings const& s, random::stream const& stream) {
  nn::network<T, L> net({3 * classes, 1, 1});
  net.add("bn", nn::batch_norm(net.input()));
  int at = net.add("tokens", nn::reshape(net.input(), {3, classes, 1}));
  at = nn::add_token_linear(net, "embedding", s.width, at);
  at = net.add("gelu", nn::gelu(net.extent(at)), at);
  for (int layer = 0; layer < s.layers; ++layer)
    at = nn::add_encoder_layer(net, message("encoder.", layer), at,
        {s.heads, s.hidden, s.dropout, stream, static_cast<std::uint32_t>(4 * layer)});
  net.add("flatten", nn::reshape(net.extent(at), {s.width * classes, 1, 1}), at);
  net.add("linear1", nn::linear<dense>(dense(s.width, s.width * classes)));
  net.add("relu", nn::relu({s.width, 1, 1}));
  net.add("linear2", nn::linear<dense>(dense(2, s.width)));
  return net;
}

/// Initial values: of linear layers normal by Xavier's rule, of the attention's input uniform by it, of its output
/// uniform in +-1 / sqrt(width); biases zero.
template <class T, int L>
[[nodiscard]] nn::weights<T> initialise_samia(nn::network<T, L> const& net, random::stream const& stream) {
  auto w = nn::initialise(net, stream);
  for (nn::slot const& s : net.parameters()) {
    auto const values = std::span(w.parameters).subspan(s.offset, s.size);
    if (s.kind == nn::slot_kind::bias) std::fill(values.begin(), values.end(), T{});
    if (s.kind != nn::slot_kind::convolution && s.kind != nn::slot_kind::linear) continue;
    auto const outputs = static_cast<double>(s.dims[0]), inputs = static_cast<double>(s.size) / outputs;
    if (s.name.find("out_proj") != std::string::npos) continue;  // which starts so already
    if (s.name.find("in_proj") != std::string::npos) {
      auto const scale = static_cast<T>(std::sqrt(6 / (inputs + outputs)) * std::sqrt(inputs));
      for (T& v : values) v *= scale;  // they are uniform in +-1 / sqrt(inputs)
      continue;
    }
    random::engine draw(stream, 1, nn::detail::item_of(s.name));
    random::fill_normal<T>(draw, values);
    for (T& v : values) v *= static_cast<T>(std::sqrt(2 / (inputs + outputs)));
  }
  return w;
}

template <exec::policy E> class samia {
 public:
  static constexpr int lanes = exec::lanes_of<E, float>;

  /// Trains on the given rows of `data`. The seed keys initial weights, order and dropout.
  samia(exec::context<E> const& where, samples const& data, std::span<std::uint32_t const> rows,
      samia_settings const& settings, std::uint64_t seed, std::function<void()> const& before_batch = {})
      : where_(where), network_(make_samia<float, lanes>(
                           static_cast<int>(data.width() / 3), settings, {seed, role, random::purpose::dropout})),
        weights_(initialise_samia(network_, {seed, role, random::purpose::discriminator_initialisation})) {
    if (rows.empty()) throw error(errc::usage, "samia: no samples to train on (a split left them all out)");
    auto const view = view_of(data);
    train::training_options o{.epochs = settings.epochs,
        .batch = settings.batch,
        .schedule = {settings.learning_rate, settings.milestones, 10},
        .sgd = {settings.momentum, settings.weight_decay},
        .seed = seed,
        .role = role};
    train::training_data<data::vector_view> const all{&view, {}, {rows.begin(), rows.end()}, {}};
    train::training_observer<float> watch;
    if (before_batch) watch.batch = [&](train::batch_progress const&) { before_batch(); };
    auto state = train::begin_training(weights_);
    train::trainer<E, float, lanes, data::vector_view> trainer(where, network_, all, o);
    trainer.run(state, watch);
    weights_ = std::move(state.last);
  }

  /// The score of each of the given rows; positive: a member.
  [[nodiscard]] std::vector<float> scores(
      samples const& data, std::span<std::uint32_t const> rows, std::function<void()> const& before_batch = {}) const {
    std::vector<float> logits(2 * rows.size()), all;
    train::evaluator<E, float, lanes>(where_, network_, 1024)
        .logits(weights_, view_of(data), rows, std::span(logits), {}, before_batch);
    for (std::size_t i = 0; i < rows.size(); ++i) all.push_back(logits[2 * i + 1] - logits[2 * i]);
    return all;
  }

 private:
  static constexpr std::uint32_t role = 14;  // no network of a study's

  [[nodiscard]] static data::vector_view view_of(samples const& data) {
    return {std::span(data.features.data(), data.features.size()), data.members, static_cast<int>(data.width())};
  }

  exec::context<E> where_;
  nn::network<float, lanes> network_;
  nn::weights<float> weights_;
};

}  // namespace papillon::privacy
