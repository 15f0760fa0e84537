// SPDX-License-Identifier: MIT
// Networks on the way of a training, in place of those at its end: executor::match and executor::follow.
#include <study/executor.hpp>

#include <algorithm>
#include <optional>
#include <vector>

#include <papillon/io/draft.hpp>
#include <papillon/privacy/metrics.hpp>
#include <papillon/train/snapshots.hpp>

#include <study/attack_names.hpp>
#include <study/directories.hpp>
#include <study/image_kind.hpp>
#include <study/metrics_file.hpp>
#include <study/outputs.hpp>
#include <study/part_file.hpp>

namespace papillon::study {

namespace {

/// The defence of both networks of an experiment, averaged, against the strongest attack of the list that needs outputs
/// alone: the one of best accuracy on held-out images of the other role.
double defence_by_outputs(attack_inputs const& in) {
  double best = missing, accuracy = missing;
  for (auto const& name : in.settings->attack.list) {
    if (attack_of(name).needs != attack_need::outputs) continue;
    double holdout = 0, reached = 0;
    auto const found = run_listed_attack(name, in).result.experiments;
    for (auto const& e : found) {
      holdout += e.holdout_accuracy / static_cast<double>(found.size());
      reached += e.accuracy / static_cast<double>(found.size());
    }
    if (is_missing(best) || holdout > best) best = holdout, accuracy = reached;
  }
  return privacy::defence(accuracy);
}

}  // namespace

std::vector<double> executor::validation_accuracies(network const& n) const {
  auto const& r = plan_->runs[n.run];
  auto const file = places_.run(r) / "metrics.csv";
  if (!is_there(file)) return {};
  require_part(places_.result(r), r.identity);
  metrics_file const metrics(file, -1, r.identity.hash);  // its result seals it: patience may have ended it early
  std::vector<double> accuracies;
  for (auto const& line : metrics.lines()) accuracies.push_back(line.validation_accuracy);
  return accuracies;
}

std::optional<network> executor::ask_at_accuracy(std::size_t c, network const& n, double percent) {
  auto const& r = plan_->runs[n.run];
  auto const directory = places_.run(r);
  auto const accuracies = validation_accuracies(n);
  int const epoch = train::first_epoch_reaching((percent - 1e-9) / 100, accuracies);  // percent is rounded
  if (epoch < 0 || !is_there(directory / train::snapshot_name(epoch))) return {};
  auto settings = plan_->configurations[c].settings;
  settings.train.evaluate = message("epoch:", epoch);
  network early = n;
  early.outputs = outputs_identity(settings, r.identity.hash);
  auto order = order_of({c, early});
  order.settings = &settings;
  auto const file = places_.quality(*plan_, early);
  auto const held = claims_.wait_for(claim_on_network(r.identity.short_hash()),
      message("ask ", r.configuration.name, " ", r.cohort.name(), " s", r.seed, " at epoch ", epoch), stop_);
  auto const found = check_part(file, early.outputs, look::at_contents);
  refuse_unusable(found);
  if (found.state == part_state::old_form) {
    claims_.require();
    seal_old_part(file, {}, {order.outputs});
  } else if (!found.finished()) {
    io::remove_drafts(order.directory);
    (void)lab_->ask(order, stop_);
    claims_.require();
    write_part(file, early.outputs,
        quality_of(network_outputs(order.outputs, *order.data, r.seed), images_of_run(r), epoch), maker_,
        {order.outputs});
  }
  return early;
}

network_quality executor::quality_of_outputs(network const& n) const {
  return read_part<network_quality>(places_.quality(*plan_, n), n.outputs);
}

std::optional<early_networks> executor::stop_early(experiment const& e, double percent) {
  auto const target = ask_at_accuracy(e.configuration, e.target, percent);
  auto const shadow = ask_at_accuracy(e.configuration, e.shadow, percent);
  if (!target || !shadow) return {};
  auto in = inputs_of(e);
  in.outputs = {places_.outputs(*plan_, *target), places_.outputs(*plan_, *shadow)};
  auto const quality = quality_of_outputs(*target);
  return early_networks{quality.epoch, quality.test_accuracy, defence_by_outputs(in)};
}

course_result executor::follow(experiment const& e) {
  auto const best = [&](network const& n) {
    auto const all = validation_accuracies(n);
    return all.empty() ? 0.0 : 100 * std::ranges::max(all);
  };
  auto const& s = plan_->configurations[e.configuration].settings;
  double const chance = 100.0 / kind_of(s.data.source).classes, end = std::min(best(e.target), best(e.shadow));
  course_result course{e.seed, {}};
  for (int i = 1; i <= s.attack.course; ++i) {
    auto& point = course.points.emplace_back();
    point.validation_accuracy = chance + (end - chance) * i / s.attack.course;
    auto const early = end > chance ? stop_early(e, point.validation_accuracy) : std::nullopt;
    if (early) point.epoch = early->epoch, point.accuracy = early->accuracy, point.defence = early->defence;
  }
  return course;
}

matched_result executor::match(experiment const& e) {
  matched_result m;
  m.seed = e.seed;
  m.partner_accuracy = quality_of_outputs(e.target).test_accuracy;
  m.partner_defence = defence_by_outputs(inputs_of(e));
  double const wanted = quality_of_outputs(e.shadow).validation_accuracy;
  if (auto const dense = stop_early(*plan_->dense_beside(e), wanted))
    m.epoch = dense->epoch, m.accuracy = dense->accuracy, m.defence = dense->defence;
  return m;
}

}  // namespace papillon::study
