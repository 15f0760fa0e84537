// SPDX-License-Identifier: MIT
// papillon study plan | run | status | report | verify.
#include <cstdio>
#include <string>

#include <papillon/error.hpp>
#include <report/report.hpp>
#include <study/collect.hpp>
#include <study/directories.hpp>
#include <study/estimate.hpp>
#include <study/provenance.hpp>
#include <study/resources.hpp>
#include <study/text.hpp>
#include <study/verify.hpp>

#include "interruption.hpp"
#include "laboratories.hpp"
#include "progress.hpp"
#include "workplace.hpp"

namespace papillon::app {

namespace {

void print_report(workplace const& here) {
  auto const written = report::write_report(here.results(), here.places().report(), {.stop = &interruption()});
  for (auto const& problem : written.problems) std::fprintf(stderr, "papillon: %s\n", problem.c_str());
  std::printf("report: %s\n", written.index.c_str());
}

}  // namespace

void study_plan(options const& o) {
  auto const s = settings_of(o);
  auto const lab = make_laboratory(o.device, o.threads);
  std::printf("%-18s %10s %9s %14s %10s %10s %12s\n", "configuration", "nonzeros", "%", "multiply-adds", "trainings",
      "images/s", "time");
  double seconds = 0, work = 0;
  int trainings = 0;
  for (auto const& e : study::estimate_time(s, *lab, o.images_per_second)) {
    std::printf("%-18s %10lld %9.2f %14.0f %10d %10.0f %12s\n", e.configuration.name.c_str(),
        static_cast<long long>(e.size.nonzeros),
        100.0 * static_cast<double>(e.size.nonzeros) / static_cast<double>(e.size.parameters), e.size.multiply_adds,
        e.trainings, e.images_per_second, duration_text(e.seconds).c_str());
    std::fflush(stdout);
    seconds += e.seconds;
    trainings += e.trainings;
    work += e.seconds * e.images_per_second * 3 * 2 * e.size.multiply_adds;
  }
  std::printf("%d trainings, %.3g PFLOP, about %s on %s\n", trainings, work * 1e-15, duration_text(seconds).c_str(),
      lab->description().c_str());
  auto const needs = study::needs_of(
      s, study::make_plan(s, {}), [&](auto const& c) { return study::size_in_study(*lab, s, c); },
      [](auto const&) { return false; });
  std::printf("at least %s of memory and %s of disk\n", study::size_text(needs.memory).c_str(),
      study::size_text(needs.disk).c_str());
}

void study_run(options const& o) {
  if (o.dry_run) return study_plan(o);
  workplace const here(o);
  here.require_fit();
  here.claim(o.change_settings);
  here.run({here.plan().tasks.size() - 1}, [&] { print_report(here); });
}

void study_status(options const& o) {
  workplace const here(o);
  auto const& p = here.plan();
  std::printf("%-18s %16s %16s\n", "configuration", "trainings", "attacks");
  auto t = p.tasks.begin();
  for (std::size_t c = 0; c < p.configurations.size(); ++c) {
    int counts[2] = {}, finished[2] = {};
    for (; t != p.tasks.end() && t->kind != study::task_kind::summary; ++t) {
      bool const training = t->kind == study::task_kind::training;
      if (!training && t->kind != study::task_kind::attack && t->kind != study::task_kind::listed_attack) continue;
      ++counts[training ? 0 : 1];
      if (study::is_finished(p, here.places(), *t)) ++finished[training ? 0 : 1];
    }
    if (t != p.tasks.end()) ++t;  // the summary: the next configuration's tasks begin
    std::printf("%-18s %9d of %3d %9d of %3d\n", p.configurations[c].name.c_str(), finished[0], counts[0], finished[1],
        counts[1]);
  }
}

void study_report(options const& o) {
  workplace const here(o);
  if (o.dry_run) return here.show({here.plan().tasks.size() - 1});
  print_report(here);
}

void study_verify(options const& o) {
  study::layout const places(out_of(o));
  if (!study::is_there(places.out()))
    throw error(errc::bad_input, message("cannot read ", places.out().string(), " (no such directory) check --out"));
  auto const found = study::verify_study(places);
  for (auto const& f : found.findings)
    std::printf("%-10s %s (%s)\n", std::string(to_string(f.what)).c_str(), study::escaped(f.file.string()).c_str(),
        study::escaped(f.why).c_str());
  auto const here = study::made_here({}).build;
  for (auto const& [made_by, results] : found.makers)
    std::printf("%zu results by %s; %s%s\n", results, made_by.build.empty() ? "unknown" : made_by.build.c_str(),
        made_by.device.empty() ? "unknown" : made_by.device.c_str(),
        made_by.build == here ? "" : " (another build than this one)");
  if (found.old_form > 0) std::printf("%zu results of an earlier version, which sealed nothing\n", found.old_form);
  std::printf("%zu files, %.1f MB: %zu damaged, foreign or left over\n", found.files,
      static_cast<double>(found.bytes) * 1e-6, found.findings.size());
  if (found.findings.empty()) return;
  if (!o.repair)
    throw error(errc::failed, message(places.out().string(), " is not whole (", found.findings.size(),
                                  " files are damaged, foreign or left over) --repair moves them away"));
  std::printf("moved to %s; study run does again what they were\n", study::move_away(found, places).c_str());
}

}  // namespace papillon::app
