// SPDX-License-Identifier: MIT
// papillon imp: the dense network and all rounds of pruning, for one role and seed.
#include "workplace.hpp"

namespace papillon::app {

void imp(options const& o) {
  workplace const here(o);
  int rounds = 0;
  std::string last;
  for (auto const& c : here.plan().configurations)
    if (c.series == "imp" && c.rounds() > rounds) rounds = c.rounds(), last = c.name;
  if (rounds == 0)
    throw error(
        errc::usage, "this study prunes nothing (study.configurations has no imp-K) --set study.configurations=imp-24");
  auto const role = o.role == "shadow" ? study::role::shadow : study::role::target;
  auto const task = here.find_task(
      study::task_kind::training, study::find_configuration(here.settings(), last), role, seed_of(o, here.settings()));
  o.dry_run ? here.show({task}) : here.run({task});
}

}  // namespace papillon::app
