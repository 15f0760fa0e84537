// SPDX-License-Identifier: MIT
#include <submit/parts.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <study/assign.hpp>
#include <study/directories.hpp>

#include "support/refusal.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::submit;
using Catch::Matchers::Contains;

namespace {

study::data_identity const some_data{std::string(64, 'a'), std::string(64, 'b')};

study::plan plan_of(std::vector<std::string> const& changes) {
  study::settings s;
  for (auto const& change : changes) set(s, change);
  return make_plan(s, some_data);
}

std::vector<std::string> names_after(std::vector<part> const& parts, std::string const& name) {
  std::vector<std::string> names;
  for (auto const other : find_part(parts, name).after) names.push_back(parts[other].name());
  std::ranges::sort(names);
  return names;
}

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("the parts of a study are its trainings, its experiments and the report, and do all of its work") {
  auto const p = plan_of({});
  auto const parts = parts_of(p);
  CHECK(std::ranges::count(parts, part_kind::train, &part::kind) == 186);
  CHECK(std::ranges::count(parts, part_kind::attack, &part::kind) == 93);
  CHECK(parts.back().name() == "report");
  std::set<std::string> names;
  std::multiset<std::size_t> tasks;
  for (auto const& one : parts) {
    names.insert(one.name());
    tasks.insert(one.own.begin(), one.own.end());
    tasks.insert(one.then.begin(), one.then.end());
  }
  CHECK(names.size() == parts.size());
  for (std::size_t i = 0; i < p.tasks.size(); ++i)
    CHECK(tasks.count(i) == (p.identity_of(p.tasks[i]) != nullptr ? 1 : 0));
}

TEST_CASE("a part stands behind those that it waits for") {
  auto const parts = parts_of(plan_of({}));
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (auto const other : parts[i].after) CHECK(other < i);
  CHECK(names_after(parts, "train:dense-shadow-s2").empty());
  CHECK(names_after(parts, "train:imp-02-shadow-s2") == strings{"train:imp-01-shadow-s2"});
  CHECK(names_after(parts, "train:S3L2-target-s1").empty());
  CHECK(parts.back().after.size() == parts.size() - 1);
}

TEST_CASE("an attack waits for the networks of all seeds, which it asks, and the dense ones beside them") {
  auto const parts = parts_of(plan_of({"study.configurations=dense,S3L2", "study.seeds=1,2"}));
  CHECK(names_after(parts, "attack:dense-s2") ==
        strings{"train:dense-shadow-s1", "train:dense-shadow-s2", "train:dense-target-s1", "train:dense-target-s2"});
  CHECK(names_after(parts, "attack:S3L2-s1") == strings{"train:S3L2-shadow-s1", "train:S3L2-shadow-s2",
                                                    "train:S3L2-target-s1", "train:S3L2-target-s2",
                                                    "train:dense-shadow-s1", "train:dense-target-s1"});
}

TEST_CASE("a number says which seed and cohort, whatever the configuration") {
  auto const parts = parts_of(
      plan_of({"study.configurations=dense,imp-01", "study.seeds=5,3", "configurations.imp-01.attack.references=2"}));
  CHECK(find_part(parts, "train:dense-target-s5").number == 0);
  CHECK(find_part(parts, "train:imp-01-target-reference-01-s5").number == 3);
  CHECK(find_part(parts, "train:dense-target-s3").number == 4);
  CHECK(find_part(parts, "train:dense-target-reference-01-s3").number == 7);  // a round's references descend from it
  CHECK(find_part(parts, "attack:imp-01-s3").number == 1);
  CHECK(names_after(parts, "train:imp-01-target-reference-01-s5") == strings{"train:dense-target-reference-01-s5"});
  CHECK(find_part(parts, "attack:imp-01-s5").own.size() == 4 + 2);
}

TEST_CASE("without attacks there are targets, and what they answer") {
  auto const parts = parts_of(plan_of({"study.attack=false", "study.configurations=dense", "study.seeds=1"}));
  REQUIRE(parts.size() == 3);
  CHECK(find_part(parts, "attack:dense-s1").own.size() == 1);
  CHECK(find_part(parts, "attack:dense-s1").then.empty());
}

TEST_CASE("a round that a changed configuration goes on from is a part of its own") {
  auto const parts = parts_of(
      plan_of({"study.configurations=dense,imp-01..02", "study.seeds=1", "configurations.imp-02.prune.fraction=0.5"}));
  CHECK(names_after(parts, "train:imp-02-target-s1") == strings{"train:imp-01+1-target-s1"});
  CHECK(names_after(parts, "train:imp-01+1-target-s1") == strings{"train:dense-target-s1"});
}

TEST_CASE("an unknown part is refused, with the nearest name") {
  auto const parts = parts_of(plan_of({"study.configurations=dense,imp-01..02", "study.seeds=1"}));
  CHECK_THAT(test::refusal([&] { (void)find_part(parts, "train:imp-03-target-s1"); }), Contains("imp-0"));
}

TEST_CASE("what is kept changes with every file of the part's own, and with no other") {
  test::temporary_directory const out;
  auto const p = plan_of({"study.configurations=dense", "study.seeds=1"});
  study::layout const places(out.path());
  auto const parts = parts_of(p);
  auto const& training = find_part(parts, "train:dense-target-s1");
  auto const& attack = find_part(parts, "attack:dense-s1");
  auto const directory = places.run(p.runs[0]);
  study::make_directory(directory);
  study::make_directory(places.attacks());
  auto const before = kept_of(p, places, training), before_attack = kept_of(p, places, attack);
  io::write_atomically(directory / "provenance.json", "[]");
  io::write_atomically(places.attacks() / "S3L2-s1-loss-12345678.json", "{}");
  CHECK(kept_of(p, places, training) == before);
  CHECK(kept_of(p, places, attack) == before_attack);
  io::write_atomically(places.attacks() / "dense-s1-loss-12345678.json", "{}");
  CHECK(kept_of(p, places, training) == before);
  CHECK(kept_of(p, places, attack) != before_attack);
  io::write_atomically(directory / "metrics.csv", "one epoch");
  auto const after = kept_of(p, places, training);
  CHECK(after != before);
  std::filesystem::last_write_time(
      directory / "metrics.csv", std::filesystem::last_write_time(directory / "metrics.csv") + std::chrono::seconds(1));
  CHECK(kept_of(p, places, training) != after);
  // All of the study is one part, of which no part is another.
  auto const whole = whole_study(p);
  auto const kept = kept_of(p, places, whole);
  io::write_atomically(places.attacks() / "dense-s1-gap-12345678.json", "{}");
  auto const of_attack = kept_of(p, places, whole);
  CHECK(of_attack != kept);
  io::write_atomically(directory / "last.safetensors", "an epoch");
  CHECK(kept_of(p, places, whole) != of_attack);
}

TEST_CASE("the whole study is a part that has all of its work and no place among the others") {
  auto const p = plan_of({"study.configurations=dense,imp-01..02", "study.seeds=1,2"});
  auto const whole = whole_study(p);
  CHECK(whole.name() == "all");
  CHECK(whole.then.empty());
  std::set<std::size_t> of_others;
  for (auto const& one : parts_of(p)) {
    CHECK(one.kind != part_kind::all);
    of_others.insert(one.own.begin(), one.own.end());
    of_others.insert(one.then.begin(), one.then.end());
  }
  CHECK(std::set(whole.own.begin(), whole.own.end()) == of_others);
  // It is not finished by a report alone.
  test::temporary_directory const out;
  study::layout const places(out.path());
  study::make_directory(places.report());
  io::write_atomically(places.report() / "results.json", "{}");
  io::write_atomically(places.report() / "index.html", "");
  CHECK(is_finished(p, places, parts_of(p).back()));
  CHECK_FALSE(is_finished(p, places, whole));
}

TEST_CASE("the report is finished where it is no older than any result") {
  test::temporary_directory const out;
  auto const p = plan_of({"study.configurations=dense", "study.seeds=1"});
  study::layout const places(out.path());
  auto const report = parts_of(p).back();
  CHECK_FALSE(is_finished(p, places, report));
  study::make_directory(places.report());
  io::write_atomically(places.report() / "results.json", "{}");
  io::write_atomically(places.report() / "index.html", "");
  CHECK(is_finished(p, places, report));
  auto const result = places.result(p.runs[0]);
  study::make_directory(result.parent_path());
  io::write_atomically(result, "{}");
  std::filesystem::last_write_time(
      result, std::filesystem::last_write_time(places.report() / "results.json") + std::chrono::seconds(1));
  CHECK_FALSE(is_finished(p, places, report));
}
