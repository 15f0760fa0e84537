// SPDX-License-Identifier: MIT
// papillon imp: the dense network and all rounds of pruning, for one role and seed.
#include "workplace.hpp"

namespace papillon::app {

void imp(options const& o) {
  workplace const here(o);
  auto const rounds = here.settings().imp.rounds;
  if (rounds == 0) throw error(errc::usage, "this study prunes nothing (imp.rounds = 0) --set imp.rounds=24");
  auto const role = o.role == "shadow" ? study::role::shadow : study::role::target;
  auto const task = here.find_task(study::task_kind::training, study::imp_configuration(rounds), role, here.seed_of(o));
  o.dry_run ? here.show({task}) : here.perform({task});
}

}  // namespace papillon::app
