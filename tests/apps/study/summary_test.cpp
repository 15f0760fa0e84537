// SPDX-License-Identifier: MIT
#include <study/summary.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "synthetic_study.hpp"

using namespace papillon::study;
using papillon::test::papers_synthetic_study;
using papillon::test::synthetic_study;

namespace {

/// Sums of a few decimal numbers below 200: each operation is right to half a unit in the last place.
double const rounding = 16 * 200 * std::numeric_limits<double>::epsilon();

seed_result experiment(
    std::uint64_t seed, double accuracy, std::vector<double> const& holdout, std::vector<double> const& target) {
  seed_result s;
  s.seed = seed;
  s.target.quality.test_accuracy = accuracy;
  for (std::size_t i = 0; i < holdout.size(); ++i) {
    discriminator_result d;
    d.name = std::string(1, static_cast<char>(0x61 + i));
    d.holdout_accuracy = holdout[i];
    d.target.accuracy = target[i];
    s.all.discriminators.push_back(d);
  }
  return s;
}

/// An experiment of an attack: what it reached on the other role's held-out images, and on the role's.
attack_experiment attacked(std::uint64_t seed, std::string role, double holdout, double accuracy) {
  attack_experiment e;
  e.seed = seed;
  e.role = std::move(role);
  e.holdout_accuracy = holdout;
  e.accuracy = accuracy;
  return e;
}

listed_attack attack(std::string name, std::vector<attack_experiment> experiments) {
  return {.name = std::move(name), .experiments = std::move(experiments), .roc = {}, .summary = {}};
}

/// A configuration of one attack, whose accuracies on the targets are given, a seed each.
configuration_result configuration(std::string name, std::vector<double> const& accuracies) {
  configuration_result c;
  c.name = c.series = std::move(name);
  listed_attack loss = attack("loss", {});
  for (double a : accuracies) {
    auto const seed = static_cast<std::uint64_t>(loss.experiments.size() + 1);
    loss.experiments.push_back(attacked(seed, "target", a, a));
  }
  c.attacks = {loss};
  return c;
}

configuration_result const& at(results const& study, std::string const& name) {
  auto const* found = find_configuration(study, name);
  REQUIRE(found != nullptr);
  return *found;
}

}  // namespace

TEST_CASE("the reported discriminator is best on the shadow's hold-out on average, whatever it does on the target") {
  std::vector<seed_result> const seeds{
      experiment(1, 80, {60, 62, 55}, {70, 61, 90}), experiment(2, 81, {65, 62, 55}, {70, 63, 90})};
  CHECK(select_discriminator(seeds, &seed_result::all) == 0);
  auto const r = summarise_reading(seeds, &seed_result::all);
  CHECK(r.reported_name == "a");
  CHECK(r.holdout_accuracy.mean == 62.5);
  CHECK(r.attack_accuracy.mean == 70.0);
  CHECK(r.defence.mean == 60.0);
  CHECK(r.oracle_attack_accuracy.mean == 90.0);
  CHECK(r.oracle_defence.mean == 20.0);
}

TEST_CASE("equal hold-out accuracies select the first discriminator") {
  std::vector<seed_result> const seeds{experiment(1, 80, {60, 62, 62}, {70, 61, 90})};
  CHECK(select_discriminator(seeds, &seed_result::all) == 1);
}

TEST_CASE("a discriminator that lacks a seed is not selected") {
  std::vector<seed_result> const seeds{
      experiment(1, 80, {60, 70}, {50, 50}), experiment(2, 80, {60, missing}, {50, 50})};
  CHECK(select_discriminator(seeds, &seed_result::all) == 0);
  CHECK(select_discriminator(seeds, &seed_result::strict) == -1);
  CHECK(select_discriminator({}, &seed_result::all) == -1);
}

TEST_CASE("a study is summarised against its dense network by the paper's rules") {
  results study;
  configuration_result dense, pruned, untouched;
  dense.name = "dense";
  dense.seeds = {experiment(1, 87, {60}, {60}), experiment(2, 88, {60}, {61})};
  pruned.name = "imp-08";
  pruned.nonzero_percent = 17.26;
  pruned.seeds = {experiment(1, 83, {55}, {55}), experiment(2, 84, {55}, {54})};
  untouched.name = "S1L2";
  study.configurations = {dense, pruned, untouched};
  summarise(study);

  auto const& s = study.configurations[1].summary;
  CHECK(s.accuracy.mean == 83.5);
  CHECK(s.accuracy_change == -4.0);
  CHECK(s.all.defence_change == Approx(12.0).margin(rounding));
  CHECK(s.all.above_guessing == Approx(4.5).margin(rounding));
  CHECK(s.accuracy_differs == significance::yes);
  CHECK(s.all.defence.mean == Approx(91.0).margin(rounding));
  CHECK(s.all.defence.deviation == Approx(2 * std::sqrt(0.5)).margin(rounding));
  CHECK(s.all.defence_differs == significance::yes);
  double const ratio = (12.0 / 79.0) * (87.5 / 4.0);
  CHECK(s.all.ratio == Approx(ratio).epsilon(1e-12));
  auto const& line = study.trade_off.all;
  CHECK(line.slope == Approx(-3.0).epsilon(1e-12));
  CHECK(line.share_explained == Approx(1.0).epsilon(1e-12));
  CHECK(line.points == 1);
  CHECK(line.paper_range_points == 1);
  CHECK(line.mean_ratio == Approx(ratio).epsilon(1e-12));
  CHECK(line.slope_low <= -3.0);
  CHECK(line.slope_high >= -3.0);
  CHECK(is_missing(study.trade_off.strict.slope));
  CHECK(study.configurations[0].summary.all.defence_differs == significance::unknown);
  CHECK(is_missing(study.configurations[2].summary.accuracy.mean));
}

TEST_CASE("the ratio is negative where the defence falls and a dash where the accuracy does not change for sure") {
  results study;
  configuration_result dense, worse, same;
  dense.name = "dense";
  dense.seeds = {experiment(1, 87, {60}, {60}), experiment(2, 88, {60}, {61})};
  worse.name = "worse";
  worse.seeds = {experiment(1, 83, {70}, {70}), experiment(2, 84, {70}, {71})};
  same.name = "same";  // differences of accuracy +2 and -1.5: mean 0.25, standard error 1.75
  same.seeds = {experiment(1, 89, {55}, {55}), experiment(2, 86.5, {55}, {55})};
  study.configurations = {dense, worse, same};
  summarise(study);
  CHECK(study.configurations[1].summary.all.ratio == Approx(-20.0 / 79.0 * 87.5 / 4).epsilon(1e-12));
  CHECK(is_missing(study.configurations[2].summary.all.ratio));
}

TEST_CASE("the mean ratio is over all configurations of the paper's range, butterflies included, and no controls") {
  auto const study = papers_synthetic_study();
  double sum = 0;
  int count = 0;
  for (char const* name : {"imp-08", "imp-16", "S2L2", "S3L3"}) {
    CHECK(in_papers_range(at(study, name), study.paper));
    sum += at(study, name).summary.all.ratio;
    ++count;
  }
  CHECK(study.trade_off.all.paper_range_points == count);
  CHECK(study.trade_off.all.mean_ratio == Approx(sum / count).epsilon(1e-12));
  CHECK(synthetic_study().trade_off.all.mean_ratio == study.trade_off.all.mean_ratio);
  CHECK(synthetic_study().trade_off.all.slope == study.trade_off.all.slope);
}

TEST_CASE("the strongest attack is best on the shadow's hold-out, whatever it does on the target") {
  auto const best = attack("nine", {attacked(1, "target", 64, 60), attacked(1, "shadow", 50, 60)});
  auto const lucky = attack("loss", {attacked(1, "target", 62, 90), attacked(1, "shadow", 99, 90)});
  auto const equal = attack("gap", {attacked(1, "target", 64, 80)});
  CHECK(strongest_attack({lucky, best, equal})->name == "nine");
  CHECK(strongest_attack({}) == nullptr);
  // one that lacks a hold-out accuracy, or a seed that another attack was judged on, takes no part
  auto const unknown = attack("entropy", {attacked(1, "target", missing, 90)});
  CHECK(strongest_attack({unknown}) == nullptr);
  auto const two = attack("rmia", {attacked(1, "target", 60, 60), attacked(2, "target", 60, 60)});
  CHECK(strongest_attack({best, two})->name == "rmia");
}

TEST_CASE("the two experiments of a seed are one value of an estimate") {
  results study;
  configuration_result dense;
  dense.name = "dense";
  dense.attacks = {attack("loss", {attacked(1, "target", 60, 60), attacked(1, "shadow", 60, 62),
                                      attacked(2, "target", 61, 63), attacked(2, "shadow", 61, 67)})};
  study.configurations = {dense};
  summarise(study);
  auto const& s = study.configurations[0].attacks[0].summary;
  CHECK(s.accuracy.count == 2);
  CHECK(s.accuracy.mean == Approx(63.0).margin(rounding));
  CHECK(s.defence.mean == Approx(74.0).margin(rounding));
  // values 61 and 65: standard error 2, Student's t with one degree of freedom
  CHECK(s.accuracy.high == Approx(63 + 2 * 12.706204736).margin(1e-6));
  CHECK(s.holdout_accuracy.mean == Approx(60.5).margin(rounding));
  CHECK(study.configurations[0].summary.strongest_accuracy.mean == s.accuracy.mean);
}

TEST_CASE("the headline counts after Holm and names the best of the better") {
  results study;
  study.configurations = {configuration("dense", {60, 61, 62}), configuration("better", {55.0, 56.1, 57.0}),
      configuration("best", {52.0, 53.1, 54.0}), configuration("worse", {70.0, 71.1, 72.0}),
      configuration("maybe", {58, 63, 57})};
  summarise(study);
  CHECK(study.headline.better == 2);
  CHECK(study.headline.worse == 1);
  CHECK(study.headline.undecided == 1);
  CHECK(study.headline.best == "best");
  auto const& d = study.configurations[2].summary.to_dense;
  CHECK(d.change.mean == Approx(2 * (61 - 159.1 / 3)).margin(rounding));
  CHECK(d.corrected_p >= d.p);
}

TEST_CASE("nothing is praised that chance explains, and no control") {
  results study;
  study.configurations = {configuration("dense", {60, 61, 62}), configuration("maybe", {50, 63, 57})};
  summarise(study);
  CHECK(study.configurations[1].summary.to_dense.change.mean > 0);
  CHECK(study.headline.undecided == 1);
  CHECK(study.headline.best.empty());

  study.configurations.push_back(configuration("narrow-6", {50.0, 51.1, 52.0}));
  study.configurations.back().control_of = "maybe";
  summarise(study);
  CHECK(study.configurations[2].summary.to_dense.corrected_p < test_level);
  CHECK(study.headline.better == 0);
  CHECK(study.headline.best.empty());
}

TEST_CASE("one seed decides nothing") {
  auto const study = synthetic_study(1);
  CHECK(study.headline.better + study.headline.worse == 0);
  CHECK(study.headline.undecided == 7);  // all but dense and the two controls
  CHECK(study.headline.best.empty());
  CHECK(is_missing(at(study, "imp-08").summary.to_dense.p));
  CHECK(is_missing(at(study, "imp-08").summary.strongest_defence.low));
  CHECK(is_missing(study.trade_off.all.slope_low));
}

TEST_CASE("a control says what a configuration has beyond it, paired by seed") {
  results study;
  study.configurations = {configuration("dense", {60, 61, 62}), configuration("imp-08", {55, 56, 57}),
      configuration("restart-08", {57, 59, 58})};
  study.configurations[2].control_of = "imp-08";
  summarise(study);
  auto const& d = study.configurations[2].summary.to_control;
  CHECK(d.change.mean == Approx(4.0).margin(rounding));  // 4, 6 and 2 points of defence
  CHECK(d.change.count == 3);
  CHECK(d.corrected_p == d.p);
  CHECK(is_missing(study.configurations[1].summary.to_control.change.mean));
}

TEST_CASE("what pruning changed is said of every attack, against the network that it began with") {
  results study;
  study.configurations = {configuration("dense", {60, 61, 62}), configuration("other", {70, 71, 72}),
      configuration("pruned", {67, 69, 68})};
  auto& pruned = study.configurations[2];
  pruned.pruned_from = "other";
  pruned.attacks.push_back(attack("rmia", {attacked(1, "target", 80, 80)}));
  summarise(study);
  auto const& d = pruned.attacks[0].summary.defence_to_unpruned;
  CHECK(d.change.mean == Approx(6.0).margin(rounding));  // 6, 4 and 8 points of defence
  CHECK(d.change.count == 3);
  CHECK(d.corrected_p == d.p);
  CHECK(is_missing(pruned.attacks[1].summary.defence_to_unpruned.change.mean));  // the other did not go through it
  CHECK(is_missing(study.configurations[1].attacks[0].summary.defence_to_unpruned.change.mean));
}

TEST_CASE("courses are averaged step by step, over the seeds that have the step") {
  results study;
  configuration_result c;
  c.name = "narrow-6";
  c.courses = {{1, {{20, 0, 19, 101}, {40, 6, 41, 96}}}, {2, {{21, 1, 21, 99}, {42, -1, missing, missing}}}};
  c.seeds.resize(2);
  c.seeds[0].seed = 1, c.seeds[1].seed = 2;
  study.configurations = {c};
  summarise(study);
  auto const& course = study.configurations[0].summary.course;
  REQUIRE(course.size() == 2);
  CHECK(course[0].accuracy.mean == 20);
  CHECK(course[0].defence.mean == 100);
  CHECK(course[1].accuracy.mean == 41);
  CHECK(course[1].defence.count == 1);
}

TEST_CASE("configurations are compared by the attacks that both went through") {
  results study;
  study.configurations = {configuration("dense", {60, 61, 62}), configuration("imp-08", {58, 59, 60})};
  auto& dense = study.configurations[0];
  dense.attacks.push_back(attack(
      "lira-online", {attacked(1, "target", 80, 80), attacked(2, "target", 81, 81), attacked(3, "target", 82, 82)}));
  summarise(study);
  CHECK(dense.summary.strongest == "lira-online");
  CHECK(dense.summary.strongest_defence.mean == Approx(200 - 2 * 81).margin(rounding));
  CHECK(study.configurations[1].summary.to_dense.change.mean == Approx(4.0).margin(rounding));  // by "loss"
}

TEST_CASE("rates at bounds, memorisation, overlap and matched networks are averaged over seeds") {
  auto const study = synthetic_study();
  auto const& c = at(study, "imp-08");
  auto const& s = c.summary;
  REQUIRE(s.strongest_found.size() == 5);
  CHECK(s.strongest_found[1].allowed == 0.01);
  CHECK(s.strongest_found[1].rate.count == 3);
  CHECK(s.strongest_found[1].mistakes == Approx(5.0).margin(rounding));
  CHECK(is_missing(s.strongest_found[3].mistakes));
  CHECK(is_missing(s.strongest_found[3].rate.mean));  // finer than the images are many
  double memorised = 0, share = 0, change = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    memorised += c.memorisation[i].mean / 3;
    share += c.overlap[i].share / 3;
    change += (c.matched[i].partner_defence - c.matched[i].defence) / 3;
  }
  CHECK(s.memorisation.mean == Approx(memorised).epsilon(1e-12));
  CHECK(s.overlap.mean == Approx(share).epsilon(1e-12));
  CHECK(s.matched.change.change.mean == Approx(change).epsilon(1e-9));
  CHECK(s.matched.change.corrected_p >= s.matched.change.p);
}

TEST_CASE("the rates of ROC curves are 0 and 61 up to 1, even in their logarithm") {
  auto const& rates = roc_rates();
  REQUIRE(rates.size() == 62);
  CHECK(rates[0] == 0.0);
  CHECK(rates[1] == Approx(1e-4).epsilon(1e-12));
  CHECK(rates[31] == Approx(1e-2).epsilon(1e-12));
  CHECK(rates[61] == 1.0);
}

TEST_CASE("a study without a dense network has means and nothing to compare with") {
  results study;
  configuration_result pruned = configuration("imp-01", {55});
  pruned.seeds = {experiment(1, 83, {55}, {55})};
  study.configurations = {pruned};
  summarise(study);
  CHECK(study.configurations[0].summary.all.defence.mean == 90.0);
  CHECK(study.configurations[0].summary.strongest_defence.mean == 90.0);
  CHECK(study.configurations[0].summary.all.defence_differs == significance::unknown);
  CHECK(is_missing(study.configurations[0].summary.to_dense.change.mean));
  CHECK(is_missing(study.trade_off.all.slope));
  CHECK(study.headline.undecided == 0);
}

TEST_CASE("summaries replace what was there") {
  auto study = synthetic_study();
  auto const before = study.headline.better;
  summarise(study);
  CHECK(study.headline.better == before);
  study.configurations.resize(1);
  summarise(study);
  CHECK(study.headline.better == 0);
  CHECK(study.headline.best.empty());
  CHECK(is_missing(study.trade_off.all.slope));
}
