// SPDX-License-Identifier: MIT
#include <study/schedule.hpp>

#include <algorithm>
#include <numeric>
#include <queue>
#include <utility>

namespace papillon::study {

std::vector<double> ways_behind(std::vector<task> const& tasks, std::vector<double> const& work) {
  auto ways = work;  // tasks come after what they need: from the last on, each knows its own way
  std::vector<double> behind(tasks.size());
  for (auto t = tasks.size(); t-- > 0;) {
    ways[t] = work[t] + behind[t];
    for (auto const need : tasks[t].needs) behind[need] = std::max(behind[need], ways[t]);
  }
  return ways;
}

std::vector<std::size_t> longest_first(std::vector<std::size_t> tasks, std::vector<double> const& ways) {
  std::ranges::stable_sort(tasks, [&](auto a, auto b) { return ways[a] > ways[b]; });
  return tasks;
}

bool is_ready(task const& t, std::span<task_state const> states) {
  return std::ranges::all_of(
      t.needs, [&](auto need) { return states[need] == task_state::done; });
}

std::vector<std::size_t> held_up(
    std::vector<task> const& tasks, std::vector<std::size_t> const& chosen, std::span<task_state const> states) {
  std::vector<char> stuck(tasks.size());
  std::vector<std::size_t> all;
  for (auto const t : chosen) {
    if (states[t] == task_state::done) continue;
    stuck[t] = static_cast<char>(states[t] != task_state::open ||
                                 std::ranges::any_of(tasks[t].needs, [&](auto need) { return stuck[need] != 0; }));
    if (stuck[t] != 0 && states[t] == task_state::open) all.push_back(t);
  }
  return all;
}

double time_of(std::vector<task> const& tasks, std::vector<double> const& seconds, int workers) {
  auto const ways = ways_behind(tasks, seconds);
  std::vector<std::size_t> order(tasks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  order = longest_first(std::move(order), ways);
  std::vector<std::size_t> place(tasks.size()), waits(tasks.size());
  std::vector<std::vector<std::size_t>> followers(tasks.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;  // places in the order
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    waits[t] = tasks[t].needs.size();
    if (waits[t] == 0) ready.push(place[t]);
    for (auto const need : tasks[t].needs) followers[need].push_back(t);
  }
  using end = std::pair<double, std::size_t>;  // of a task that is being done
  std::priority_queue<end, std::vector<end>, std::greater<>> running;
  double now = 0;
  while (!ready.empty() || !running.empty()) {
    while (!ready.empty() && running.size() < static_cast<std::size_t>(workers)) {
      auto const t = order[ready.top()];
      ready.pop();
      running.emplace(now + seconds[t], t);
    }
    auto const [time, finished] = running.top();
    running.pop();
    now = time;
    for (auto const t : followers[finished])
      if (--waits[t] == 0) ready.push(place[t]);
  }
  return now;
}

int workers_that_help(std::vector<task> const& tasks, std::vector<double> const& seconds) {
  auto const ways = ways_behind(tasks, seconds);
  double const longest = ways.empty() ? 0 : *std::ranges::max_element(ways);
  int few = 1, enough = 1;
  while (time_of(tasks, seconds, enough) > 1.01 * longest) few = enough + 1, enough *= 2;
  while (few < enough) {
    int const middle = (few + enough) / 2;
    if (time_of(tasks, seconds, middle) > 1.01 * longest) few = middle + 1;
    else enough = middle;
  }
  return enough;
}

}  // namespace papillon::study
