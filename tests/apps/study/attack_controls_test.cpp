// SPDX-License-Identifier: MIT
// Every attack that a study can list, on real networks, where what it finds is known beforehand: nothing on untrained
// networks, on permuted members and without asking any network; nearly all where labels that say nothing were learned
// by heart. From images through trainings, references and files to the checks that the report shows.
#include <study/attack_checks.hpp>
#include <study/laboratory_on.hpp>

#include <cmath>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <papillon/privacy/blind.hpp>

#include <study/assign.hpp>
#include <study/attack_names.hpp>
#include <study/collect.hpp>
#include <study/executor.hpp>
#include <study/presets.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;

namespace {

/// A study of tiny networks by every attack.
struct tiny_study {
  test::temporary_directory here;
  settings s = preset_settings("smoke");
  laboratory_on<exec::omp> lab{exec::omp{1}, "vectors"};
  observer watcher;
  study_data data;
  study::plan p;

  explicit tiny_study(std::vector<std::string> const& changes) {
    std::string list;
    for (auto const name : attack_names()) list.append(list.empty() ? "" : ",").append(name);
    set(s, "attack.list", list);
    for (auto const& change : changes) set(s, change);
    data = load_study_data(s, "");
    p = make_plan(s, data.identity());
  }
  [[nodiscard]] layout places() const { return layout(here.path()); }
  results run() {
    executor(s, data, p, places(), lab, watcher).run({p.tasks.size() - 1});
    return collect_results(s, data, p, places(), lab);
  }
};

/// Checks that those of a control all passed, and returns which attacks they are of.
std::set<std::string> passed(results const& study, attack_control control) {
  std::set<std::string> attacks;
  for (auto const& c : study.attack_checks) {
    if (c.control != control) continue;
    INFO(c.attack << ": " << c.value << " in [" << c.low << ", " << c.high << "], expected " << c.expected);
    CHECK(c.outcome == check_outcome::passed);
    attacks.insert(c.attack);
  }
  return attacks;
}

std::set<std::string> every_attack() {
  auto const names = attack_names();
  return {names.begin(), names.end()};
}

/// Whether an accuracy in percent, on a number of images, is within three standard deviations of guessing.
bool guesses(double accuracy, int images) { return std::abs(accuracy - 50) <= 3 * 50 / std::sqrt(images); }

/// Whether the networks of this file are compiled so that they can be trained in seconds.
bool is_fast(char const* why) {
#ifdef __OPTIMIZE__
  static_cast<void>(why);
  return true;
#else
  std::cout << "[skipped] " << why << "\n";
  return false;
#endif
}

}  // namespace

TEST_CASE("no attack finds anything on untrained networks") {
  if (!is_fast("sixteen attacks on four networks take a minute without optimisation")) return;
  tiny_study t({"study.configurations=untrained", "attack.references=6", "data.subset=160", "attack.epochs=10"});
  auto const study = t.run();
  CHECK(passed(study, attack_control::untrained) == every_attack());
  for (auto const& a : study.configurations.at(0).attacks)
    for (auto const& e : a.experiments) {
      INFO(a.name << " on the " << e.role << ": " << e.accuracy);
      CHECK(e.members == 128);
      CHECK(guesses(e.accuracy, e.members + e.others));
    }
}

TEST_CASE("attacks that never ask a network guess on the split of a study") {
  tiny_study t({"data.subset=400"});
  auto const found = check_blind(t.data.images(), t.data.split);
  for (auto const& c : found) CHECK(c.outcome == check_outcome::passed);
  auto const seen = [&](data::split::role const& r) {
    auto const [images, members] = attacked_images_of(r);
    return privacy::blind_samples(t.data.images(), images, members);
  };
  privacy::attack_settings nine;
  nine.epochs = 10;
  auto const by_nine =
      privacy::run_attack(exec::omp{1}, seen(t.data.split.shadow()), seen(t.data.split.target()), nine, 1);
  REQUIRE(by_nine.result.discriminators.size() == 9);
  for (auto const& d : by_nine.result.discriminators) {
    INFO(d.name << ": " << d.target.accuracy);
    CHECK(guesses(d.target.accuracy, 800));
  }
}

TEST_CASE("labels that were learned by heart are found; with permuted members nothing is") {
  if (!is_fast("networks that learn labels by heart take minutes without optimisation")) return;
  // Eight networks of 120 images each, which they know after 100 epochs; 240 images are judged.
  tiny_study t({"study.configurations=random-labels", "attack.references=6", "data.subset=120", "data.validation=0",
      "train.epochs=100", "train.milestones=80,90", "train.learning_rate=0.03", "attack.epochs=80"});
  auto const study = t.run();
  for (auto const& seed : study.configurations.at(0).seeds) {
    CHECK(seed.target.quality.train_accuracy == 100);
    CHECK(seed.shadow.quality.train_accuracy == 100);
    CHECK(seed.target.quality.test_accuracy < 25);  // labels that say nothing cannot be known
  }
  CHECK(passed(study, attack_control::random_labels) ==
        std::set<std::string>{"loss", "class-loss", "nine", "lira-online"});
  auto const& e = t.p.experiments.at(0);
  for (std::size_t item = 0; item < e.listed.size(); ++item) {
    auto const file = t.places().scores(t.p, e, item, "target");
    if (e.listed[item].first == memorisation_analysis) continue;  // has no scores
    auto const permuted = check_permuted(e.listed[item].first, read_scores(file));
    INFO(permuted.attack << ": " << permuted.value);
    CHECK(permuted.outcome == check_outcome::passed);
  }
}
