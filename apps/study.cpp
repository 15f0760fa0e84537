// SPDX-License-Identifier: MIT
// papillon study plan | run | report | verify.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <papillon/error.hpp>
#include <study/directories.hpp>
#include <study/estimate.hpp>
#include <study/provenance.hpp>
#include <study/resources.hpp>
#include <study/schedule.hpp>
#include <study/text.hpp>
#include <study/verify.hpp>

#include "laboratories.hpp"
#include "pool.hpp"
#include "progress.hpp"
#include "sharing.hpp"
#include "workplace.hpp"

namespace papillon::app {

namespace {

/// How long a study takes several workers of this machine's speed, and how many of them help.
void print_sharing(study::plan const& p, std::vector<double> const& seconds, int workers) {
  auto const help = study::workers_that_help(p.tasks, seconds);
  std::printf(
      "%d workers of this speed: about %s; more than %d do not help: the longest way, of what has to be done one "
      "after the other, takes %s\n",
      workers, duration_text(study::time_of(p.tasks, seconds, workers)).c_str(), help,
      duration_text(std::ranges::max(study::ways_behind(p.tasks, seconds))).c_str());
}

/// The workers that train fastest on this machine; the study in the output directory is then this one.
study::way_to_share way_to_run(options const& o) {
  if (o.threads != 0)
    throw error(errc::usage, "--threads has no meaning with --workers auto (both are chosen) leave one of them out");
  workplace const here(o);
  here.require_fit();
  here.claim(o.change_settings);
  auto const way = fastest_sharing(o, here.settings(), here.most_workers());
  std::printf("%d workers of %d threads\n", way.workers, way.threads);
  std::fflush(stdout);
  return way;
}

}  // namespace

void study_plan(options const& o) {
  auto const s = settings_of(o);
  auto const lab = make_laboratory(o.device, o.threads);
  std::printf("%-18s %10s %9s %14s %10s %10s %12s\n", "configuration", "nonzeros", "%", "multiply-adds", "trainings",
      "images/s", "time");
  double seconds = 0, work = 0;
  int trainings = 0;
  auto const estimates = study::estimate_time(s, *lab, o.images_per_second);
  for (auto const& e : estimates) {
    std::printf("%-18s %10lld %9.2f %14.0f %10d %10.0f %12s\n", e.configuration.name.c_str(),
        static_cast<long long>(e.size.nonzeros),
        100.0 * static_cast<double>(e.size.nonzeros) / static_cast<double>(e.size.parameters), e.size.multiply_adds,
        e.trainings, e.images_per_second, duration_text(e.seconds).c_str());
    seconds += e.seconds;
    trainings += e.trainings;
    work += e.seconds * e.images_per_second * 3 * 2 * e.size.multiply_adds;
  }
  std::printf("%d trainings, %.3g PFLOP, about %s on %s\n", trainings, work * 1e-15, duration_text(seconds).c_str(),
      lab->description().c_str());
  auto const p = study::make_plan(s, {});
  if (o.workers > 1) print_sharing(p, study::task_seconds(s, p, estimates), o.workers);
  auto const needs = study::needs_of(
      s, p, [&](auto const& c) { return study::size_in_study(*lab, s, c); }, [](auto const&) { return false; });
  std::printf("at least %s of memory and %s of disk\n", study::size_text(needs.memory).c_str(),
      study::size_text(needs.disk).c_str());
}

void study_run(options const& o) {
  if (!o.part.empty()) return study_part(o);
  if (o.dry_run) return study_plan(o);
  if (o.pool == 0) {
    auto alone = o;
    auto const way = way_to_run(o);
    if (way.workers > 1) return run_pool(o.arguments, way.workers, way.threads);
    alone.threads = way.threads;
    return workplace(alone).run_all();
  }
  if (o.pool > 1) {
    workplace(o).require_fit(o.pool);
    return run_pool(o.arguments, o.pool, o.threads);
  }
  workplace const here(o);
  here.require_fit();
  here.claim(o.change_settings);
  here.run_all();
}

void study_report(options const& o) {
  workplace const here(o);
  if (o.dry_run) return here.show({here.plan().tasks.size() - 1});
  here.write_report();
}

void study_verify(options const& o) {
  study::layout const places(out_of(o));
  if (!study::is_there(places.out()))
    throw error(errc::bad_input, message("cannot read ", places.out().string(), " (no such directory) check --out"));
  auto const found = study::verify_study(places);
  for (auto const& f : found.findings)
    std::printf("%-10s %s (%s)\n", std::string(to_string(f.what)).c_str(), study::escaped(f.file.string()).c_str(),
        study::escaped(f.why).c_str());
  for (auto const& f : found.failures)
    std::printf("%-10s %s (%d times, %s: %s)\n", "failed", study::escaped(f.work).c_str(), f.times,
        study::escaped(f.by).c_str(), study::escaped(f.what).c_str());
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
  std::printf("moved to %s; study run does again what they were\n",
      study::escaped(study::move_away(found, places).string()).c_str());
}

}  // namespace papillon::app
