// SPDX-License-Identifier: MIT
// papillon study status: how far a study is, who works on it, what failed; once, or again and again until it is done.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <study/claim.hpp>
#include <study/onlooker.hpp>
#include <study/text.hpp>
#include <submit/parts.hpp>

#include "interruption.hpp"
#include "progress.hpp"
#include "workplace.hpp"

namespace papillon::app {

namespace {

using json = nlohmann::ordered_json;

std::string_view name_of(study::claim_state state) {
  switch (state) {
    case study::claim_state::working: return "working";
    case study::claim_state::silent: return "silent";
    case study::claim_state::dead: return "dead";
  }
  return {};
}

json json_of(std::optional<double> const& number) {
  return number ? json(std::round(*number * 10) / 10) : json(nullptr);
}

json json_of(study::worker_standing const& w) {
  auto const& [claim, task] = w;
  auto const& owner = claim.record.owner;
  return {{"work", claim.record.work}, {"state", name_of(claim.state)}, {"host", owner.host},
      {"process", owner.process}, {"job", owner.job}, {"since", claim.record.since},
      {"seconds_since_beat", claim.silence.count()}, {"parts", task.parts}, {"done", task.done}, {"of", task.of},
      {"images_per_second", json_of(task.images_per_second)}, {"seconds_left", json_of(task.seconds_left)}};
}

std::string json_text(study::standing const& now) {
  json document;
  document["configurations"] = document["workers"] = document["failures"] = json::array();
  for (auto const& c : now.configurations)
    document["configurations"].push_back({{"name", c.name}, {"trainings", c.trainings},
        {"trainings_done", c.trainings_done}, {"attacks", c.attacks}, {"attacks_done", c.attacks_done}});
  for (auto const& w : now.workers) document["workers"].push_back(json_of(w));
  for (auto const& f : now.failures)
    document["failures"].push_back({{"work", f.work}, {"kind", to_string(f.kind)}, {"what", f.what}, {"by", f.by},
        {"when", f.when}, {"times", f.times}, {"final", is_final(f)}});
  document["working"] = now.working;
  document["tasks_open"] = now.open;
  document["seconds_left"] = json_of(now.seconds_left);
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string rounded(double x) { return std::to_string(std::llround(x)); }

/// "        2 of   6", below its heading.
std::string done_of(int done, int of) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), " %9d of %3d", done, of);
  return text.data();
}

/// "working  train imp-01 target s1: 12 of 300 epochs, 2089 images/s, left 3 min (node-3, process 12, since ...)".
std::string line_of(study::worker_standing const& w) {
  auto const& [claim, task] = w;
  auto line = padded(std::string(name_of(claim.state)), 9) + claim.record.work;
  char const* separator = ": ";
  auto const add = [&](std::string const& what) { line += std::exchange(separator, ", ") + what; };
  if (!task.parts.empty()) add(message(task.done, " of ", task.of, " ", task.parts));
  if (task.images_per_second) add(rounded(*task.images_per_second) + " images/s");
  if (task.seconds_left) add("left " + duration_text(*task.seconds_left));
  line += message(" (", to_string(claim.record.owner), ", since ", claim.record.since);
  if (claim.state != study::claim_state::working)
    line += ", last heard of " + duration_text(static_cast<double>(claim.silence.count())) + " ago";
  return study::escaped(line + ")");
}

std::string text(study::standing const& now) {
  std::string all = "configuration             trainings          attacks\n";
  for (auto const& c : now.configurations)
    all += padded(c.name, 18) + done_of(c.trainings_done, c.trainings) + done_of(c.attacks_done, c.attacks) + "\n";
  for (auto const& w : now.workers) all += line_of(w) + "\n";
  for (auto const& f : now.failures)
    all += study::escaped(message(padded(is_final(f) ? "failed" : "trouble", 9), f.work, " (", f.by, ", ", f.times,
               " times: ", f.what, ")")) +
           "\n";
  if (now.seconds_left)
    all += message("left of all: about ", duration_text(*now.seconds_left), " with ", now.working,
        now.working == 1 ? " worker\n" : " workers\n");
  return all;
}

void print(std::string const& what) {
  std::fputs(what.c_str(), stdout);
  if (std::fflush(stdout) != 0) throw error(errc::failed, "cannot write to standard output (it is full or closed)");
}

/// Whether nothing is left that somebody does, or could do.
bool is_over(study::standing const& now, workplace const& here) {
  submit::part report;
  report.kind = submit::part_kind::report;
  return now.open == 0 && now.working == 0 &&
         submit::is_finished(here.plan(), study::layout(here.places().out()), report);
}

}  // namespace

void study_status(options const& o) {
  workplace const here(o);
  study::onlooker at(here.settings(), here.plan(), here.places().out(), here.laboratory());
  auto const shown = [&](study::standing const& now) { return o.json ? json_text(now) : text(now); };
  auto now = at.look();
  if (!o.watch) return print(shown(now));
  bool const terminal = ::isatty(STDOUT_FILENO) != 0;
  std::chrono::milliseconds const pause(std::llround(*o.watch * 1000));
  for (bool first = true;; first = false) {
    // On a terminal over what stood there: to the upper left corner, and what is below is cleared.
    print((terminal ? "\033[H\033[J" : first || o.json ? "" : "\n") + shown(now));
    if (is_over(now, here)) return;
    study::wait_unless_stopped(pause, &interruption());
    now = at.look();
  }
}

}  // namespace papillon::app
