// SPDX-License-Identifier: MIT
#include <submit/jobs.hpp>

#include <algorithm>

#include <catch2/catch.hpp>
#include <study/assign.hpp>

using namespace papillon;
using namespace papillon::submit;

namespace {

/// A study, cut into arrays, and what is known of its parts.
struct submitting {
  std::vector<part> parts;
  std::vector<part_array> arrays;
  std::vector<part_state> states;

  explicit submitting(std::vector<std::string> const& changes, std::size_t largest = 1001) {
    study::settings s;
    for (auto const& change : changes) set(s, change);
    parts = parts_of(make_plan(s, {std::string(64, 'a'), std::string(64, 'b')}));
    arrays = arrays_of(parts, largest);
    states.resize(parts.size());
  }

  part_state& state(std::string const& name) {
    return states[static_cast<std::size_t>(&find_part(parts, name) - parts.data())];
  }
  void queue(std::vector<queued_job> const& jobs) { states = states_of(arrays, parts.size(), jobs); }
  job_list list() const { return jobs_of(parts, arrays, states); }

  /// "train-imp-01 0-5 same:train-dense", a line a job.
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    auto const found = list();
    for (auto const& j : found.jobs) {
      auto line = arrays[j.array].name + " " + ranges(j.elements);
      for (auto const& w : j.after) {
        line += w.what == waits_for::same_element ? " same" : w.what == waits_for::success ? " success" : " end";
        for (auto const other : w.jobs) line += ":" + arrays[found.jobs[other].array].name;
        for (auto const& at : w.queued) line += ":" + at.job + (at.element ? "_" + std::to_string(*at.element) : "");
      }
      all.push_back(line);
    }
    return all;
  }
};

using strings = std::vector<std::string>;

strings const small{"study.configurations=dense,imp-01,S3L2", "study.seeds=1,2"};

}  // namespace

TEST_CASE("the paper's study is 63 submissions: two a configuration, and the report") {
  submitting const s({});
  auto const lines = s.lines();
  CHECK(lines.size() == 63);
  CHECK(std::ranges::count(lines, "train-dense 0-5") == 1);
  CHECK(std::ranges::count(lines, "train-S3L2 0-5") == 1);
  CHECK(std::ranges::count(lines, "train-imp-24 0-5 same:train-imp-23") == 1);
  CHECK(std::ranges::count(lines, "attack-dense 0-2 success:train-dense") == 1);
  CHECK(std::ranges::count(lines, "attack-S3L2 0-2 success:train-dense:train-S3L2") == 1);
  auto const last = s.list().jobs.back();
  REQUIRE(last.after.size() == 1);
  CHECK(last.after[0].what == waits_for::end);
  CHECK(last.after[0].jobs.size() == 62);
}

TEST_CASE("a job stands behind those that it waits for") {
  submitting const s({});
  auto const jobs = s.list().jobs;
  for (std::size_t i = 0; i < jobs.size(); ++i)
    for (auto const& w : jobs[i].after)
      for (auto const other : w.jobs) CHECK(other < i);
}

TEST_CASE("what is finished is not submitted, and nobody waits for it") {
  submitting s(small);
  for (auto const* name : {"train:dense-target-s1", "train:dense-shadow-s1", "attack:S3L2-s1"})
    s.state(name).finished = true;
  CHECK(s.lines() == strings{"train-dense 2-3", "train-imp-01 0-1", "train-imp-01 2-3 same:train-dense",
                         "train-S3L2 0-3", "attack-dense 0-1 success:train-dense",
                         "attack-imp-01 0-1 success:train-dense:train-imp-01:train-imp-01",
                         "attack-S3L2 1 success:train-dense:train-S3L2",
                         "report 0 end:train-dense:train-imp-01:train-imp-01:train-S3L2:attack-dense:attack-imp-01:"
                         "attack-S3L2"});
}

TEST_CASE("an array that was queued in part is completed, and waited for element by element") {
  submitting s(small);
  // The first two of six submissions were taken, and of the first array one element has failed: it is not queued.
  s.queue({{"train-dense", {"7", 0}}, {"train-dense", {"7", 1}}, {"train-dense", {"7", 3}}, {"train-imp-01", {"8", 0}},
      {"train-imp-01", {"8", 1}}});
  CHECK(s.lines() == strings{"train-dense 2", "train-imp-01 3 same:7", "train-imp-01 2 same:train-dense",
                         "train-S3L2 0-3", "attack-dense 0-1 success:train-dense:7_0:7_1:7_3",
                         "attack-imp-01 0-1 success:train-dense:train-imp-01:train-imp-01:7_0:7_1:7_3:8_0:8_1",
                         "attack-S3L2 0-1 success:train-dense:train-S3L2:7_0:7_1:7_3",
                         "report 0 end:train-dense:train-imp-01:train-imp-01:train-S3L2:attack-dense:attack-imp-01:"
                         "attack-S3L2:7:8"});
}

TEST_CASE("where all is queued nothing is submitted, and where only the report is missing, the report") {
  submitting s({"study.configurations=dense", "study.seeds=1"});
  std::vector<queued_job> queue{{"train-dense", {"7", 0}}, {"train-dense", {"7", 1}}, {"attack-dense", {"8", 0}}};
  s.queue(queue);
  CHECK(s.lines() == strings{"report 0 end:7:8"});
  queue.push_back({"report", {"9", {}}});
  s.queue(queue);
  CHECK(s.lines().empty());
  s.queue({});
  for (auto& state : s.states) state.finished = true;
  CHECK(s.lines().empty());
}

TEST_CASE("a report that waits already gives way to one behind what comes now") {
  submitting s({"study.configurations=dense", "study.seeds=1"});
  s.queue({{"train-dense", {"7", 0}}, {"attack-dense", {"8", 0}}, {"report", {"9", {}}}});
  CHECK(s.lines() == strings{"train-dense 1", "report 0 end:train-dense:7:8"});
  CHECK(s.list().instead == strings{"9"});
}

TEST_CASE("a report that was made before the last results came is made again") {
  submitting s({"study.configurations=dense", "study.seeds=1"});
  for (auto& state : s.states) state.finished = true;
  s.states.back().finished = false;
  CHECK(s.lines() == strings{"report 0"});
}

TEST_CASE("jobs of other studies, and of what this study no longer has, are not its own") {
  submitting s({"study.configurations=dense", "study.seeds=1"});
  auto const fresh = s.lines();
  s.queue({{"train-imp-07", {"7", 0}}, {"train-dense", {"8", 55}}});
  CHECK(s.lines() == fresh);
}

TEST_CASE("arrays are cut where the cluster cuts them, and each piece waits for its own piece") {
  submitting const s({"study.configurations=dense,imp-01", "study.seeds=1,2"}, 3);
  CHECK(s.lines() ==
        strings{"train-dense 0-2", "train-dense.1 0", "train-imp-01 0-2 same:train-dense",
            "train-imp-01.1 0 same:train-dense.1", "attack-dense 0-1 success:train-dense:train-dense.1",
            "attack-imp-01 0-1 success:train-dense:train-dense.1:train-imp-01:train-imp-01.1",
            "report 0 end:train-dense:train-dense.1:train-imp-01:train-imp-01.1:attack-dense:attack-imp-01"});
}

TEST_CASE("a pool is one array of those workers that are not queued, and none of a study that is finished") {
  auto const all = pool_of(3, false, {});
  REQUIRE(all.jobs.size() == 1);
  CHECK(all.jobs[0].elements == std::vector<std::size_t>{0, 1, 2});
  CHECK(all.jobs[0].after.empty());
  CHECK(all.instead.empty());
  std::vector<queued_job> const queue{{"pool", {"7", 1}}, {"train-dense", {"8", 0}}};
  auto const some = pool_of(3, false, queue);
  REQUIRE(some.jobs.size() == 1);
  CHECK(some.jobs[0].elements == std::vector<std::size_t>{0, 2});
  CHECK(pool_of(3, true, {}).jobs.empty());
  CHECK(pool_of(1, false, {{"pool", {"7", 0}}}).jobs.empty());
}

TEST_CASE("numbers are written as ranges") {
  CHECK(ranges({}).empty());
  CHECK(ranges({4}) == "4");
  CHECK(ranges({0, 1, 2, 5, 7, 8}) == "0-2,5,7-8");
}
