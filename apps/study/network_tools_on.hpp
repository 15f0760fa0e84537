// SPDX-License-Identifier: MIT
/// \file network_tools_on.hpp
/// The tools for single networks on this machine, in float, for one policy.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/exec/policy.hpp>
#include <papillon/io/finite.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/privacy/network_features.hpp>
#include <papillon/train/checkpoint.hpp>
#include <papillon/train/state_dict.hpp>
#include <study/network_tools.hpp>

namespace papillon::study {

template <exec::policy Policy> class network_tools_on final : public network_tools {
 public:
  /// Of its networks.
  static constexpr int lanes = exec::lanes_of<Policy, float>;

  explicit network_tools_on(Policy policy) : policy_(policy) {}

  [[nodiscard]] train::evaluation evaluate(std::filesystem::path const& network, data::image_set const& images,
      std::span<std::uint32_t const> indices, data::normalisation const& normalisation) const override {
    auto const [net, weights] = load(network, images);
    train::evaluator evaluator(policy_, net, batch_for(net));
    auto const found = evaluator.measure(weights, images, indices, normalisation);
    if (!std::isfinite(found.loss)) refuse_answers(network, "its loss");
    return found;
  }

  [[nodiscard]] std::vector<float> outputs(std::filesystem::path const& network, data::image_set const& images,
      std::span<std::uint32_t const> indices, data::normalisation const& normalisation,
      std::function<void()> const& before_batch) const override {
    auto const [net, weights] = load(network, images);
    std::vector<float> logits(indices.size() * static_cast<std::size_t>(net.output().size()));
    train::evaluator(policy_, net, batch_for(net))
        .logits(weights, images, indices, std::span<float>(logits), normalisation, before_batch);
    if (io::first_not_finite(logits) < logits.size()) refuse_answers(network, "an output");
    return logits;
  }

  [[nodiscard]] privacy::samples measure(std::filesystem::path const& network, data::image_set const& images,
      attacked_images const& attacked, data::normalisation const& normalisation,
      privacy::feature_settings const& settings, random::stream const& noise,
      std::function<void()> const& before_batch) const override {
    auto const [net, weights] = load(network, images);
    privacy::samples all{privacy::network_features(policy_, net, weights, images, attacked.images, normalisation,
                             privacy::counter_noise{noise}, settings,
                             [&] {
                               if (before_batch) before_batch();
                             }),
        std::vector<std::uint8_t>(attacked.images.size())};
    if (io::first_not_finite(all.features.storage()) < all.features.size()) refuse_answers(network, "a feature");
    std::fill_n(all.members.begin(), attacked.members, std::uint8_t{1});
    return all;
  }

  [[nodiscard]] factorize_report factorize(factorize_order const& o) const override {
    auto const file = train::state_dict::read(o.network);
    auto options = file.resnet();
    if (options.butterfly_segments > 0)
      throw error(errc::bad_input,
          message(o.network.string(),
              " already has chains (its convolutions are not dense) factorise the network they came from"));
    auto const from = nn::make_resnet<float, lanes>(options);
    options.butterfly_segments = o.segments;
    options.butterfly_factors = o.factors;
    options.unfolding = o.unfolding;
    auto const to = nn::make_resnet<float, lanes>(options);
    auto made = nn::factorize_weights(
        exec::host_of(policy_), from, file.template weights<float>(from), to, o.unfolding, {.order = o.order});
    train::weights_checkpoint<float> checkpoint{std::move(made.weights)};
    checkpoint.notes["unfolding"] = o.unfolding == nn::unfolding::tap_major ? "tap_major" : "channel_major";
    checkpoint.notes["factorized"] = o.network.filename().string();
    train::save_weights(o.out, to, checkpoint);
    return {std::move(made.layers), from.parameter_count(), to.parameter_count()};
  }

 private:
  /// Images at a time: fewer of wide networks, which may come in small files, so that a layer's values take 64 MB at
  /// most.
  [[nodiscard]] static int batch_for(nn::network<float, lanes> const& net) {
    int largest = 1;
    for (int i = 0; i <= net.size(); ++i) largest = std::max(largest, net.extent(i).size());
    return std::clamp((1 << 24) / largest, 1, 256);
  }
  /// Of weights that are finite and too large, or of a negative variance.
  [[noreturn]] static void refuse_answers(std::filesystem::path const& network, std::string const& what) {
    throw error(errc::bad_input, message("cannot use the network in ", network.string(), " (", what,
                                     " is not finite for these images) train or save it anew"));
  }

  struct loaded {
    nn::network<float, lanes> net;
    nn::weights<float> weights;
  };
  [[nodiscard]] static loaded load(std::filesystem::path const& path, data::image_set const& images) {
    auto const file = train::state_dict::read(path);
    auto const options = file.resnet(images.extent.height, images.extent.width);
    if (options.input != images.extent || options.classes != images.classes)
      throw error(errc::bad_input, message(path.string(), " is a network for other images (of ", options.input.channels,
                                       " channels and ", options.classes, " classes, these have ",
                                       images.extent.channels, " and ", images.classes, ") use one for these"));
    auto net = nn::make_resnet<float, lanes>(options);
    auto weights = file.template weights<float>(net);
    return {std::move(net), std::move(weights)};
  }

  Policy policy_;
};

}  // namespace papillon::study
