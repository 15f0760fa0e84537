// SPDX-License-Identifier: MIT
// papillon tune: trains a configuration at every point of a grid, and says which recipe validates best. The settings
// that OUT keeps stay those of its study.
#include <study/tune.hpp>

#include <cstdio>

#include <study/text.hpp>

#include "workplace.hpp"

namespace papillon::app {

void tune(options const& o) {
  auto s = settings_of(o);
  if (o.seed >= 0) s.study.seeds = {seed_of(o, s)};
  auto const tuning = study::make_tuning(s, o.configuration, study::read_grid(o.grid));
  workplace const here(o, tuning.settings);
  auto const tasks = study::tuning_tasks(tuning, here.plan());
  std::fputs(study::points_text(tuning).c_str(), stdout);
  if (o.dry_run) return here.show(tasks);
  here.run(tasks);
  auto const found = study::collect_tuning(tuning, here.plan(), here.places());
  auto const file = study::escaped(study::write_tuning(found, here.places()).string());
  std::printf("points: %s\n%s", file.c_str(), study::table(found).c_str());
}

}  // namespace papillon::app
