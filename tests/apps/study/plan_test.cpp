// SPDX-License-Identifier: MIT
#include <study/plan.hpp>

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>
#include <papillon/io/sha256.hpp>

#include <study/assign.hpp>
#include <study/presets.hpp>

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;

namespace {

data_identity const some_data{std::string(64, 'a'), std::string(64, 'b')};

run const& find(plan const& p, std::string const& name, role r = role::target, std::uint64_t seed = 1) {
  return *std::find_if(
      p.runs.begin(), p.runs.end(),
      [&](run const& t) { return t.configuration.name == name && t.role == r && t.seed == seed; });
}

/// The names of configurations whose seed-1 target has another hash than in the paper's study.
std::set<std::string> changed_by(std::string const& assignment) {
  settings s;
  auto const before = make_plan(s, some_data);
  set(s, assignment);
  auto const after = make_plan(s, some_data);
  std::set<std::string> names;
  for (auto const& c : after.configurations)
    if (find(after, c.name).identity.hash != find(before, c.name).identity.hash) names.insert(c.name);
  return names;
}

}  // namespace

TEST_CASE("the paper's study is 31 configurations, 186 trainings, 93 attacks") {
  auto const p = make_plan(settings{}, some_data);
  CHECK(p.configurations.size() == 31);
  CHECK(p.runs.size() == 186);
  CHECK(p.experiments.size() == 93);
  auto const count = [&](task_kind k) {
    return std::count_if(p.tasks.begin(), p.tasks.end(), [&](task const& t) { return t.kind == k; });
  };
  CHECK(count(task_kind::training) == 186);
  CHECK(count(task_kind::features) == 186);
  CHECK(count(task_kind::attack) == 93);
  CHECK(count(task_kind::summary) == 31);
  CHECK(count(task_kind::report) == 1);
}

TEST_CASE("a task needs only tasks before it, and an IMP round the round before of its own role and seed") {
  auto s = preset_settings("demo");
  set(s, "study.seeds", "3,5");
  auto const p = make_plan(s, some_data);
  for (std::size_t i = 0; i < p.tasks.size(); ++i)
    for (auto const need : p.tasks[i].needs) CHECK(need < i);
  int rounds = 0;
  for (task const& t : p.tasks) {
    if (t.kind != task_kind::training) continue;
    run const& r = p.runs[t.subject];
    CHECK((r.parent >= 0) == (r.configuration.round > 0));
    if (r.parent < 0) continue;
    ++rounds;
    run const& before = p.runs[static_cast<std::size_t>(r.parent)];
    CHECK(before.configuration.round == r.configuration.round - 1);
    CHECK(before.role == r.role);
    CHECK(before.seed == r.seed);
    REQUIRE(t.needs.size() == 1);
    CHECK(p.tasks[t.needs[0]].subject == static_cast<std::size_t>(r.parent));
  }
  CHECK(rounds == 8);
}

TEST_CASE("a configuration is finished before the next one starts") {
  auto const p = make_plan(preset_settings("mini"), some_data);
  std::size_t selected = 0;
  for (task const& t : p.tasks) {
    if (t.kind == task_kind::training) CHECK(p.runs[t.subject].configuration == p.configurations[selected]);
    if (t.kind == task_kind::summary) CHECK(t.subject == selected++);
  }
  CHECK(selected == p.configurations.size());
}

TEST_CASE("without attack only targets are trained") {
  auto const p = make_plan(preset_settings("he2016"), some_data);
  REQUIRE(p.runs.size() == 3);
  for (auto const& r : p.runs) CHECK(r.role == role::target);
  CHECK(p.experiments[0].shadow == -1);
  CHECK(std::none_of(p.tasks.begin(), p.tasks.end(),
      [](task const& t) { return t.kind == task_kind::attack || t.kind == task_kind::features; }));
}

TEST_CASE("all runs and attacks have different names") {
  auto const p = make_plan(settings{}, some_data);
  std::set<std::string> names;
  for (auto const& r : p.runs) names.insert(r.name());
  for (auto const& e : p.experiments) names.insert(e.name(p.runs[e.target]));
  CHECK(names.size() == 186 + 93);
  CHECK_THAT(find(p, "butterfly-s3-l2", role::shadow, 2).name(), Contains("butterfly-s3-l2-shadow-s2-"));
}

TEST_CASE("a key changes the hash of the runs that it matters to, and of no other") {
  auto const all = changed_by("train.epochs=60");
  CHECK(all.size() == 31);
  CHECK(changed_by("learning_rate.S1L2=0.2") == std::set<std::string>{"butterfly-s1-l2"});
  auto const after_dense = changed_by("learning_rate.dense=0.1");
  CHECK(after_dense.size() == 25);  // every round descends from the dense training
  CHECK(after_dense.count("dense") == 1);
  auto const pruned = changed_by("imp.fraction=0.3");
  CHECK(pruned.size() == 24);
  CHECK(pruned.count("dense") == 0);
  for (auto const* key : {"imp.rounds=5", "study.seeds=1", "study.butterflies=S1L2", "attack.epsilon=0.01",
           "attack.epochs=3", "attack.members=trained"})
    CHECK(changed_by(key).empty());
}

TEST_CASE("a value set to its default leaves the hash as it was") {
  CHECK(changed_by("train.epochs=300").empty());
  CHECK(changed_by("learning_rate.dense=3e-2").empty());
}

TEST_CASE("seed, role, images and split are part of a run; the attack's keys of the attack alone") {
  settings s;
  auto const base = make_plan(s, some_data);
  CHECK(find(base, "dense").identity.hash != find(base, "dense", role::shadow).identity.hash);
  CHECK(find(base, "dense").identity.hash != find(base, "dense", role::target, 2).identity.hash);
  for (auto const& other : {data_identity{some_data.images, "c"}, data_identity{"c", some_data.split}})
    CHECK(find(make_plan(s, other), "dense").identity.hash != find(base, "dense").identity.hash);
  set(s, "attack.epochs=3");
  auto const attack = make_plan(s, some_data);
  CHECK(attack.runs[0].features.hash == base.runs[0].features.hash);
  CHECK(attack.experiments[0].attack.hash != base.experiments[0].attack.hash);
  s = {};
  set(s, "attack.epsilon=0.01");
  auto const features = make_plan(s, some_data);
  CHECK(features.runs[0].features.hash != base.runs[0].features.hash);
  CHECK(features.experiments[0].attack.hash != base.experiments[0].attack.hash);
  s = {};
  set(s, "attack.members=trained");
  CHECK(make_plan(s, some_data).experiments[0].attack.hash == base.experiments[0].attack.hash);
}

TEST_CASE("the identity of a run is text that a person can read and recompute") {
  settings s;
  set(s, "train.epochs=60");
  set(s, "learning_rate.S1L2=0.2");
  auto const p = make_plan(s, some_data);
  auto const& id = find(p, "dense").identity;
  CHECK(id.text == "papillon training, schema 1\nconfiguration dense\nrole target\nseed 1\nimages " + some_data.images +
                       "\nsplit " + some_data.split + "\ntrain.epochs=60\n");
  CHECK(id.hash == io::sha256_hex(id.text));
}

TEST_CASE("a configuration is found by name or key, and an unknown one is refused with the nearest") {
  auto const s = preset_settings("demo");
  CHECK(find_configuration(s, "S3L2") == find_configuration(s, "butterfly-s3-l2"));
  CHECK(find_configuration(s, "imp-02").round == 2);
  try {
    (void)find_configuration(s, "imp-03");
    FAIL("no error");
  } catch (error const& e) {
    CHECK(e.code() == errc::usage);
    CHECK_THAT(e.what(), Contains("imp-0"));
  }
}
