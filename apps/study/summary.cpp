// SPDX-License-Identifier: MIT
#include <study/summary.hpp>

#include <algorithm>
#include <cstddef>

#include <study/statistics.hpp>

namespace papillon::study {

namespace {

/// Values of `number(seed)` over the seeds, missing ones included.
template <class Number> std::vector<double> over_seeds(std::vector<seed_result> const& seeds, Number number) {
  std::vector<double> values;
  values.reserve(seeds.size());
  for (auto const& s : seeds) values.push_back(number(s));
  return values;
}

template <class Number> spread spread_over(std::vector<seed_result> const& seeds, Number number) {
  return spread_of(over_seeds(seeds, number));
}

/// The defence against an attack accuracy: the same seeds, mean and deviation through D = 200 - 2 A.
spread defence_of(spread const& attack) { return {attack.count, defence(attack.mean), 2.0 * attack.deviation}; }

}  // namespace

int select_discriminator(std::vector<seed_result> const& seeds, reading_result seed_result::*reading) {
  std::vector<std::vector<discriminator_result> const*> attacked;
  for (auto const& s : seeds)
    if (auto const& d = (s.*reading).discriminators; !d.empty()) attacked.push_back(&d);
  if (attacked.empty()) return -1;
  int best = -1;
  double best_mean = missing;
  for (std::size_t i = 0; i < attacked.front()->size(); ++i) {
    double sum = 0;
    for (auto const* d : attacked) sum += i < d->size() ? (*d)[i].holdout_accuracy : missing;
    double const mean = sum / static_cast<double>(attacked.size());
    if (!is_missing(mean) && (best < 0 || mean > best_mean)) {
      best = static_cast<int>(i);
      best_mean = mean;
    }
  }
  return best;
}

reading_summary summarise_reading(std::vector<seed_result> const& seeds, reading_result seed_result::*reading) {
  reading_summary r;
  r.reported = select_discriminator(seeds, reading);
  auto const reported = [&](seed_result const& s) -> discriminator_result const* {
    auto const& d = (s.*reading).discriminators;
    return r.reported >= 0 && static_cast<std::size_t>(r.reported) < d.size() ? &d[static_cast<std::size_t>(r.reported)]
                                                                              : nullptr;
  };
  for (auto const& s : seeds)
    if (auto const* d = reported(s); d && r.reported_name.empty()) r.reported_name = d->name;

  r.holdout_accuracy = spread_over(seeds, [&](seed_result const& s) {
    auto const* d = reported(s);
    return d ? d->holdout_accuracy : missing;
  });
  r.attack_accuracy = spread_over(seeds, [&](seed_result const& s) {
    auto const* d = reported(s);
    return d ? d->target.accuracy : missing;
  });
  r.oracle_attack_accuracy = spread_over(
      seeds,
      [&](seed_result const& s) {
        double best = missing;
        for (auto const& d : (s.*reading).discriminators)
          if (!is_missing(d.target.accuracy) && !(d.target.accuracy <= best)) best = d.target.accuracy;
        return best;
      });
  r.loss_attack_accuracy = spread_over(
      seeds, [&](seed_result const& s) { return (s.*reading).loss.target.accuracy; });
  r.loss_oracle_attack_accuracy = spread_over(
      seeds, [&](seed_result const& s) { return (s.*reading).loss.oracle_accuracy; });
  r.confidence_attack_accuracy =
      spread_over(seeds, [&](seed_result const& s) { return (s.*reading).confidence.target.accuracy; });
  r.above_guessing = r.attack_accuracy.mean - 50.0;
  r.defence = defence_of(r.attack_accuracy);
  r.oracle_defence = defence_of(r.oracle_attack_accuracy);
  r.loss_defence = defence_of(r.loss_attack_accuracy);
  return r;
}

void summarise(results& study) {
  configuration_summary const* dense = nullptr;
  for (auto& c : study.configurations) {
    auto const& seeds = c.seeds;
    c.summary = {};
    c.summary.accuracy = spread_over(
        seeds, [](seed_result const& s) { return s.target.test_accuracy; });
    c.summary.shadow_accuracy = spread_over(
        seeds, [](seed_result const& s) { return s.shadow.test_accuracy; });
    c.summary.train_accuracy = spread_over(seeds, [](seed_result const& s) { return s.target.train_accuracy; });
    c.summary.all = summarise_reading(seeds, &seed_result::all);
    c.summary.strict = summarise_reading(seeds, &seed_result::strict);
    if (!dense && c.family == family::dense) dense = &c.summary;
  }
  study.trade_off = {};
  if (!dense) return;

  std::vector<accuracy_and_defence> all, strict;
  auto const compare = [&](configuration_summary& s, reading_summary configuration_summary::*reading,
                           std::vector<accuracy_and_defence>& points) {
    reading_summary& mine = s.*reading;
    reading_summary const& reference = dense->*reading;
    mine.defence_change = mine.defence.mean - reference.defence.mean;
    mine.defence_differs = differs(mine.defence, reference.defence);
    mine.ratio = ratio(s.accuracy.mean, mine.defence.mean, dense->accuracy.mean, reference.defence.mean);
    if (!is_missing(s.accuracy.mean) && !is_missing(mine.defence.mean))
      points.push_back({s.accuracy.mean, mine.defence.mean});
  };
  for (auto& c : study.configurations) {
    if (&c.summary == dense) continue;
    c.summary.accuracy_change = c.summary.accuracy.mean - dense->accuracy.mean;
    c.summary.accuracy_differs = differs(c.summary.accuracy, dense->accuracy);
    compare(c.summary, &configuration_summary::all, all);
    compare(c.summary, &configuration_summary::strict, strict);
  }
  study.trade_off.slope = slope_through({dense->accuracy.mean, dense->all.defence.mean}, all);
  study.trade_off.strict_slope = slope_through({dense->accuracy.mean, dense->strict.defence.mean}, strict);
  study.trade_off.points = static_cast<int>(all.size());
}

}  // namespace papillon::study
