// SPDX-License-Identifier: MIT
#include <study/onlooker.hpp>

#include <time.h>

#include <algorithm>
#include <ctime>
#include <set>
#include <system_error>
#include <utility>

#include <papillon/io/draft.hpp>

#include <study/collect.hpp>
#include <study/directories.hpp>
#include <study/finished_discriminators.hpp>
#include <study/metrics_file.hpp>
#include <study/schedule.hpp>

namespace papillon::study {

namespace {

constexpr std::size_t recent_epochs = 10;  // whose mean says how long the next ones take

bool is_attack(task const& t) { return t.kind == task_kind::attack || t.kind == task_kind::listed_attack; }

/// Discriminators of an attack that are kept until it is finished.
int finished_discriminators_of(std::filesystem::path const& attack) {
  std::error_code problem;
  int kept = 0;
  for (std::filesystem::directory_iterator at(attack.parent_path(), problem), end; !problem && at != end;
       at.increment(problem)) {
    if (!finished_discriminators::is_of(at->path()) || at->path().stem() != attack.stem()) continue;
    for (std::filesystem::directory_iterator file(at->path(), problem); !problem && file != end;
         file.increment(problem))
      if (!io::is_draft(file->path().filename().string())) ++kept;
    break;
  }
  return kept;
}

/// Since a time that was written in UTC, by this machine's clock; 0 where that cannot be read or is yet to come.
double seconds_since(std::string const& text) {
  std::tm parts{};
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) return 0;
  return std::max(0.0, std::difftime(std::time(nullptr), ::timegm(&parts)));
}

std::vector<configuration_standing> count_tasks(plan const& p, std::vector<task_state> const& states) {
  std::vector<configuration_standing> all(p.configurations.size());
  std::size_t now = 0;  // the configuration whose tasks these are: each ends with its summary
  for (std::size_t i = 0; i < p.tasks.size() && now < all.size(); ++i) {
    auto const& t = p.tasks[i];
    auto& c = all[now];
    c.name = p.configurations[now].name;
    if (t.kind == task_kind::training || is_attack(t)) {
      ++(is_attack(t) ? c.attacks : c.trainings);
      if (states[i] == task_state::done) ++(is_attack(t) ? c.attacks_done : c.trainings_done);
    }
    if (t.kind == task_kind::summary) ++now;
  }
  return all;
}

/// Of every task but the report.
std::vector<task_state> states_of(plan const& p, layout const& places) {
  std::vector<task_state> states(p.tasks.size(), task_state::open);
  for (std::size_t i = 0; i < p.tasks.size(); ++i) {
    auto const& t = p.tasks[i];
    if (!p.identity_of(t) || is_finished(p, places, t))
      states[i] = task_state::done;  // summaries are made whenever they are asked for
    else if (auto const known = read_failure(failure_file(places.claims(), p.name_of(t))); known && is_final(*known))
      states[i] = task_state::failed;
  }
  return states;
}

}  // namespace

standing onlooker::look() {
  layout const places(out_);
  standing now;
  now.failures = failures_in(places.claims());
  auto states = states_of(*plan_, places);
  now.configurations = count_tasks(*plan_, states);
  std::vector<std::size_t> all(plan_->tasks.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  for (auto const stuck : held_up(plan_->tasks, all, states)) states[stuck] = task_state::failed;
  now.open = static_cast<std::size_t>(std::ranges::count(states, task_state::open));

  auto const seconds = seconds_of_tasks(places);
  auto left = seconds;
  for (std::size_t i = 0; i < left.size(); ++i)
    if (states[i] != task_state::open) left[i] = 0;
  std::set<std::string> working;
  for (auto& c : claims_in(places.claims())) {
    if (c.state == claim_state::working) working.insert(c.record.owner.id);
    auto const task = std::ranges::find_if(plan_->tasks,
        [&](auto const& t) { return plan_->claim_of(t) == c.name && plan_->words_of(t) == c.record.work; });
    auto const index = static_cast<std::size_t>(task - plan_->tasks.begin());
    task_standing held;
    if (task != plan_->tasks.end()) held = how_far(places, c, index, seconds);
    if (held.seconds_left && !left.empty()) left[index] = *held.seconds_left;
    now.workers.push_back({std::move(c), std::move(held)});
  }
  now.working = static_cast<int>(working.size());
  if (now.working > 0 && now.open > 0 && !left.empty()) now.seconds_left = time_of(plan_->tasks, left, now.working);
  return now;
}

std::optional<onlooker::course> onlooker::course_of(layout const& places, std::size_t index) {
  if (auto const known = ended_.find(index); known != ended_.end()) return known->second;
  auto const& r = plan_->runs[index];
  auto const file = places.run(r) / "metrics.csv";
  if (!is_there(file)) return {};
  try {
    auto const lines = metrics_file(file, -1, r.identity.hash).lines();
    if (lines.empty()) return {};
    course c{static_cast<int>(lines.size()), 0, lines.back().images_per_second, std::filesystem::last_write_time(file)};
    auto const recent = std::min(lines.size(), recent_epochs);
    for (auto line = lines.end() - static_cast<std::ptrdiff_t>(recent); line != lines.end(); ++line)
      c.seconds += line->seconds / static_cast<double>(recent);
    if (c.epochs >= epochs_of(r.configuration.settings)) ended_.emplace(index, c);
    return c;
  } catch (std::exception const&) {  // damaged, or gone meanwhile: it tells nothing
    return {};
  }
}

std::vector<double> onlooker::seconds_of_tasks(layout const& places) {
  auto const& configurations = plan_->configurations;
  std::vector<configuration_estimate> speeds;
  for (auto const& c : configurations) speeds.push_back({c, {}, 0, 0, 0});
  std::size_t now = 0;
  for (auto const& t : plan_->tasks) {
    if (t.kind == task_kind::summary) ++now;
    if (t.kind != task_kind::training) continue;
    auto const known = course_of(places, t.subject);
    if (!known || !(known->images_per_second > 0)) continue;
    auto& s = speeds[now];
    ++s.trainings;
    s.images_per_second += (known->images_per_second - s.images_per_second) / s.trainings;  // their mean
  }
  // A network that nobody has trained yet takes as long for a multiply-add as the others on average.
  auto const timed = std::ranges::count_if(speeds, [](auto const& s) { return s.trainings > 0; });
  if (timed == 0) return {};
  if (timed < std::ssize(speeds)) {
    double rate = 0;
    for (std::size_t c = 0; c < speeds.size(); ++c)
      if (speeds[c].trainings > 0)
        rate += speeds[c].images_per_second * size_of(c).multiply_adds / static_cast<double>(timed);
    for (std::size_t c = 0; c < speeds.size(); ++c)
      if (speeds[c].trainings == 0) speeds[c].images_per_second = rate / size_of(c).multiply_adds;
  }
  return task_seconds(*settings_, *plan_, speeds);
}

task_standing onlooker::how_far(
    layout const& places, claim_seen const& c, std::size_t index, std::vector<double> const& seconds) {
  task const& t = plan_->tasks[index];
  bool const working = c.state == claim_state::working;
  task_standing far;
  if (working && !seconds.empty() && seconds[index] > 0)
    far.seconds_left = std::max(0.0, seconds[index] - seconds_since(c.record.since));
  if (t.kind == task_kind::attack) {
    auto const& s = plan_->configurations[plan_->experiments[t.subject].configuration].settings.attack;
    far.parts = "discriminators";
    far.of = static_cast<int>(2 * s.hidden.size() * s.learning_rates.size());  // under both readings of "member"
    far.done = std::min(far.of, finished_discriminators_of(places.part(*plan_, t)));
  }
  if (t.kind != task_kind::training) return far;
  far.parts = "epochs";
  far.of = epochs_of(plan_->runs[t.subject].configuration.settings);
  auto const known = course_of(places, t.subject);
  if (!known) return far;
  far.done = std::min(known->epochs, far.of);
  if (!working) return far;
  far.images_per_second = known->images_per_second;
  // Both times are of the file system's clock, which looking at the claims has just read.
  std::error_code unknown;
  auto const clock = std::filesystem::last_write_time(places.claims() / "clock", unknown);
  auto const since = unknown ? 0.0 : std::chrono::duration<double>(clock - known->at).count();
  far.seconds_left = std::max(0.0, known->seconds * (far.of - far.done) - std::clamp(since, 0.0, known->seconds));
  return far;
}

network_size const& onlooker::size_of(std::size_t configuration) {
  auto found = sizes_.find(configuration);
  if (found == sizes_.end())
    found = sizes_.emplace(configuration, size_in_study(*lab_, *settings_, plan_->configurations[configuration])).first;
  return found->second;
}

}  // namespace papillon::study
