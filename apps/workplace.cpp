// SPDX-License-Identifier: MIT
#include "workplace.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <report/report.hpp>
#include <study/assign.hpp>
#include <study/collect.hpp>
#include <study/directories.hpp>
#include <study/executor.hpp>
#include <study/settings_file.hpp>
#include <study/text.hpp>

#include "laboratories.hpp"
#include "progress.hpp"

namespace papillon::app {

workplace::workplace(options const& o, study::settings s)
    : ways_(o.ways), settings_(std::move(s)), data_(study::load_study_data(settings_, o.data)),
      plan_(study::make_plan(settings_, data_.identity())), places_(out_of(o)),
      laboratory_(make_laboratory(o.device, o.threads)) {}

std::size_t workplace::find_task(
    study::task_kind kind, study::configuration const& c, study::role r, std::uint64_t seed) const {
  auto const named = [&](study::experiment const& e) {
    return plan_.configurations[e.configuration].name == c.name && e.seed == seed;
  };
  for (std::size_t i = 0; i < plan_.tasks.size(); ++i) {
    study::task const& t = plan_.tasks[i];
    if (t.kind != kind) continue;
    for (study::experiment const& e : plan_.experiments) {
      if (!named(e) || (r == study::role::shadow && !plan_.attacked)) continue;
      auto const& n = r == study::role::target ? e.target : e.shadow;
      bool const found = kind == study::task_kind::training ? t.subject == n.run : &plan_.experiments[t.subject] == &e;
      if (found) return i;
    }
  }
  throw error(errc::usage,
      message("this study has no such work (study.attack = ", study::to_text(get(settings_, "study.attack")),
          ": without attack there is no shadow) --set study.attack=true"));
}

study::resources workplace::needs() const {
  return study::needs_of(
      settings_, plan_, [&](auto const& c) { return study::size_in_study(*laboratory_, settings_, c); },
      [&](auto const& t) { return study::is_finished(plan_, places_, t); });
}

void workplace::require_fit(int workers) const {
  auto all = needs();
  all.memory *= workers;
  study::require_fit(all, study::resources_at(places_.out()), places_.out());
}

int workplace::most_workers() const {
  double const fit = study::resources_at(places_.out()).memory / needs().memory;
  return static_cast<int>(std::min<double>(fit, std::numeric_limits<int>::max()));
}

void workplace::claim(bool change) const {
  study::make_directory(places_.out());
  study::claims claims(places_.claims());
  auto const held = claims.wait_for("settings", "settings", &interruption());
  auto const file = places_.settings();
  if (study::is_there(file) && !change) {
    study::settings kept;
    study::read_settings_file(file, kept);
    if (kept == settings_) return;
    auto const here = study::differences(settings_, kept), there = study::differences(kept, settings_);
    auto const what = here.empty() ? std::string("configurations")
                                   : message(here.front().first, " is ", there.front().second, " there, and ",
                                         here.front().second, " now");
    throw error(errc::usage, message(file.string(), " is of a study with other settings (", what,
                                 ") choose another --out, or give --change-settings as well"));
  }
  io::write_atomically(file, study::print_settings(settings_));
}

void workplace::run(std::vector<std::size_t> const& tasks, study::executor::report_maker const& report) const {
  study::make_directory(places_.out());
  {
    study::claims claims(places_.claims());
    auto const held = claims.wait_for("split", "split", &stop_);
    study::store_split(data_, places_.out());
  }
  progress watcher(settings_.attack.members == study::counted_members::trained);
  study::executor(settings_, data_, plan_, places_, *laboratory_, watcher, &stop_, ways_).run(tasks, report);
}

void workplace::run_all() const {
  run(
      {plan_.tasks.size() - 1}, [this](auto const& fence) { write_report(fence); });
}

void workplace::write_report(std::function<void()> const& fence) const {
  auto const written = report::write_report(results(), places_.report(), {.stop = &stop_}, fence);
  for (auto const& problem : written.problems) std::fprintf(stderr, "papillon: %s\n", study::escaped(problem).c_str());
  std::printf("report: %s\n", study::escaped(written.index.string()).c_str());
}

void workplace::show(std::vector<std::size_t> const& tasks) const {
  for (auto const index : study::needed_tasks(plan_, tasks)) {
    study::task const& t = plan_.tasks[index];
    std::string subject;
    switch (t.kind) {
      case study::task_kind::training:
      case study::task_kind::outputs:
      case study::task_kind::features: subject = plan_.subject_of(t)->name(); break;
      case study::task_kind::attack:
        subject = places_.attack(plan_, plan_.experiments[t.subject]).stem().string();
        break;
      case study::task_kind::listed_attack:
        subject = places_.attack(plan_, plan_.experiments[t.subject], t.item).stem().string();
        break;
      case study::task_kind::summary: subject = plan_.configurations[t.subject].name; break;
      case study::task_kind::report: subject = places_.report().string(); break;
    }
    std::printf("%-10s %s%s\n", to_string(t.kind).c_str(), subject.c_str(),
        study::is_finished(plan_, places_, t) ? "  (finished)" : "");
  }
}

study::results workplace::results() const {
  return study::collect_results(
      settings_, data_, plan_, places_, *laboratory_, [&] { study::check_interruption(&stop_); });
}

}  // namespace papillon::app
