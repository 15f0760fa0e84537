// SPDX-License-Identifier: MIT
// papillon study status: how far a study is, who works on it, what failed.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <study/claim.hpp>
#include <study/collect.hpp>
#include <study/failure.hpp>
#include <study/text.hpp>

#include "progress.hpp"
#include "workplace.hpp"

namespace papillon::app {

namespace {

/// Of a configuration.
struct counts {
  std::string name;
  int trainings = 0, trainings_done = 0, attacks = 0, attacks_done = 0;
};

std::vector<counts> count_tasks(workplace const& here) {
  auto const& p = here.plan();
  std::vector<counts> all(p.configurations.size());
  std::size_t now = 0;  // the configuration whose tasks these are: each ends with its summary
  for (study::task const& t : p.tasks) {
    if (now == all.size()) break;
    auto& c = all[now];
    c.name = p.configurations[now].name;
    bool const training = t.kind == study::task_kind::training;
    bool const attack = t.kind == study::task_kind::attack || t.kind == study::task_kind::listed_attack;
    if (training || attack) {
      ++(training ? c.trainings : c.attacks);
      if (study::is_finished(p, here.places(), t)) ++(training ? c.trainings_done : c.attacks_done);
    }
    if (t.kind == study::task_kind::summary) ++now;
  }
  return all;
}

std::string_view name_of(study::claim_state state) {
  switch (state) {
    case study::claim_state::working: return "working";
    case study::claim_state::silent: return "silent";
    case study::claim_state::dead: return "dead";
  }
  return {};
}

void print_json(std::vector<counts> const& done, std::vector<study::claim_seen> const& claims,
    std::vector<study::failure> const& failures) {
  using json = nlohmann::ordered_json;
  json document;
  document["configurations"] = document["workers"] = document["failures"] = json::array();
  for (auto const& c : done)
    document["configurations"].push_back({{"name", c.name}, {"trainings", c.trainings},
        {"trainings_done", c.trainings_done}, {"attacks", c.attacks}, {"attacks_done", c.attacks_done}});
  for (auto const& c : claims)
    document["workers"].push_back({{"work", c.record.work}, {"state", name_of(c.state)}, {"host", c.record.owner.host},
        {"process", c.record.owner.process}, {"job", c.record.owner.job}, {"since", c.record.since},
        {"seconds_since_beat", c.silence.count()}});
  for (auto const& f : failures)
    document["failures"].push_back({{"work", f.work}, {"kind", to_string(f.kind)}, {"what", f.what}, {"by", f.by},
        {"when", f.when}, {"times", f.times}, {"final", is_final(f)}});
  std::printf("%s\n", document.dump(2, ' ', false, json::error_handler_t::replace).c_str());
}

}  // namespace

void study_status(options const& o) {
  workplace const here(o);
  auto const done = count_tasks(here);
  auto const claims = study::claims_in(here.places().claims());
  auto const failures = study::failures_in(here.places().claims());
  if (o.json) return print_json(done, claims, failures);
  std::printf("%-18s %16s %16s\n", "configuration", "trainings", "attacks");
  for (auto const& c : done)
    std::printf(
        "%-18s %9d of %3d %9d of %3d\n", c.name.c_str(), c.trainings_done, c.trainings, c.attacks_done, c.attacks);
  for (auto const& c : claims)
    std::printf("%-8s %s (%s, since %s%s)\n", std::string(name_of(c.state)).c_str(),
        study::escaped(c.record.work).c_str(), study::escaped(to_string(c.record.owner)).c_str(),
        study::escaped(c.record.since).c_str(),
        c.state == study::claim_state::working
            ? ""
            : (", last heard of " + duration_text(static_cast<double>(c.silence.count())) + " ago").c_str());
  for (auto const& f : failures)
    std::printf("%-8s %s (%s, %d times: %s)\n", is_final(f) ? "failed" : "trouble", study::escaped(f.work).c_str(),
        study::escaped(f.by).c_str(), f.times, study::escaped(f.what).c_str());
}

}  // namespace papillon::app
