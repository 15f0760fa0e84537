// SPDX-License-Identifier: MIT
// papillon attack: trains what is missing of one experiment's target and shadow, and attacks the one with the other; or
// attacks a network of another program with a shadow of another program.
#include <cstdio>

#include <papillon/privacy/samples.hpp>
#include <study/directories.hpp>

#include "laboratories.hpp"
#include "workplace.hpp"

namespace papillon::app {

namespace {

/// The features of both networks go to OUT/networks-of-others, where a second attack finds them again with other
/// settings.
void attack_files(options const& o) {
  auto const settings = settings_of(o);
  auto const data = study::load_study_data(settings, o.data);
  auto const tools = make_network_tools(o.device, o.threads);
  auto const places = out_of(o) / "networks-of-others";
  auto const seed = static_cast<std::uint64_t>(o.seed >= 0 ? o.seed : settings.study.seeds.front());
  study::make_directory(places);
  study::attack_order order{&settings, &data, seed, places / "features-target.npy", places / "features-shadow.npy", {}};
  for (std::uint32_t const role : {0u, 1u})
    privacy::write_samples(role == 0 ? order.target_features : order.shadow_features,
        tools->measure(role == 0 ? o.target : o.shadow, data.images(),
            study::attacked_images_of(data.split.roles[role]), study::normalisation_of(settings),
            {settings.attack.epsilon, settings.attack.draws}, {seed, role, random::purpose::noise, 0}));
  auto const result = make_laboratory(o.device, o.threads)->attack(order, nullptr);
  std::printf("%-24s %10s %10s %10s   (%% of members and others told apart; strict: trained images only)\n",
      "discriminator", "shadow", "target", "strict");
  for (std::size_t i = 0; i < result.all.discriminators.size(); ++i) {
    auto const& d = result.all.discriminators[i];
    std::printf("%-24s %10.2f %10.2f %10.2f\n", d.name.c_str(), d.holdout_accuracy, d.target.accuracy,
        result.strict.discriminators[i].target.accuracy);
  }
}

}  // namespace

void attack(options const& o) {
  if (!o.target.empty()) return attack_files(o);
  workplace const here(o);
  auto const configuration = study::find_configuration(here.settings(), o.configuration);
  auto const task =
      here.find_task(study::task_kind::attack, configuration, study::role::target, seed_of(o, here.settings()));
  o.dry_run ? here.show({task}) : here.perform({task});
}

}  // namespace papillon::app
