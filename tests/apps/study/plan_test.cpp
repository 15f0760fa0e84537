// SPDX-License-Identifier: MIT
#include <study/plan.hpp>

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>
#include <papillon/io/sha256.hpp>

#include <study/assign.hpp>
#include <study/attack_names.hpp>
#include <study/presets.hpp>
#include <study/schema.hpp>

#include "apps/study/changed_settings.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;

namespace {

data_identity const some_data{std::string(64, 'a'), std::string(64, 'b')};

experiment const& find(plan const& p, std::string const& name, std::uint64_t seed = 1) {
  return *std::ranges::find_if(
      p.experiments,
      [&](experiment const& e) { return p.configurations[e.configuration].name == name && e.seed == seed; });
}
run const& target_of(plan const& p, std::string const& name, std::uint64_t seed = 1) {
  return p.runs[find(p, name, seed).target.run];
}
run const& shadow_of(plan const& p, std::string const& name, std::uint64_t seed = 1) {
  return p.runs[find(p, name, seed).shadow.run];
}

/// The names of configurations whose seed-1 target has another hash than in the paper's study.
std::set<std::string> changed_by(std::string const& assignment) {
  auto const before = make_plan(settings{}, some_data), after = make_plan(with({assignment}), some_data);
  std::set<std::string> names;
  for (auto const& c : after.configurations)
    if (target_of(after, c.name).identity.hash != target_of(before, c.name).identity.hash) names.insert(c.name);
  return names;
}

std::ptrdiff_t count(plan const& p, task_kind k) { return std::ranges::count(p.tasks, k, &task::kind); }

}  // namespace

TEST_CASE("the paper's study is 31 configurations, 186 trainings, 93 experiments") {
  auto const p = make_plan(settings{}, some_data);
  CHECK(p.configurations.size() == 31);
  CHECK(p.runs.size() == 186);
  CHECK(p.experiments.size() == 93);
  CHECK(count(p, task_kind::training) == 186);
  CHECK(count(p, task_kind::outputs) == 186);
  CHECK(count(p, task_kind::features) == 186);
  CHECK(count(p, task_kind::attack) == 93);
  CHECK(count(p, task_kind::listed_attack) ==
        93 * 10 + 90);  // of the list of 13 three need references; 30 configurations stand beside dense
  CHECK(count(p, task_kind::summary) == 31);
  CHECK(count(p, task_kind::report) == 1);
}

TEST_CASE("a task needs only tasks before it, and an IMP round the round before of its own role and seed") {
  auto const p = make_plan(with({"study.configurations=dense,imp-01..02,S3L2", "study.seeds=3,5"}), some_data);
  for (std::size_t i = 0; i < p.tasks.size(); ++i)
    for (auto const need : p.tasks[i].needs) CHECK(need < i);
  int rounds = 0;
  for (task const& t : p.tasks) {
    if (t.kind != task_kind::training) continue;
    run const& r = p.runs[t.subject];
    CHECK((r.parent >= 0) == (r.configuration.rounds() > 0));
    if (r.parent < 0) continue;
    ++rounds;
    run const& before = p.runs[static_cast<std::size_t>(r.parent)];
    CHECK(before.configuration.rounds() == r.configuration.rounds() - 1);
    CHECK(before.cohort == r.cohort);
    CHECK(before.seed == r.seed);
    REQUIRE(t.needs.size() == 1);
    CHECK(p.tasks[t.needs[0]].subject == static_cast<std::size_t>(r.parent));
  }
  CHECK(rounds == 8);
}

TEST_CASE("a round alone brings the rounds before it, and a dense network listed as well is the same training") {
  auto const alone = make_plan(with({"study.configurations=imp-03", "study.seeds=1"}), some_data);
  CHECK(alone.runs.size() == 8);
  auto const listed = make_plan(with({"study.configurations=dense,imp-03", "study.seeds=1"}), some_data);
  CHECK(listed.runs.size() == 8);
  CHECK(count(listed, task_kind::outputs) == 4);  // of dense and of imp-03, not of the rounds between
  auto const& before = alone.runs[static_cast<std::size_t>(target_of(alone, "imp-03").parent)];
  CHECK(before.configuration.name == "imp-02");
  CHECK(alone.runs.front().configuration.name == "dense");
}

TEST_CASE("a configuration is finished before the next one starts") {
  auto const p = make_plan(preset_settings("mini"), some_data);
  std::size_t selected = 0;
  for (task const& t : p.tasks) {
    if (t.kind == task_kind::training) CHECK(p.runs[t.subject].configuration.name == p.configurations[selected].name);
    if (t.kind == task_kind::summary) CHECK(t.subject == selected++);
  }
  CHECK(selected == p.configurations.size());
}

TEST_CASE("the dense network comes first, wherever it is listed, and everything is compared with it") {
  auto const of = [](char const* list) { return make_plan(with({list, "study.seeds=1"}), some_data); };
  auto const first = of("study.configurations=dense,S3L2,narrow-6"),
             last = of("study.configurations=S3L2,narrow-6,dense");
  CHECK(last.configurations.front().name == "dense");
  CHECK(last.configurations[1].name == "S3L2");
  REQUIRE(first.tasks.size() == last.tasks.size());
  for (experiment const& e : last.experiments)
    CHECK((e.listed.back().first == matched_analysis) == (last.configurations[e.configuration].name != "dense"));
}

TEST_CASE("the course of a training is followed where that is asked for, and is another where the attacks are others") {
  auto const course = [](std::vector<std::string> const& changes) {
    auto const p = make_plan(with(changes), some_data);
    std::string found;
    for (experiment const& e : p.experiments)
      for (auto const& [name, work] : e.listed)
        if (name == course_analysis) found += p.configurations[e.configuration].name + work.hash;
    return found;
  };
  std::string const one = "study.configurations=dense,narrow-6";
  CHECK(course({one, "study.seeds=1"}).empty());
  auto const of_one = course({one, "study.seeds=1", "configurations.narrow-6.attack.course=3"});
  CHECK_THAT(of_one, Catch::StartsWith("narrow-6"));
  CHECK(of_one != course({one, "study.seeds=1", "configurations.narrow-6.attack.course=4"}));
  CHECK(of_one != course({one, "study.seeds=1", "configurations.narrow-6.attack.course=3", "attack.list=loss"}));
}

TEST_CASE("without attack only targets are trained, and asked how good they are") {
  auto const p = make_plan(preset_settings("he2016"), some_data);
  REQUIRE(p.runs.size() == 3);
  for (auto const& r : p.runs) CHECK(r.cohort == cohort{role::target});
  CHECK(count(p, task_kind::outputs) == 3);
  CHECK(count(p, task_kind::attack) + count(p, task_kind::listed_attack) + count(p, task_kind::features) == 0);
}

TEST_CASE("references are trainings of their own, and what needs them waits for all of them") {
  auto const p =
      make_plan(with({"study.configurations=dense,S3L2", "study.seeds=1", "configurations.dense.attack.references=4"}),
          some_data);
  CHECK(p.runs.size() == 2 + 4 + 2);
  auto const& e = find(p, "dense");
  REQUIRE(e.references.size() == 4);
  CHECK(find(p, "S3L2").references.empty());
  CHECK(p.runs[e.references[3].run].cohort == cohort{role::target, 3});
  CHECK(p.runs[e.references[3].run].cohort.stream_seed(1) == 1 + (4ull << 32));
  CHECK_THAT(p.runs[e.references[3].run].name(), Contains("dense-target-reference-03-s1-"));
  auto const listed = [&](std::string const& name) {
    return std::ranges::any_of(e.listed, [&](auto const& item) { return item.first == name; });
  };
  CHECK(listed("lira-online"));
  CHECK(listed("memorisation"));
  for (task const& t : p.tasks)
    if (t.kind == task_kind::listed_attack && p.experiments[t.subject].listed[t.item].first == "student")
      CHECK(t.needs.size() == 6);
}

TEST_CASE("attacks by the other role's networks use those of all seeds") {
  auto const p = make_plan(with({"study.configurations=dense"}), some_data);
  for (task const& t : p.tasks) {
    if (t.kind != task_kind::listed_attack) continue;
    auto const& name = p.experiments[t.subject].listed[t.item].first;
    CHECK(t.needs.size() == (name == "rmia" || name == "calibrated" || name == "lira-offline" ? 8u
                                : name == "nine" || name == "steadiness"                      ? 3u
                                                                                              : 2u));
  }
}

TEST_CASE("all runs and attacks have different names") {
  auto const p = make_plan(settings{}, some_data);
  layout const places("out");
  std::set<std::string> names;
  for (auto const& r : p.runs) names.insert(r.name());
  for (auto const& e : p.experiments) {
    names.insert(places.attack(p, e).string());
    for (std::size_t i = 0; i < e.listed.size(); ++i) names.insert(places.attack(p, e, i).string());
  }
  CHECK(names.size() == 186 + 93 + 1020);
  CHECK_THAT(shadow_of(p, "S3L2", 2).name(), Contains("S3L2-shadow-s2-"));
}

TEST_CASE("a key changes the hash of the runs that it matters to, and of no other") {
  CHECK(changed_by("train.epochs=60").size() == 31);
  CHECK(changed_by("configurations.S1L2.train.learning_rate=0.2") == std::set<std::string>{"S1L2"});
  auto const after_dense = changed_by("train.learning_rate=0.1");
  CHECK(after_dense.size() == 25);  // every round descends from the dense training; butterflies have their own
  CHECK(after_dense.count("dense") == 1);
  auto const pruned = changed_by("prune.fraction=0.3");
  CHECK(pruned.size() == 24);
  CHECK(pruned.count("dense") == 0);
  CHECK(changed_by("model.unfolding=tap").size() == 6);
  for (auto const* key : {"study.seeds=1", "study.configurations=dense,S1L2", "attack.epsilon=0.01", "attack.epochs=3",
           "attack.members=trained", "train.evaluate=last", "attack.list=loss", "attack.references=2",
           "attack.queries=1"})
    CHECK(changed_by(key).empty());
}

TEST_CASE("which weights are evaluated belongs to outputs and features, not to the training") {
  auto const base = make_plan(settings{}, some_data), last = make_plan(with({"train.evaluate=last"}), some_data);
  CHECK(find(base, "dense").target.outputs.hash != find(last, "dense").target.outputs.hash);
  CHECK(find(base, "dense").target.features.hash != find(last, "dense").target.features.hash);
}

TEST_CASE("a value set to its default leaves the hash as it was") {
  CHECK(changed_by("train.epochs=300").empty());
  CHECK(changed_by("train.learning_rate=3e-2").empty());
  CHECK(changed_by("configurations.S1L2.train.learning_rate=0.3").empty());
}

TEST_CASE("two names for one thing share their networks") {
  auto const p = make_plan(with({"study.configurations=dense,narrow-6", "configurations.small.like=narrow-6",
                               "configurations.small.series=mine", "study.seeds=1"}),
      some_data);
  REQUIRE(p.configurations.size() == 3);
  CHECK(p.configurations[2].name == "small");
  CHECK(p.configurations[2].series == "mine");
  CHECK(p.runs.size() == 4);
  CHECK(find(p, "small").target.run == find(p, "narrow-6").target.run);
}

TEST_CASE("a run's directory is found by its hash, whatever it was called") {
  auto const p = make_plan(with({"study.configurations=dense,narrow-6", "study.seeds=1"}), some_data);
  auto const other = make_plan(with({"study.configurations=shadow-small", "configurations.shadow-small.model.width=6",
                                   "study.seeds=1", "attack.references=4"}),
      some_data);
  auto const& e = find(other, "shadow-small");
  for (auto const index : {e.target.run, e.shadow.run, e.references[1].run}) {
    test::temporary_directory const here;
    auto const& r = other.runs[index];
    auto const named = [&](std::string const& configuration) {
      return here / "networks" / (configuration + r.name().substr(r.configuration.name.size()));
    };
    std::filesystem::create_directories(named("narrow-6"));
    layout const places(here.path());
    CHECK(places.run(r) == named("narrow-6"));
    CHECK(places.run(target_of(p, "dense")) == here / "networks" / target_of(p, "dense").name());
  }
}

TEST_CASE("seed, role, images and split are part of a run; the attack's keys of the attack alone") {
  auto const base = make_plan(settings{}, some_data);
  CHECK(target_of(base, "dense").identity.hash != shadow_of(base, "dense").identity.hash);
  CHECK(target_of(base, "dense").identity.hash != target_of(base, "dense", 2).identity.hash);
  for (auto const& other : {data_identity{some_data.images, "c"}, data_identity{"c", some_data.split}})
    CHECK(target_of(make_plan(settings{}, other), "dense").identity.hash != target_of(base, "dense").identity.hash);
  auto const attack = make_plan(with({"attack.epochs=3"}), some_data);
  CHECK(attack.experiments[0].target.features.hash == base.experiments[0].target.features.hash);
  CHECK(attack.experiments[0].attack.hash != base.experiments[0].attack.hash);
  auto const features = make_plan(with({"attack.epsilon=0.01"}), some_data);
  CHECK(features.experiments[0].target.features.hash != base.experiments[0].target.features.hash);
  CHECK(features.experiments[0].target.outputs.hash == base.experiments[0].target.outputs.hash);
  CHECK(features.experiments[0].attack.hash != base.experiments[0].attack.hash);
  CHECK(make_plan(with({"attack.members=trained"}), some_data).experiments[0].attack.hash ==
        base.experiments[0].attack.hash);
}

TEST_CASE("the identity of a run is text that a person can read and recompute, defaults spelt out") {
  auto const p = make_plan(with({"train.epochs=60"}), some_data);
  auto const& id = target_of(p, "imp-01").identity;
  CHECK_THAT(id.text, Catch::StartsWith(message("papillon training, schema ", schema_version,
                          ", numerics 1\ncohort target\nseed 1\nimages ", some_data.images, "\nsplit ", some_data.split,
                          "\nparent ", target_of(p, "dense").identity.hash, "\n")));
  CHECK_THAT(id.text, Contains("\ntrain.epochs=60\n") && Contains("\ntrain.momentum=0.9\n") &&
                          Contains("\nprune.rounds=1\n") && Contains("\nprune.fraction=0.2\n"));
  CHECK_THAT(id.text, !Contains("model.segments") && !Contains("imp-01"));
  CHECK(id.hash == io::sha256_hex(id.text));
}

TEST_CASE("trainings of version 0.1 are known by the hash that they had") {
  auto const p = make_plan(with({"train.epochs=60", "configurations.S1L2.train.learning_rate=0.2"}), some_data);
  auto const text = [&](std::string const& configuration, std::string const& rest) {
    return io::sha256_hex(std::string_view("papillon training, schema 1\nconfiguration " + configuration +
                                           "\nrole target\nseed 1\nimages " + some_data.images + "\nsplit " +
                                           some_data.split + "\n" + rest));
  };
  auto const dense = text("dense", "train.epochs=60\n");
  CHECK(target_of(p, "dense").identity_1 == dense);
  CHECK(target_of(p, "imp-01").identity_1 == text("imp-01", "parent " + dense + "\ntrain.epochs=60\n"));
  CHECK(target_of(p, "S1L2").identity_1 == text("butterfly-s1-l2", "train.epochs=60\nlearning_rate.S1L2=0.2\n"));
  auto const controls =
      make_plan(with({"study.configurations=restart-01,narrow-6,untrained,S3L2-as-dense"}), some_data);
  CHECK(target_of(controls, "restart-01").identity_1.empty());
  CHECK(target_of(controls, "untrained").identity_1.empty());
  CHECK(target_of(controls, "narrow-6").identity_1 == text("dense", "model.width=6\n"));
  auto const perceptron = make_plan(with({"model.hidden=64", "study.configurations=dense,imp-01"}), some_data);
  CHECK(target_of(perceptron, "dense").identity_1.empty());
  CHECK(target_of(perceptron, "imp-01").identity_1.empty());
}

TEST_CASE("what is finished of controls needs what they descend from") {
  auto const p =
      make_plan(with({"study.seeds=1", "study.configurations=dense,imp-02,restart-02,random-02,oneshot-02,ticket-02"}),
          some_data);
  auto const parent = [&](std::string const& name) {
    auto const& r = target_of(p, name);
    return p.runs[static_cast<std::size_t>(r.parent)].identity.hash;
  };
  CHECK(parent("random-02") == target_of(p, "imp-02").identity.hash);  // whose counts a random mask takes
  CHECK(parent("oneshot-02") == target_of(p, "dense").identity.hash);
  CHECK(p.runs[static_cast<std::size_t>(target_of(p, "restart-02").parent)].configuration.name == "restart-01");
  CHECK(parent("ticket-02") != parent("imp-02"));
}

TEST_CASE("tasks have words, names that their configuration's name is no part of, and claims of their network") {
  auto const p = make_plan(with({"study.seeds=1", "study.configurations=dense,imp-01"}), some_data);
  auto const first = [&](task_kind kind) { return *std::ranges::find(p.tasks, kind, &task::kind); };
  auto const training = first(task_kind::training), outputs = first(task_kind::outputs),
             features = first(task_kind::features), attack = first(task_kind::attack),
             listed = first(task_kind::listed_attack);
  CHECK(p.words_of(training) == "train dense target s1");
  CHECK(p.words_of(features) == "measure dense target s1");
  CHECK(p.words_of(attack) == "attack dense s1");
  CHECK(p.words_of(listed) == "attack dense s1 " + p.experiments[0].listed[0].first);
  CHECK(p.words_of(first(task_kind::summary)) == "summarise dense");
  CHECK(p.words_of(p.tasks.back()) == "report");
  auto const network = p.runs[0].identity.short_hash();
  CHECK(p.name_of(training) == "train-" + network);
  CHECK(p.name_of(outputs) == "ask-" + p.networks[outputs.subject].second.outputs.short_hash());
  CHECK(p.name_of(p.tasks.back()) == "report");
  for (auto const* t : {&training, &outputs, &features}) CHECK(p.claim_of(*t) == "network-" + network);
  CHECK(p.claim_of(attack) == "attack-" + p.experiments[0].attack.short_hash());
  CHECK(p.claim_of(listed) == "attack-" + p.experiments[0].listed[0].second.short_hash());
  CHECK(p.claim_of(p.tasks.back()).empty());
  std::set<std::string> names;
  for (task const& t : p.tasks) names.insert(p.name_of(t));
  CHECK(names.size() == p.tasks.size());
}
