// SPDX-License-Identifier: MIT
// papillon train: one network of a study, and what it descends from.
#include "workplace.hpp"

namespace papillon::app {

void train(options const& o) {
  workplace const here(o);
  auto const role = o.role == "shadow" ? study::role::shadow : study::role::target;
  auto const task = here.find_task(study::task_kind::training,
      study::find_configuration(here.settings(), o.configuration), role, seed_of(o, here.settings()));
  o.dry_run ? here.show({task}) : here.run({task});
}

}  // namespace papillon::app
