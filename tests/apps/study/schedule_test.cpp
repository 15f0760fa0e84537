// SPDX-License-Identifier: MIT
#include <study/schedule.hpp>

#include <numeric>

#include <catch2/catch.hpp>

#include <study/presets.hpp>

using namespace papillon::study;

namespace {

/// Tasks that need those of these indices.
std::vector<task> tasks_of(std::vector<std::vector<std::size_t>> const& needs) {
  std::vector<task> all;
  for (auto const& n : needs) all.push_back({task_kind::training, all.size(), n});
  return all;
}

using indices = std::vector<std::size_t>;

}  // namespace

TEST_CASE("the way behind a task is the longest that begins with it") {
  //  0 -> 1 -> 3     4
  //   \-> 2 --/
  auto const tasks = tasks_of({{}, {0}, {0}, {1, 2}, {}});
  CHECK(ways_behind(tasks, {1, 2, 5, 3, 4}) == std::vector<double>{9, 5, 8, 3, 4});
  CHECK(ways_behind({}, {}).empty());
}

TEST_CASE("the longest way goes first, equal ones in the order that they had") {
  CHECK(longest_first({0, 1, 2, 3, 4}, {9, 5, 8, 3, 5}) == indices{0, 2, 1, 4, 3});
  CHECK(longest_first({4, 1}, {9, 5, 8, 3, 5}) == indices{4, 1});
}

TEST_CASE("a task is ready when all that it needs is done, and held up where that will never be") {
  auto const tasks = tasks_of({{}, {0}, {0}, {1, 2}, {}, {3}});
  using enum task_state;
  std::vector<task_state> states{done, failed, open, open, left_alone, open};
  CHECK(is_ready(tasks[0], states));
  CHECK(is_ready(tasks[2], states));
  CHECK(!is_ready(tasks[3], states));
  CHECK(held_up(tasks, {0, 1, 2, 3, 4, 5}, states) == indices{3, 5});
  states[1] = done;
  CHECK(held_up(tasks, {0, 1, 2, 3, 4, 5}, states).empty());
  states[3] = left_alone;
  CHECK(held_up(tasks, {0, 1, 2, 3, 4, 5}, states) == indices{5});
  states[3] = failed, states[5] = done;  // another has its result from before
  CHECK(held_up(tasks, {0, 1, 2, 3, 4, 5}, states).empty());
}

TEST_CASE("workers share what does not wait for one another") {
  // A chain of three beside three single ones, a second each.
  auto const tasks = tasks_of({{}, {}, {}, {}, {3}, {4}});
  std::vector<double> const seconds(6, 1.0);
  CHECK(time_of(tasks, seconds, 1) == 6);
  CHECK(time_of(tasks, seconds, 2) == 3);  // in the plan's order it would be four: the chain begins last
  CHECK(time_of(tasks, seconds, 3) == 3);
  CHECK(workers_that_help(tasks, seconds) == 2);
  CHECK(time_of({}, {}, 3) == 0);
  CHECK(workers_that_help({}, {}) == 1);
  CHECK(workers_that_help(tasks_of({{}, {0}, {1}}), {1, 2, 3}) == 1);
}

TEST_CASE("the paper's study is no faster than the 25 trainings of pruning in a row") {
  auto const p = make_plan(preset_settings("paper"), {});
  std::vector<double> seconds;
  for (task const& t : p.tasks) seconds.push_back(t.kind == task_kind::training ? 1.0 : 0.0);
  CHECK(std::accumulate(seconds.begin(), seconds.end(), 0.0) == 186);
  CHECK(time_of(p.tasks, seconds, 1) == 186);
  CHECK(time_of(p.tasks, seconds, 1000) == 25);
  CHECK(workers_that_help(p.tasks, seconds) == 8);  // 186 / 25 = 7.4
}
