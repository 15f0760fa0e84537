// SPDX-License-Identifier: MIT
#include <study/attack_checks.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>

#include <papillon/privacy/blind.hpp>
#include <papillon/privacy/roc.hpp>
#include <papillon/privacy/thresholds.hpp>
#include <papillon/random/distributions.hpp>

#include <study/stored_scores.hpp>

namespace papillon::study {

namespace {

/// The attacks that find all of what was learned by heart.
constexpr std::array<std::string_view, 4> found_by_heart{"loss", "class-loss", "nine", "lira-online"};
constexpr double learned_by_heart = 99;  // %, of the trained images
constexpr double nearly_all = 95;        // %, accuracy of an attack

void append(std::vector<attack_check>& all, std::vector<attack_check> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

check_outcome outcome_of(bool passed) { return passed ? check_outcome::passed : check_outcome::failed; }

/// Of an accuracy in percent, on `images` images.
attack_check check_accuracy(attack_control control, std::string attack, double accuracy, int images) {
  attack_check c{control, std::move(attack), check_measure::accuracy};
  double const share = accuracy / 100;
  double const margin = 3 * 100 * std::sqrt(share * (1 - share) / images);
  c.value = accuracy;
  c.low = std::max(0.0, accuracy - margin);
  c.high = std::min(100.0, accuracy + margin);
  bool const learned = control == attack_control::random_labels;
  c.expected = learned ? nearly_all : 50;
  c.outcome = outcome_of(learned ? c.value > c.expected : c.low <= c.expected && c.expected <= c.high);
  return c;
}

/// Of the mean accuracy of an attack over its experiments. Its error is that of one: seeds share their images, and
/// roles each other's thresholds.
attack_check check_listed(attack_control control, listed_attack const& a) {
  double sum = 0;
  for (auto const& e : a.experiments) sum += e.accuracy;
  auto const& first = a.experiments.front();
  return check_accuracy(control, a.name, sum / static_cast<double>(a.experiments.size()), first.members + first.others);
}

/// The images that the strict reading judges, as a blind attack sees them.
privacy::samples seen_blind(data::image_set const& set, data::split::role const& r) {
  auto images = r.trained;
  images.insert(images.end(), r.strict_test.begin(), r.strict_test.end());
  return privacy::blind_samples(set, images, r.trained.size(), privacy::blind_knowledge::label_and_mean_pixel);
}

std::vector<attack_check> check_permuted_scores(plan const& p, layout const& places) {
  std::vector<attack_check> all;
  auto const dense = std::ranges::find_if(
      p.experiments, [&](experiment const& e) { return p.configurations[e.configuration].name == "dense"; });
  if (dense == p.experiments.end()) return all;
  for (std::size_t item = 0; item < dense->listed.size(); ++item)
    if (auto const judged = stored_scores(p, places, *dense, item, "target"))
      all.push_back(check_permuted(dense->listed[item].first, *judged));
  return all;
}

}  // namespace

attack_check check_permuted(std::string attack, judged_images const& judged) {
  random::engine engine({.seed = 0, .role = 0, .what = random::purpose::resampling});
  std::vector<std::uint32_t> order(judged.members.size());
  std::iota(order.begin(), order.end(), 0U);
  random::shuffle(engine, order);
  std::vector<std::uint8_t> members;
  for (auto const i : order) members.push_back(judged.members[i]);
  auto const area =
      privacy::roc_curve(std::span<double const>(judged.scores), std::span<std::uint8_t const>(members)).auc();
  double const margin = 3 * area.standard_error;
  attack_check c{attack_control::permuted, std::move(attack), check_measure::auc};
  c.expected = 0.5;
  c.value = area.value;
  c.low = std::max(0.0, area.value - margin);
  c.high = std::min(1.0, area.value + margin);
  c.outcome = outcome_of(c.low <= c.expected && c.expected <= c.high);
  return c;
}

std::vector<attack_check> check_blind(data::image_set const& set, data::split const& split) {
  auto const shadow = seen_blind(set, split.shadow()), target = seen_blind(set, split.target());
  auto const check = [&](char const* name, auto const& scores) {
    auto const found =
        privacy::threshold_attack(scores(shadow, shadow), shadow.members, scores(shadow, target), target.members);
    return check_accuracy(attack_control::blind, name, found.target.accuracy, static_cast<int>(target.size()));
  };
  return {check("class frequencies", privacy::class_frequency_scores), check("mean pixel", privacy::mean_pixel_scores)};
}

std::vector<attack_check> check_untrained(configuration_result const& c) {
  std::vector<attack_check> all;
  for (auto const& a : c.attacks) all.push_back(check_listed(attack_control::untrained, a));
  return all;
}

std::vector<attack_check> check_random_labels(configuration_result const& c) {
  std::vector<attack_check> all;
  bool const by_heart = std::ranges::all_of(c.seeds, [](seed_result const& s) {
    return s.target.quality.train_accuracy >= learned_by_heart && s.shadow.quality.train_accuracy >= learned_by_heart;
  });
  if (!by_heart) return all;
  for (auto const& a : c.attacks)
    if (std::ranges::find(found_by_heart, a.name) != found_by_heart.end())
      all.push_back(check_listed(attack_control::random_labels, a));
  return all;
}

std::vector<attack_check> check_attacks(
    plan const& p, study_data const& data, layout const& places, std::vector<configuration_result> const& configured) {
  std::vector<attack_check> all;
  if (!p.attacked) return all;
  if (!p.experiments.empty()) append(all, check_blind(data.images(), data.split_for(p.experiments.front().seed)));
  append(all, check_permuted_scores(p, places));
  for (std::size_t c = 0; c < configured.size(); ++c) {
    auto const& train = p.configurations[c].settings.train;
    if (train.epochs == 0) append(all, check_untrained(configured[c]));
    else if (train.labels == training_labels::random) append(all, check_random_labels(configured[c]));
  }
  return all;
}

}  // namespace papillon::study
