// SPDX-License-Identifier: MIT
/// \file laboratory_on.hpp
/// The laboratory on this machine, in float, for one policy. A run's directory holds
///   last.safetensors   the training after its last finished epoch (what resuming needs),
///   best.safetensors   the network at the end of the epoch of best validation accuracy (what IMP rewinds to),
///   metrics.csv        one line an epoch.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <papillon/data/synthetic.hpp>
#include <papillon/error.hpp>
#include <papillon/exec/policy.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/privacy/attack.hpp>
#include <papillon/privacy/network_features.hpp>
#include <papillon/privacy/samples.hpp>
#include <papillon/prune/imp.hpp>
#include <papillon/train/checkpoint.hpp>
#include <papillon/train/evaluate.hpp>
#include <papillon/train/trainer.hpp>
#include <study/image_kind.hpp>
#include <study/laboratory.hpp>
#include <study/metrics_file.hpp>

namespace papillon::study {

namespace detail {

/// The ResNet of a configuration. `mask`: one byte a parameter, 0 = pruned; empty: none. Only read while the network is
/// built.
[[nodiscard]] inline nn::resnet_options resnet_of(
    settings const& s, configuration const& c, std::span<std::uint8_t const> mask = {}) {
  nn::resnet_options o;
  o.depth = s.model.depth;
  o.width = s.model.width;
  o.classes = kind_of(s.data.source).classes;
  o.input = kind_of(s.data.source).extent;
  o.shortcut = s.model.shortcut == shortcut::projection ? nn::shortcut_form::projection : nn::shortcut_form::padded;
  o.unfolding = s.model.unfolding == column_order::channel ? nn::unfolding::channel_major : nn::unfolding::tap_major;
  o.butterfly_segments = c.segments;
  if (c.segments > 0) o.butterfly_factors = c.factors;
  o.mask = mask;
  return o;
}

/// Any images of the kind that the settings ask for.
[[nodiscard]] inline data::image_set stand_in_images(settings const& s, std::size_t count) {
  auto set = data::synthetic_images(count, 0);
  set.extent = kind_of(s.data.source).extent;
  set.classes = kind_of(s.data.source).classes;
  set.pixels.resize(count * set.image_bytes());
  return set;
}

[[nodiscard]] inline prune::pruning_rate pruning_rate_of(settings const& s) {
  prune::pruning_rate rate{s.imp.fraction, {}};
  if (auto const fraction = s.imp.fc_fraction) rate.linear_fraction = *fraction;
  return rate;
}

[[nodiscard]] inline train::training_options training_options_of(
    settings const& s, configuration const& c, role r, std::uint64_t seed) {
  train::training_options o;
  o.epochs = s.train.epochs;
  o.batch = s.train.batch;
  o.schedule.learning_rate = s.learning_rate.at(c.key);
  o.schedule.factor = s.train.divisor;
  o.schedule.divide_after = s.train.milestones;
  o.sgd = {s.train.momentum, s.weight_decay.at(c.key)};
  if (!s.train.augment) o.augmentation.reset();
  o.seed = seed;
  o.role = static_cast<std::uint32_t>(r);
  o.round = static_cast<std::uint32_t>(c.round);
  return o;
}

}  // namespace detail

/// See the file's comment.
template <exec::policy Policy> class laboratory_on final : public laboratory {
 public:
  /// Of its networks.
  static constexpr int lanes = exec::lanes_of<Policy, float>;
  using network = nn::network<float, lanes>;

  laboratory_on(Policy policy, std::string description) : policy_(policy), description_(std::move(description)) {}

  [[nodiscard]] std::string description() const override { return description_; }

  [[nodiscard]] network_size size_of(settings const& s, configuration const& c) const override {
    auto const dense = nn::make_resnet<float, lanes>(detail::resnet_of(s, dense_configuration()));
    network_size size{static_cast<std::int64_t>(dense.parameter_count()),
        static_cast<std::int64_t>(dense.parameter_count()), static_cast<double>(dense.macs())};
    if (c.family == family::butterfly) {
      auto const net = nn::make_resnet<float, lanes>(detail::resnet_of(s, c));
      size.nonzeros = static_cast<std::int64_t>(net.parameter_count());
      size.multiply_adds = static_cast<double>(net.macs());
    } else if (c.family == family::imp) {
      auto const keep = stand_in_mask(s, c, dense);
      size.nonzeros = static_cast<std::int64_t>(keep.kept());
      size.multiply_adds =
          static_cast<double>(nn::make_resnet<float, lanes>(detail::resnet_of(s, c, keep.keep)).macs());
    }
    return size;
  }

  [[nodiscard]] double images_per_second(settings const& s, configuration const& c) const override {
    auto const dense = nn::make_resnet<float, lanes>(detail::resnet_of(s, dense_configuration()));
    prune::mask const keep = c.family == family::imp ? stand_in_mask(s, c, dense) : prune::mask{};
    auto const net = nn::make_resnet<float, lanes>(detail::resnet_of(s, c, keep.keep));
    auto weights = nn::initialise(net, random::stream{0, 0, random::purpose::initialisation, 0});
    if (!keep.keep.empty()) keep.apply(std::span(weights.parameters));
    auto options = detail::training_options_of(s, c, role::target, 0);
    auto const set = detail::stand_in_images(s, static_cast<std::size_t>(std::min(options.batch, 256)));
    options.batch = static_cast<int>(set.size());
    options.schedule.learning_rate = 0;
    train::training_data images{&set, normalisation_of(s), std::vector<std::uint32_t>(set.size()), {}};
    std::iota(images.training.begin(), images.training.end(), 0U);
    double best = 0, total = 0;
    train::training_observer<float> watcher;
    watcher.epoch = [&](train::epoch_metrics const& m, train::training_state<float> const&) {
      best = std::max(best, m.images_per_second);
      total += static_cast<double>(set.size()) / m.images_per_second;
    };
    auto state = train::begin_training(std::move(weights));
    for (options.epochs = 2; total < 0.7 && options.epochs < 64; options.epochs *= 2) {
      train::trainer trainer(policy_, net, images, options);
      (void)trainer.run(state, watcher);
    }
    return best;
  }

  [[nodiscard]] network_result train(
      run_order const& o, observer& watcher, std::atomic<bool> const* stop) const override {
    settings const& s = *o.settings;
    run const& r = *o.run;
    auto const dense = nn::make_resnet<float, lanes>(detail::resnet_of(s, structure_of(r)));
    auto round = begin_or_resume(o, dense);
    auto const net = nn::make_resnet<float, lanes>(detail::resnet_of(s, structure_of(r), round.keep.keep));
    auto const& images = o.data->split.roles[static_cast<std::size_t>(r.role)];
    auto const options = detail::training_options_of(s, r.configuration, r.role, r.seed);

    metrics_file metrics(o.directory / "metrics.csv", round.state.epochs);
    train::training_observer<float> reports;
    reports.batch = [&](train::batch_progress const& p) { watcher.batch(r, p); };
    // The line first: a checkpoint never knows of an epoch that metrics.csv has not got.
    reports.epoch = [&](train::epoch_metrics const& m, train::training_state<float> const& state) {
      metrics.append(m);
      train::save_training(last_file(o), net, train::training_checkpoint<float>{state, round.keep.keep, notes_of(r)});
      watcher.epoch(r, m);
    };
    train::trainer trainer(policy_, net,
        train::training_data{&o.data->images(), normalisation_of(s), images.trained, images.validation}, options);
    if (trainer.run(round.state, reports, stop) == train::training_outcome::interrupted) check_interruption(stop);
    train::save_weights(best_file(o), net,
        train::weights_checkpoint<float>{
            round.state.best, round.keep.keep, round.state.best_epoch, round.state.best_accuracy, notes_of(r)});

    bool const best = s.train.evaluate == evaluated_epoch::best;
    auto const& weights = best ? round.state.best : round.state.last;
    train::evaluator evaluator(policy_, net, std::min(options.batch, 256));
    auto const on_train = evaluator.measure(weights, o.data->images(), images.trained, normalisation_of(s));
    auto const on_test = evaluator.measure(weights, o.data->images(), images.test, normalisation_of(s));
    network_result result;
    result.epochs = round.state.epochs;
    result.best_epoch = round.state.best_epoch;
    result.train_accuracy = 100 * on_train.accuracy;
    result.train_loss = on_train.loss;
    result.test_accuracy = 100 * on_test.accuracy;
    result.test_loss = on_test.loss;
    bool const validated = !images.validation.empty();
    if (validated)
      result.validation_accuracy =
          100 * (best ? round.state.best_accuracy : metrics.lines().back().validation_accuracy);
    result.seconds = 0;
    for (auto const& line : metrics.lines()) {
      result.seconds += line.seconds;
      result.curve.train_loss.push_back(line.train_loss);
      result.curve.train_accuracy.push_back(100 * line.train_accuracy);
      if (!validated) continue;
      result.curve.validation_loss.push_back(line.validation_loss);
      result.curve.validation_accuracy.push_back(100 * line.validation_accuracy);
    }
    return result;
  }

  void measure(run_order const& o, std::atomic<bool> const* stop) const override {
    settings const& s = *o.settings;
    run const& r = *o.run;
    auto const role = static_cast<std::uint32_t>(r.role);
    auto const dense = nn::make_resnet<float, lanes>(detail::resnet_of(s, structure_of(r)));
    auto const [weights, keep] = evaluated_weights(o, dense);
    auto const net = nn::make_resnet<float, lanes>(detail::resnet_of(s, structure_of(r), keep));

    auto const [indices, members] = attacked_images_of(o.data->split.roles[role]);
    privacy::feature_settings const measured{s.attack.epsilon, s.attack.draws, 256};
    privacy::counter_noise const noise{
        {r.seed, role, random::purpose::noise, static_cast<std::uint32_t>(r.configuration.round)}};
    privacy::samples all{privacy::network_features(policy_, net, weights, o.data->images(), indices,
                             normalisation_of(s), noise, measured, [&] { check_interruption(stop); }),
        std::vector<std::uint8_t>(indices.size())};
    std::fill_n(all.members.begin(), members, std::uint8_t{1});
    privacy::write_samples(o.features, all);
  }

  [[nodiscard]] seed_result attack(attack_order const& o, std::atomic<bool> const* stop) const override {
    settings const& s = *o.settings;
    privacy::attack_settings a;
    a.hidden.clear();
    for (auto const& word : s.attack.hidden) a.hidden.push_back(hidden_layers(word));
    a.learning_rates = s.attack.learning_rates;
    a.epochs = s.attack.epochs;
    a.batch = s.attack.batch;
    a.standardise = s.attack.standardise;
    a.fit_fraction = s.attack.fit_fraction;

    auto const target = privacy::read_samples(o.target_features), shadow = privacy::read_samples(o.shadow_features);
    seed_result result;
    result.seed = o.seed;
    check_interruption(stop);
    result.all = privacy::run_attack(policy_, shadow, target, a, o.seed).result;
    check_interruption(stop);
    auto const& roles = o.data->split.roles;
    result.strict = privacy::run_attack(policy_, privacy::select_rows(shadow, strict_rows(roles[1])),
        privacy::select_rows(target, strict_rows(roles[0])), a, o.seed)
                        .result;
    return result;
  }

 private:
  [[nodiscard]] static std::filesystem::path last_file(run_order const& o) { return o.directory / "last.safetensors"; }
  [[nodiscard]] static std::filesystem::path best_file(run_order const& o) { return o.directory / "best.safetensors"; }
  [[nodiscard]] static train::checkpoint_notes notes_of(run const& r) {
    return {{"configuration", r.configuration.name}, {"identity", r.identity.hash}};
  }
  /// The configuration whose unpruned network a run's is: the dense one for IMP.
  [[nodiscard]] static configuration structure_of(run const& r) {
    return r.configuration.family == family::butterfly ? r.configuration : dense_configuration();
  }

  /// A mask with as many weights as the round will have; which ones is not known before the training, so initial
  /// weights stand in.
  [[nodiscard]] prune::mask stand_in_mask(settings const& s, configuration const& c, network const& dense) const {
    auto weights = nn::initialise(dense, random::stream{0, 0, random::purpose::initialisation, 0});
    auto keep = prune::dense_mask(dense.parameter_count());
    for (int k = 1; k <= c.round; ++k)
      keep = prune::prune_smallest(std::span<nn::slot const>(dense.parameters()),
          std::span<float const>(weights.parameters), detail::pruning_rate_of(s), std::move(keep));
    return keep;
  }

  /// Where the training stands: before its first epoch, or as it was interrupted.
  [[nodiscard]] prune::imp_round<float> begin_or_resume(run_order const& o, network const& dense) const {
    run const& r = *o.run;
    if (std::filesystem::exists(last_file(o))) {
      auto c = train::load_training<float>(last_file(o), dense);
      if (c.notes["identity"] != r.identity.hash)
        throw error(errc::bad_input,
            message(last_file(o).string(), " is of another training (the hash it names is not the directory's) remove ",
                o.directory.string(), " to train it anew"));
      return {{std::move(c.keep)}, std::move(c.state)};
    }
    if (o.parent.empty())
      return {{}, train::begin_training(nn::initialise(dense,
                      random::stream{r.seed, static_cast<std::uint32_t>(r.role), random::purpose::initialisation, 0}))};
    auto before = train::load_weights<float>(o.parent / "best.safetensors", dense);
    prune::mask keep =
        before.keep.empty() ? prune::dense_mask(dense.parameter_count()) : prune::mask{std::move(before.keep)};
    return prune::begin_round(std::span<nn::slot const>(dense.parameters()), std::move(before.weights), std::move(keep),
        detail::pruning_rate_of(*o.settings));
  }

  struct evaluated {
    nn::weights<float> weights;
    std::vector<std::uint8_t> keep;
  };
  /// The weights of a finished training that are evaluated and attacked.
  [[nodiscard]] static evaluated evaluated_weights(run_order const& o, network const& dense) {
    if (o.settings->train.evaluate == evaluated_epoch::best) {
      auto c = train::load_weights<float>(best_file(o), dense);
      return {std::move(c.weights), std::move(c.keep)};
    }
    auto c = train::load_training<float>(last_file(o), dense);
    return {std::move(c.state.last), std::move(c.keep)};
  }

  Policy policy_;
  std::string description_;
};

}  // namespace papillon::study
