// SPDX-License-Identifier: MIT
/// \file laboratory_on.hpp
/// The laboratory on this machine, in float, for one policy. A run's directory holds
///   last.safetensors   the training after its last finished epoch (what resuming needs),
///   best.safetensors   the network at the end of the epoch of best validation accuracy (what IMP rewinds to),
///   snapshot-epoch-*   the network at every epoch whose validation accuracy was a record,
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

#include <papillon/data/placed.hpp>
#include <papillon/data/synthetic.hpp>
#include <papillon/error.hpp>
#include <papillon/exec/policy.hpp>
#include <papillon/io/npy.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/perceptron.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/privacy/attack.hpp>
#include <papillon/privacy/network_features.hpp>
#include <papillon/privacy/samia.hpp>
#include <papillon/privacy/samples.hpp>
#include <papillon/prune/admm.hpp>
#include <papillon/prune/imp.hpp>
#include <papillon/prune/random_mask.hpp>
#include <papillon/train/adam.hpp>
#include <papillon/train/checkpoint.hpp>
#include <papillon/train/evaluate.hpp>
#include <papillon/train/snapshots.hpp>
#include <papillon/train/trainer.hpp>
#include <study/directories.hpp>
#include <study/finished_discriminators.hpp>
#include <study/image_kind.hpp>
#include <study/laboratory.hpp>
#include <study/metrics_file.hpp>
#include <study/part_file.hpp>
#include <study/privacy_budget.hpp>
#include <study/text.hpp>

namespace papillon::study {

namespace detail {

/// The ResNet of a configuration, unpruned but for `mask`: one byte a parameter, 0 = pruned; empty: none. Only read
/// while the network is built.
[[nodiscard]] inline nn::resnet_options resnet_of(settings const& s, std::span<std::uint8_t const> mask = {}) {
  nn::resnet_options o;
  o.depth = s.model.depth;
  o.width = s.model.width;
  o.classes = kind_of(s.data.source).classes;
  o.input = kind_of(s.data.source).extent;
  o.shortcut = s.model.shortcut == shortcut::projection ? nn::shortcut_form::projection : nn::shortcut_form::padded;
  if (s.model.weights != weight_structure::dense) {
    o.butterfly_segments = s.model.segments;
    o.butterfly_factors = s.model.factors;
    o.chains = s.model.weights == weight_structure::lowrank ? nn::chain_form::low_rank : nn::chain_form::butterfly;
    o.unfolding = s.model.unfolding == column_order::channel ? nn::unfolding::channel_major
                  : s.model.unfolding == column_order::tap   ? nn::unfolding::tap_major
                                                             : nn::unfolding::shuffled;
  }
  o.norm = s.model.norm == norm::group ? nn::norm_form::group : nn::norm_form::batch;
  o.groups = s.model.groups;
  o.algorithm = s.train.convolution == convolution::winograd ? nn::convolution_algorithm::winograd
                                                             : nn::convolution_algorithm::direct;
  o.mask = mask;
  return o;
}

/// The network of a configuration, a ResNet or a perceptron; `mask` as above.
template <int Lanes>
[[nodiscard]] nn::network<float, Lanes> network_of(settings const& s, std::span<std::uint8_t const> mask = {}) {
  if (s.model.hidden.empty()) return nn::make_resnet<float, Lanes>(resnet_of(s, mask));
  auto const& images = kind_of(s.data.source);
  return nn::make_perceptron<float, Lanes>(
      images.extent, hidden_layers(s.model.hidden, "model.hidden"), images.classes, mask);
}

/// The dense network of the same size.
template <int Lanes> [[nodiscard]] nn::network<float, Lanes> dense_network_of(settings s) {
  s.model.weights = weight_structure::dense;
  return network_of<Lanes>(s);
}

/// Any images of the kind that the settings ask for.
[[nodiscard]] inline data::image_set stand_in_images(settings const& s, std::size_t count) {
  auto set = data::synthetic_images(count, 0);
  set.extent = kind_of(s.data.source).extent;
  set.classes = kind_of(s.data.source).classes;
  set.pixels.resize(count * set.image_bytes());
  return set;
}

/// What one pruning removes: a round's part, or that of all rounds at once.
[[nodiscard]] inline prune::pruning_rate pruning_rate_of(settings const& s) {
  prune::pruning_rate rate{s.prune.fraction, {}};
  if (auto const fraction = s.prune.fc_fraction) rate.linear_fraction = *fraction;
  rate.layerwise = s.prune.criterion == pruning_criterion::layerwise;
  return s.prune.schedule == pruning_schedule::once && s.prune.rounds > 0 ? prune::after_rounds(rate, s.prune.rounds)
                                                                          : rate;
}

/// The random mask of a private training, which keeps its part of each layer: a function of the cohort and the seed.
[[nodiscard]] inline prune::mask frozen_mask(
    settings const& s, std::span<nn::slot const> slots, cohort const& c, std::uint64_t seed) {
  std::vector<std::size_t> kept;
  for (nn::slot const& slot : slots)
    kept.push_back(prune::prunable(slot)
                       ? static_cast<std::size_t>(std::ceil(*s.dp.freeze * static_cast<double>(slot.size)))
                       : slot.size);
  return prune::random_mask(
      slots, kept, {c.stream_seed(seed), static_cast<std::uint32_t>(c.role), random::purpose::random_mask, 0});
}

/// trained: images.
[[nodiscard]] inline train::training_options training_options_of(
    settings const& s, cohort const& c, std::uint64_t seed, std::size_t trained) {
  train::training_options o;
  o.epochs = epochs_of(s);
  o.patience = s.train.patience;
  o.paired_divergence = s.train.pair_penalty;
  if (s.train.adversary > 0)
    o.adversary = train::adversary_options{.weight = s.train.adversary, .warmup = s.train.adversary_warmup};
  o.batch = s.train.batch;
  o.schedule.learning_rate = s.train.learning_rate;
  o.schedule.factor = s.train.divisor;
  o.schedule.divide_after = s.train.milestones;
  o.sgd = {s.train.momentum, s.train.weight_decay};
  if (!s.train.augment) o.augmentation.reset();
  o.seed = c.stream_seed(seed);
  o.role = static_cast<std::uint32_t>(c.role);
  o.round = static_cast<std::uint32_t>(s.prune.rounds);
  o.kept = s.train.storage == storage::half ? nn::storage::half : nn::storage::full;
  if (auto const budget = budget_of(s, trained))
    o.dp = {.clip = budget->clip, .noise = budget->noise, .select = s.dp.select};
  return o;
}

}  // namespace detail

template <class Order> void ask_fence(Order const& o) {
  if (o.fence) o.fence();
}

/// See the file's comment.
template <exec::policy Policy> class laboratory_on final : public laboratory {
 public:
  /// Of its networks.
  static constexpr int lanes = exec::lanes_of<Policy, float>;
  using network = nn::network<float, lanes>;

  laboratory_on(Policy policy, std::string description) : policy_(policy), description_(std::move(description)) {}

  [[nodiscard]] std::string description() const override { return description_; }

  [[nodiscard]] network_size size_of(configuration const& c) const override {
    auto const dense = detail::dense_network_of<lanes>(c.settings);
    auto const [net, nonzeros] = stand_in(c.settings);
    return {static_cast<std::int64_t>(dense.parameter_count()), static_cast<std::int64_t>(nonzeros),
        static_cast<double>(net.macs())};
  }

  [[nodiscard]] double images_per_second(configuration const& c) const override {
    auto const [net, nonzeros] = stand_in(c.settings);
    auto weights = nn::initialise(net, random::stream{0, 0, random::purpose::initialisation, 0});
    auto const batch = static_cast<std::size_t>(std::min(c.settings.train.batch, 256));
    auto options = detail::training_options_of(c.settings, {}, 0, batch);
    auto const set = detail::stand_in_images(c.settings, batch);
    options.batch = static_cast<int>(set.size());
    options.schedule.learning_rate = 0;
    train::training_data images{&set, normalisation_of(c.settings), std::vector<std::uint32_t>(set.size()), {}};
    std::iota(images.training.begin(), images.training.end(), 0U);
    if (options.adversary) images.validation = images.training;
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
    auto const plain = detail::network_of<lanes>(s);
    auto round = begin_or_resume(o, plain);
    auto const net = detail::network_of<lanes>(s, round.keep.keep);
    auto const images = images_of(*o.data, r.cohort, r.seed, s.audit);
    auto const options = detail::training_options_of(s, r.cohort, r.seed, images.trained.size());
    train::training_data const trained{&o.data->images(), normalisation_of(s), images.trained, images.validation};

    metrics_file metrics(o.directory / "metrics.csv", round.state.epochs, r.identity.hash);
    train::snapshots const kept{.records = true};
    train::training_observer<float> reports;
    reports.batch = [&](train::batch_progress const& p) { watcher.batch(r, p); };
    // The checkpoint last: it never knows of an epoch that metrics.csv or the snapshots have not got.
    reports.epoch = [&](train::epoch_metrics const& m, train::training_state<float> const& state) {
      ask_fence(o);
      metrics.append(m);
      if (kept.include(m)) {
        ask_fence(o);
        train::save_snapshot(o.directory, net, m, state, round.keep.keep, notes_of(r));
      }
      ask_fence(o);
      train::save_training(
          last_file(o), net, train::training_checkpoint<float>{state, round.keep.keep, notes_of(r)}, remembered_of(s));
      watcher.epoch(r, m);
    };
    prune::admm<float> const pull(net.parameters(), detail::pruning_rate_of(s), s.train.pull);
    auto const train_by = [&]<class Optimiser>(Optimiser const& by) {
      train::trainer<Policy, float, lanes, data::image_set, Optimiser> trainer(policy_, net, trained, options, by);
      if (s.train.pull > 0) trainer.pull(pull);
      return trainer.run(round.state, reports, stop);
    };
    auto const outcome = s.train.optimiser == optimiser::adam
                             ? train_by(train::adam_settings{.weight_decay = s.train.weight_decay})
                             : train_by(options.sgd);
    if (outcome == train::training_outcome::interrupted) check_interruption(stop);
    ask_fence(o);
    if (round.state.epochs == 0)
      train::save_training(last_file(o), net,
          train::training_checkpoint<float>{round.state, round.keep.keep, notes_of(r)}, remembered_of(s));
    train::save_weights(best_file(o), net,
        train::weights_checkpoint<float>{
            round.state.best, round.keep.keep, round.state.best_epoch, round.state.best_accuracy, notes_of(r)});

    bool const validated = !images.validation.empty();
    network_result result;
    result.epochs = round.state.epochs;
    result.best_epoch = round.state.best_epoch;
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

  [[nodiscard]] int ask(run_order const& o, std::atomic<bool> const* stop) const override {
    settings const& s = *o.settings;
    auto const weights = evaluated_weights_of_run(o);
    auto const net = detail::network_of<lanes>(s, weights.keep);
    auto const images = asked_images(o.data->split_for(o.run->seed));
    auto const placements = data::query_placements(s.train.augment ? s.attack.queries : 1);
    auto const classes = static_cast<std::size_t>(net.output().size());
    auto logits = xt::xtensor<float, 3>::from_shape({placements.size(), images.size(), classes});
    constexpr std::size_t most = 4096;  // images that are copied at a time
    train::evaluator evaluator(policy_, net, 256);
    float* out = logits.data();
    for (auto const& placement : placements)
      train::for_each_part(std::span<std::uint32_t const>(images), most, [&](std::span<std::uint32_t const> part) {
        check_interruption(stop);
        auto const shown = data::placed(o.data->images(), part, placement);
        std::vector<std::uint32_t> all(part.size());
        std::iota(all.begin(), all.end(), 0U);
        evaluator.logits(weights.weights, shown, all, std::span(out, part.size() * classes), normalisation_of(s));
        out += part.size() * classes;
      });
    ask_fence(o);
    io::write_npy(o.outputs, logits);
    return weights.epoch;
  }

  void measure(run_order const& o, std::atomic<bool> const* stop) const override {
    settings const& s = *o.settings;
    run const& r = *o.run;
    auto const role = static_cast<std::uint32_t>(r.cohort.role);
    auto const weights = evaluated_weights_of_run(o);
    auto const net = detail::network_of<lanes>(s, weights.keep);

    auto const [indices, members] = attacked_images_of(o.data->split_for(r.seed).roles[role]);
    privacy::feature_settings const measured{s.attack.epsilon, s.attack.draws, 256};
    privacy::counter_noise const noise{
        {r.seed, role, random::purpose::noise, static_cast<std::uint32_t>(s.prune.rounds)}};
    privacy::samples all{privacy::network_features(policy_, net, weights.weights, o.data->images(), indices,
                             normalisation_of(s), noise, measured, [&] { check_interruption(stop); }),
        std::vector<std::uint8_t>(indices.size())};
    std::fill_n(all.members.begin(), members, std::uint8_t{1});
    ask_fence(o);
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

    auto const course_of = [&](char const* reading) {
      privacy::attack_course course{.before_batch = [stop] { check_interruption(stop); }};
      if (!o.kept) return course;
      course.known = [&o, reading](std::size_t i) { return o.kept->find(reading, i); };
      course.finished = [&o, reading](std::size_t i, auto const& found) {
        if (o.fence) o.fence();
        o.kept->keep(reading, i, found);
      };
      return course;
    };
    auto const target = privacy::read_samples(o.target_features), shadow = privacy::read_samples(o.shadow_features);
    seed_result result;
    result.seed = o.seed;
    result.all = privacy::run_attack(policy_, shadow, target, a, o.seed, course_of("all")).result;
    auto const& roles = o.data->split_for(o.seed).roles;
    auto strict = privacy::run_attack(policy_, privacy::select_rows(shadow, strict_rows(roles[1])),
        privacy::select_rows(target, strict_rows(roles[0])), a, o.seed, course_of("strict"));
    result.strict = std::move(strict.result);
    ask_fence(o);
    if (!o.scores.empty()) io::write_npy(o.scores, strict.target_scores);
    return result;
  }

  [[nodiscard]] learned_attack samia(attack_order const& o, std::atomic<bool> const* stop) const override {
    auto const& roles = o.data->split_for(o.seed).roles;
    auto const strict = [&](std::filesystem::path const& file, std::size_t role) {
      return privacy::select_rows(privacy::read_samples(file), strict_rows(roles[role]));
    };
    auto const target = strict(o.target_features, 0), shadow = strict(o.shadow_features, 1);
    auto const before_batch = [stop] { check_interruption(stop); };
    auto const split = privacy::split_for_holdout(shadow.size(), o.settings->attack.fit_fraction, o.seed);
    auto const learn = [&](std::span<std::uint32_t const> rows) {
      return privacy::samia<Policy>(policy_, shadow, rows, {}, o.seed, before_batch);
    };
    learned_attack result;
    auto const judged = learn(split.fit()).scores(shadow, split.judge(), before_batch);
    std::vector<std::uint8_t> members;
    for (auto const row : split.judge()) members.push_back(shadow.members[row]);
    result.holdout_accuracy = privacy::evaluate_attack(std::span<float const>(judged), members, 0.0).accuracy;
    auto const scores = learn(privacy::all_rows(shadow)).scores(target, privacy::all_rows(target), before_batch);
    result.scores.assign(scores.begin(), scores.end());
    return result;
  }

 private:
  [[nodiscard]] static std::filesystem::path last_file(run_order const& o) { return o.directory / "last.safetensors"; }
  [[nodiscard]] static std::filesystem::path best_file(run_order const& o) { return o.directory / "best.safetensors"; }
  [[nodiscard]] static train::checkpoint_notes notes_of(run const& r) {
    train::checkpoint_notes notes{
        {"configuration", r.configuration.name}, {"identity", r.identity.hash}, {"work", r.identity.text}};
    auto const& model = r.configuration.settings.model;
    if (model.weights != weight_structure::dense && model.unfolding != column_order::channel)
      notes["unfolding"] = model.unfolding == column_order::tap ? "tap_major" : "shuffled";
    return notes;
  }

  /// What the optimiser of a training remembers.
  [[nodiscard]] static std::vector<std::string> remembered_of(settings const& s) {
    auto const names = [](auto const& all) { return std::vector<std::string>(all.begin(), all.end()); };
    return s.train.optimiser == optimiser::adam ? names(train::adam_settings::state_names)
                                                : names(train::sgd_settings::state_names);
  }

  /// A checkpoint is of the work that its notes name, wherever it lies; those of version 0.1 name what that called it.
  static void require_work(std::filesystem::path const& file, train::checkpoint_notes const& notes, run const& r) {
    auto const text = [&](char const* name) {
      auto const found = notes.find(name);
      return found == notes.end() ? std::string() : found->second;
    };
    auto const hash = text("identity"), work = text("work");
    bool const of_version_1 = work.empty() && !r.identity_1.empty() && hash == r.identity_1;
    if (!of_version_1 && (hash != r.identity.hash || (!work.empty() && work != r.identity.text)))
      throw error(errc::bad_input,
          message(file.string(), " is of another training (the identity it names is not that of this work) ",
              repair_advice));
  }

  struct stand_in_network {
    network net;
    std::size_t nonzeros;
  };
  /// The network with as many weights as the training will have; which ones pruning keeps is not known before, so
  /// initial weights stand in.
  [[nodiscard]] stand_in_network stand_in(settings const& s) const {
    auto net = detail::network_of<lanes>(s);
    auto const nonzeros = net.parameter_count();
    if (s.dp.freeze) {
      auto const keep = detail::frozen_mask(s, net.parameters(), {}, 0);
      return {detail::network_of<lanes>(s, keep.keep), keep.kept()};
    }
    if (s.prune.rounds == 0) return {std::move(net), nonzeros};
    auto weights = nn::initialise(net, random::stream{0, 0, random::purpose::initialisation, 0});
    auto keep = prune::dense_mask(nonzeros);
    int const prunings = s.prune.schedule == pruning_schedule::once ? 1 : s.prune.rounds;
    for (int k = 1; k <= prunings; ++k)
      keep = prune::prune_smallest(std::span<nn::slot const>(net.parameters()),
          std::span<float const>(weights.parameters), detail::pruning_rate_of(s), std::move(keep));
    auto const kept = keep.kept();
    return {detail::network_of<lanes>(s, keep.keep), kept};
  }

  [[nodiscard]] static nn::weights<float> initial_weights(run const& r, network const& net) {
    return nn::initialise(net, random::stream{r.cohort.stream_seed(r.seed), static_cast<std::uint32_t>(r.cohort.role),
                                   random::purpose::initialisation, 0});
  }

  /// Where the training stands: before its first epoch, or as it was interrupted.
  [[nodiscard]] prune::imp_round<float> begin_or_resume(run_order const& o, network const& plain) const {
    run const& r = *o.run;
    if (is_there(last_file(o))) {
      auto c = train::load_training<float>(last_file(o), plain, remembered_of(*o.settings));
      require_work(last_file(o), c.notes, r);
      return {{std::move(c.keep)}, std::move(c.state)};
    }
    if (o.settings->dp.freeze)
      return prune::begin_masked(
          detail::frozen_mask(*o.settings, plain.parameters(), r.cohort, r.seed), initial_weights(r, plain));
    if (o.parent.empty()) return {{}, train::begin_training(initial_weights(r, plain))};
    return begin_round(o, plain);
  }

  /// A round of pruning before its first epoch.
  [[nodiscard]] prune::imp_round<float> begin_round(run_order const& o, network const& plain) const {
    run const& r = *o.run;
    auto const& p = o.settings->prune;
    std::span<nn::slot const> const slots(plain.parameters());
    if (p.criterion == pruning_criterion::admm) {
      auto const file = o.parent / "last.safetensors";  // its Z is that of the last epoch
      auto pulled = train::load_training<float>(file, plain, remembered_of(o.parent_run->configuration.settings));
      require_work(file, pulled.notes, *o.parent_run);
      return prune::begin_masked(prune::mask_of_admm<float>(slots, pulled.state.beside),
          p.rewind == rewind_point::initial ? initial_weights(r, plain) : std::move(pulled.state.last));
    }
    auto const file = o.parent / "best.safetensors";
    auto before = train::load_weights<float>(file, plain);
    require_work(file, before.notes, *o.parent_run);
    prune::mask keep =
        before.keep.empty() ? prune::dense_mask(plain.parameter_count()) : prune::mask{std::move(before.keep)};
    if (p.criterion == pruning_criterion::random)
      return prune::begin_masked(prune::random_mask(slots, prune::kept_counts(slots, keep),
                                     {r.cohort.stream_seed(r.seed), static_cast<std::uint32_t>(r.cohort.role),
                                         random::purpose::random_mask, 0}),
          initial_weights(r, plain));
    auto const rate = detail::pruning_rate_of(*o.settings);
    if (p.rewind == rewind_point::initial)
      return prune::begin_round(slots, before.weights, std::move(keep), rate, initial_weights(r, plain));
    return prune::begin_round(slots, std::move(before.weights), std::move(keep), rate);
  }

  struct chosen_weights {
    nn::weights<float> weights;
    std::vector<std::uint8_t> keep;
    int epoch;
  };
  /// The weights of a finished training that are evaluated and attacked.
  [[nodiscard]] static chosen_weights evaluated_weights_of_run(run_order const& o) {
    using enum evaluated_weights::choice;
    auto const plain = detail::network_of<lanes>(*o.settings);
    auto const chosen = evaluated_weights_of(o.settings->train.evaluate);
    if (chosen.which == last) {
      auto c = train::load_training<float>(last_file(o), plain, remembered_of(*o.settings));
      require_work(last_file(o), c.notes, *o.run);
      return {std::move(c.state.last), std::move(c.keep), c.state.epochs - 1};
    }
    bool const of_best = chosen.which == best;
    int const snapshot = of_best ? -1 : snapshot_epoch(o, chosen);
    auto c = of_best ? train::load_weights<float>(best_file(o), plain)
                     : train::load_snapshot<float>(o.directory, snapshot, plain);
    require_work(of_best ? best_file(o) : o.directory / train::snapshot_name(snapshot), c.notes, *o.run);
    return {std::move(c.weights), std::move(c.keep), c.epoch};
  }
  /// The epoch that a choice among the snapshots means.
  [[nodiscard]] static int snapshot_epoch(run_order const& o, evaluated_weights const& chosen) {
    if (chosen.which == evaluated_weights::choice::epoch) return chosen.epoch;
    metrics_file const metrics(o.directory / "metrics.csv", -1, o.run->identity.hash);
    std::vector<double> accuracies;
    for (auto const& line : metrics.lines()) accuracies.push_back(line.validation_accuracy);
    auto const epoch = train::first_epoch_reaching(chosen.accuracy / 100, accuracies);
    if (epoch < 0)
      throw error(errc::bad_input,
          message(o.directory.string(), " has no epoch of ", number_text(chosen.accuracy),
              " % validation accuracy (train.evaluate = ", o.settings->train.evaluate, ") ask for less"));
    return epoch;
  }

  Policy policy_;
  std::string description_;
};

}  // namespace papillon::study
