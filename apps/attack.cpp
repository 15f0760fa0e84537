// SPDX-License-Identifier: MIT
// papillon attack: trains what is missing of one experiment's target and shadow, and attacks the one with the other.
#include "workplace.hpp"

namespace papillon::app {

void attack(options const& o) {
  workplace const here(o);
  auto const configuration = study::find_configuration(here.settings(), o.configuration);
  auto const task = here.find_task(study::task_kind::attack, configuration, study::role::target, here.seed_of(o));
  o.dry_run ? here.show({task}) : here.perform({task});
}

}  // namespace papillon::app
