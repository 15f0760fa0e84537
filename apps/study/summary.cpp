// SPDX-License-Identifier: MIT
#include <study/summary.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>

#include <papillon/privacy/trade_off.hpp>

#include <study/statistics.hpp>
#include <study/warnings.hpp>

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

/// One value for each of the study's seeds: the mean over the items that are of this seed and have it, else missing.
/// Both roles of an experiment are of one seed, as they share its networks.
template <class Item, class Number>
std::vector<double> by_seed(std::vector<std::uint64_t> const& seeds, std::vector<Item> const& items, Number number) {
  std::vector<double> values(seeds.size(), missing);
  for (std::size_t s = 0; s < seeds.size(); ++s) {
    double sum = 0;
    int count = 0;
    for (Item const& item : items) {
      double const value = item.seed == seeds[s] ? number(item) : missing;
      if (is_missing(value)) continue;
      sum += value;
      ++count;
    }
    if (count > 0) values[s] = sum / count;
  }
  return values;
}

/// The seeds that there are experiments of, in order.
std::vector<std::uint64_t> seeds_of(results const& study) {
  std::set<std::uint64_t> seeds;
  for (auto const& c : study.configurations) {
    for (auto const& s : c.seeds) seeds.insert(s.seed);
    for (auto const& a : c.attacks)
      for (auto const& e : a.experiments) seeds.insert(e.seed);
  }
  return {seeds.begin(), seeds.end()};
}

/// The hold-out accuracy of an attack on targets, over the shadow's images.
double holdout_on_shadow(attack_experiment const& e) { return e.role == "target" ? e.holdout_accuracy : missing; }

listed_attack const* find_attack(configuration_result const& c, std::string_view name) {
  auto const found = std::find_if(c.attacks.begin(), c.attacks.end(), [&](auto const& a) { return a.name == name; });
  return found == c.attacks.end() ? nullptr : &*found;
}

}  // namespace

bool explains_another(configuration_result const& c) noexcept { return !c.control_of.empty(); }
bool is_control(configuration_result const& c) noexcept { return explains_another(c) || c.series == "control"; }

configuration_result const* find_configuration(results const& study, std::string_view name) noexcept {
  for (auto const& c : study.configurations)
    if (c.name == name) return &c;
  return nullptr;
}

bool in_papers_range(configuration_result const& c, paper_numbers const& paper) noexcept {
  return c.nonzero_percent >= paper.ratio_from_percent - 0.05 && c.nonzero_percent <= paper.ratio_to_percent + 0.05;
}

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
  r.oracle_attack_accuracy = spread_over(seeds, [&](seed_result const& s) {
    double best = missing;
    for (auto const& d : (s.*reading).discriminators)
      if (!is_missing(d.target.accuracy) && !(d.target.accuracy <= best)) best = d.target.accuracy;
    return best;
  });
  r.above_guessing = r.attack_accuracy.mean - 50.0;
  r.defence = defence_of(r.attack_accuracy);
  r.oracle_defence = defence_of(r.oracle_attack_accuracy);
  return r;
}

listed_attack const* strongest_attack(std::vector<listed_attack> const& attacks) {
  return strongest_attack(attacks, attacks);
}

listed_attack const* strongest_attack(
    std::vector<listed_attack> const& attacks, std::vector<listed_attack> const& also) {
  auto const on_targets = [](listed_attack const& a) {
    return std::count_if(a.experiments.begin(), a.experiments.end(), [](auto const& e) { return e.role == "target"; });
  };
  std::ptrdiff_t most = 0;
  for (auto const& a : attacks) most = std::max(most, on_targets(a));
  listed_attack const* best = nullptr;
  double best_mean = missing;
  for (auto const& a : attacks) {
    if (on_targets(a) < most || most == 0 || std::ranges::find(also, a.name, &listed_attack::name) == also.end())
      continue;
    double sum = 0;
    for (auto const& e : a.experiments) sum += e.role == "target" ? e.holdout_accuracy : 0;
    double const mean = sum / static_cast<double>(most);
    if (is_missing(mean) || (best && mean <= best_mean)) continue;
    best = &a;
    best_mean = mean;
  }
  return best;
}

namespace {

/// Computes summaries and keeps, while it does so, the numbers of every seed that differences are made of.
class summariser {
 public:
  explicit summariser(results& study) : study_(study), seeds_(seeds_of(study)) {}

  void run() {
    for (auto& c : study_.configurations) {
      c.summary = {};
      summarise_quality(c);
      summarise_attacks(c);
      summarise_rest(c);
      summarise_courses(c);
    }
    study_.trade_off = {};
    study_.headline = {};
    if (auto const* dense = find_configuration(study_, "dense")) {
      compare_with(*dense);
      study_.trade_off.all = line(*dense, &seed_result::all, &configuration_summary::all);
      study_.trade_off.strict = line(*dense, &seed_result::strict, &configuration_summary::strict);
    }
    compare_with_controls();
    compare_with_unpruned();
    set_headline();
    study_.warnings = warnings_of(study_);
  }

 private:
  using numbers = std::vector<double>;

  void summarise_quality(configuration_result& c) const {
    auto& s = c.summary;
    s.accuracy = spread_over(
        c.seeds, [](seed_result const& r) { return r.target.quality.test_accuracy; });
    s.shadow_accuracy = spread_over(
        c.seeds, [](seed_result const& r) { return r.shadow.quality.test_accuracy; });
    s.mean_accuracy = spread_over(
        c.seeds,
        [](seed_result const& r) { return (r.target.quality.test_accuracy + r.shadow.quality.test_accuracy) / 2; });
    s.train_accuracy = spread_over(c.seeds, [](seed_result const& r) { return r.target.quality.train_accuracy; });
    s.all = summarise_reading(c.seeds, &seed_result::all);
    s.strict = summarise_reading(c.seeds, &seed_result::strict);
  }

  [[nodiscard]] numbers defences(listed_attack const* attack) const {
    if (!attack) return numbers(seeds_.size(), missing);
    return by_seed(seeds_, attack->experiments, [](attack_experiment const& e) { return defence(e.accuracy); });
  }

  /// The difference of the defences of two configurations, each against the strongest of the attacks that both have.
  [[nodiscard]] difference compare(configuration_result const& c, configuration_result const& other) const {
    return difference_of(
        defences(strongest_attack(c.attacks, other.attacks)), defences(strongest_attack(other.attacks, c.attacks)));
  }

  /// The rates at every operating point of the experiments.
  [[nodiscard]] std::vector<operating_estimate> rates(
      listed_attack const& attack, std::vector<operating_point> attack_experiment::*points) const {
    std::vector<operating_estimate> estimates;
    if (attack.experiments.empty()) return estimates;
    for (auto const& wanted : attack.experiments.front().*points) {
      auto const number = [&](auto value) {
        return by_seed(
            seeds_, attack.experiments,
            [&](attack_experiment const& e) {
              for (auto const& p : e.*points)
                if (p.allowed == wanted.allowed && !is_missing(p.rate)) return value(p);
              return missing;
            });
      };
      auto const mistakes = number([](auto const& p) { return p.mistakes < 0 ? missing : p.mistakes; });
      estimates.push_back({.allowed = wanted.allowed,
          .rate = estimate_of(number([](auto const& p) { return p.rate; })),
          .mistakes = privacy::estimate_mean(mistakes).mean});
    }
    return estimates;
  }

  void summarise_attacks(configuration_result& c) const {
    for (auto& a : c.attacks) {
      a.summary = {};
      auto const number = [&](double attack_experiment::*member) {
        return estimate_of(by_seed(seeds_, a.experiments, [&](attack_experiment const& e) { return e.*member; }));
      };
      a.summary.holdout_accuracy = estimate_of(by_seed(seeds_, a.experiments, holdout_on_shadow));
      a.summary.accuracy = number(&attack_experiment::accuracy);
      a.summary.defence = estimate_of(defences(&a));
      a.summary.auc = number(&attack_experiment::auc);
      a.summary.found = rates(a, &attack_experiment::found);
      a.summary.ruled_out = rates(a, &attack_experiment::ruled_out);
    }
    if (auto const* nine = find_attack(c, "nine")) c.summary.paper_defence = nine->summary.defence;
    if (auto const* gap = find_attack(c, "gap")) c.summary.gap_defence = gap->summary.defence;
    auto const* strongest = strongest_attack(c.attacks);
    if (!strongest) return;
    c.summary.strongest = strongest->name;
    c.summary.strongest_defence = strongest->summary.defence;
    c.summary.strongest_accuracy = strongest->summary.accuracy;
    c.summary.strongest_auc = strongest->summary.auc;
    c.summary.strongest_found = strongest->summary.found;
  }

  void summarise_rest(configuration_result& c) const {
    auto const memorised = [&](double memorisation_result::*member) {
      return estimate_of(by_seed(seeds_, c.memorisation, [&](memorisation_result const& m) { return m.*member; }));
    };
    c.summary.memorisation = memorised(&memorisation_result::mean);
    c.summary.memorised_share = memorised(&memorisation_result::share_above);
    c.summary.found_of_top = memorised(&memorisation_result::found_of_top);
    c.summary.overlap = estimate_of(by_seed(
        seeds_, c.overlap, [](overlap_result const& o) { return o.share; }));
    auto const matched = [&](double matched_result::*member) {
      return by_seed(seeds_, c.matched, [&](matched_result const& m) { return m.*member; });
    };
    auto const partner = matched(&matched_result::partner_defence), dense = matched(&matched_result::defence);
    c.summary.matched = {.accuracy = estimate_of(matched(&matched_result::accuracy)),
        .partner_accuracy = estimate_of(matched(&matched_result::partner_accuracy)),
        .defence = estimate_of(dense),
        .partner_defence = estimate_of(partner),
        .change = difference_of(partner, dense)};
  }

  void summarise_courses(configuration_result& c) const {
    c.summary.course.clear();
    std::size_t steps = 0;
    for (auto const& course : c.courses) steps = std::max(steps, course.points.size());
    for (std::size_t step = 0; step < steps; ++step) {
      auto const number = [&](double course_point::*member) {
        return estimate_of(by_seed(seeds_, c.courses,
            [&](course_result const& r) { return step < r.points.size() ? r.points[step].*member : missing; }));
      };
      c.summary.course.push_back({number(&course_point::accuracy), number(&course_point::defence)});
    }
  }

  void compare_with(configuration_result const& dense) {
    std::vector<difference*> strongest, matched;
    std::map<std::string, std::vector<difference*>> listed;
    for (auto& c : study_.configurations) {
      if (&c == &dense) continue;
      auto& s = c.summary;
      s.accuracy_change = s.accuracy.mean - dense.summary.accuracy.mean;
      s.accuracy_differs = differs(s.accuracy, dense.summary.accuracy);
      compare_readings(c, dense, &configuration_summary::all);
      compare_readings(c, dense, &configuration_summary::strict);
      s.to_dense = compare(c, dense);
      strongest.push_back(&s.to_dense);
      matched.push_back(&s.matched.change);
      for (auto& a : c.attacks) {
        a.summary.defence_to_dense = difference_of(defences(&a), defences(find_attack(dense, a.name)));
        listed[a.name].push_back(&a.summary.defence_to_dense);
      }
    }
    correct_together(strongest);
    correct_together(matched);
    for (auto const& attack : listed) correct_together(attack.second);
  }

  void compare_readings(configuration_result& c, configuration_result const& dense,
      reading_summary configuration_summary::*reading) const {
    reading_summary& mine = c.summary.*reading;
    reading_summary const& reference = dense.summary.*reading;
    mine.defence_change = mine.defence.mean - reference.defence.mean;
    mine.defence_differs = differs(mine.defence, reference.defence);
    auto const accuracy = [](seed_result const& s) { return s.target.quality.test_accuracy; };
    auto const own = by_seed(seeds_, c.seeds, accuracy), others = by_seed(seeds_, dense.seeds, accuracy);
    numbers paid;
    for (std::size_t s = 0; s < own.size(); ++s) paid.push_back(own[s] - others[s]);
    mine.ratio = privacy::signed_ratio({c.summary.accuracy.mean, mine.defence.mean},
        {dense.summary.accuracy.mean, reference.defence.mean}, privacy::estimate_mean(paid).standard_error);
  }

  /// A configuration's points of the trade-off, one a seed.
  [[nodiscard]] std::vector<privacy::trade_off> points(configuration_result const& c,
      reading_result seed_result::*reading, reading_summary configuration_summary::*summary) const {
    auto const reported = static_cast<std::size_t>((c.summary.*summary).reported);  // -1: beyond every list
    auto const accuracy = by_seed(seeds_, c.seeds, [](seed_result const& s) { return s.target.quality.test_accuracy; });
    auto const attacked = by_seed(seeds_, c.seeds, [&](seed_result const& s) {
      auto const& all = (s.*reading).discriminators;
      return reported < all.size() ? all[reported].target.accuracy : missing;
    });
    std::vector<privacy::trade_off> all;
    for (std::size_t s = 0; s < seeds_.size(); ++s) all.push_back({accuracy[s], defence(attacked[s])});
    return all;
  }

  [[nodiscard]] trade_off_line line(configuration_result const& dense, reading_result seed_result::*reading,
      reading_summary configuration_summary::*summary) const {
    if (seeds_.empty()) return {};
    std::vector<privacy::trade_off> all, in_range;
    numbers ratios;
    for (auto const& c : study_.configurations) {
      if (&c == &dense || is_control(c) || !is_missing(c.privacy.noise)) continue;
      auto const own = points(c, reading, summary);
      all.insert(all.end(), own.begin(), own.end());
      if (!in_papers_range(c, study_.paper)) continue;
      in_range.insert(in_range.end(), own.begin(), own.end());
      ratios.push_back((c.summary.*summary).ratio);
    }
    auto const through = points(dense, reading, summary);
    auto const fitted = privacy::fit_line_through(through, all), paper = privacy::fit_line_through(through, in_range);
    return {.slope = fitted.slope,
        .slope_low = fitted.limits.low,
        .slope_high = fitted.limits.high,
        .share_explained = fitted.explained,
        .points = static_cast<int>(fitted.count),
        .paper_range_slope = paper.slope,
        .paper_range_points = static_cast<int>(paper.count),
        .mean_ratio = privacy::estimate_mean(ratios).mean,
        .median_ratio = privacy::quantile(ratios, 0.5)};
  }

  void compare_with_controls() {
    std::vector<difference*> tests;
    for (auto& c : study_.configurations)
      if (auto const* explained = c.control_of.empty() ? nullptr : find_configuration(study_, c.control_of)) {
        c.summary.to_control = compare(*explained, c);
        tests.push_back(&c.summary.to_control);
      }
    correct_together(tests);
  }

  /// What pruning changed, attack by attack.
  void compare_with_unpruned() {
    std::vector<difference*> tests;
    for (auto& c : study_.configurations) {
      auto const* unpruned = c.pruned_from.empty() ? nullptr : find_configuration(study_, c.pruned_from);
      if (!unpruned) continue;
      for (auto& a : c.attacks) {
        auto const* before = find_attack(*unpruned, a.name);
        if (!before) continue;
        a.summary.defence_to_unpruned = difference_of(defences(&a), defences(before));
        tests.push_back(&a.summary.defence_to_unpruned);
      }
    }
    correct_together(tests);
  }

  void set_headline() {
    double best = 0;
    for (auto const& c : study_.configurations) {
      auto const& change = c.summary.to_dense;
      if (is_control(c) || is_missing(change.change.mean)) continue;
      bool const decided = change.corrected_p < test_level;
      if (!decided) ++study_.headline.undecided;
      else ++(change.change.mean > 0 ? study_.headline.better : study_.headline.worse);
      if (!decided || change.change.mean <= best) continue;
      best = change.change.mean;
      study_.headline.best = c.name;
    }
  }

  results& study_;
  std::vector<std::uint64_t> seeds_;
};

}  // namespace

void summarise(results& study) { summariser(study).run(); }

}  // namespace papillon::study
