// SPDX-License-Identifier: MIT
#include <study/collect.hpp>

#include <filesystem>
#include <utility>

#include <study/image_kind.hpp>
#include <study/part_file.hpp>
#include <study/presets.hpp>
#include <study/provenance.hpp>
#include <study/summary.hpp>

#include <papillon/error.hpp>

namespace papillon::study {

bool is_finished(plan const& p, layout const& places, task const& t) {
  switch (t.kind) {
    case task_kind::training: return std::filesystem::exists(places.result(p.runs[t.subject]));
    case task_kind::features: return std::filesystem::exists(places.features(p.runs[t.subject]));
    case task_kind::attack: return std::filesystem::exists(places.attack(p, p.experiments[t.subject]));
    case task_kind::summary:
    case task_kind::report: return false;
  }
  return false;
}

configuration_result read_configuration(plan const& p, layout const& places, std::size_t c, network_size const& size) {
  configuration const& kind = p.configurations[c];
  configuration_result all;
  all.name = kind.name;
  all.family = kind.family;
  all.round = kind.round;
  all.segments = kind.segments;
  all.factors = kind.factors;
  all.nonzeros = size.nonzeros;
  all.nonzero_percent = 100.0 * static_cast<double>(size.nonzeros) / static_cast<double>(size.parameters);
  auto const network = [&](run const& r) {
    return std::filesystem::exists(places.result(r)) ? read_part<network_result>(places.result(r), r.identity)
                                                     : network_result{};
  };
  for (experiment const& e : p.experiments) {
    run const& target = p.runs[e.target];
    if (target.configuration != kind) continue;
    seed_result seed;
    if (auto const file = places.attack(p, e); e.shadow >= 0 && std::filesystem::exists(file))
      seed = read_part<seed_result>(file, e.attack);
    seed.seed = target.seed;
    seed.target = network(target);
    if (e.shadow >= 0) seed.shadow = network(p.runs[static_cast<std::size_t>(e.shadow)]);
    if (!seed.target.run.empty()) all.seeds.push_back(std::move(seed));
  }
  return all;
}

std::string preset_name(settings const& s) {
  for (preset const& p : presets())
    if (preset_settings(p.name) == s) return std::string(p.name);
  return "changed";
}

study_scale scale_of(settings const& s, plan const& p, layout const& places) {
  study_scale scale;
  bool const archive = s.data.split == image_split::archive;
  scale.preset = preset_name(s);
  scale.data = kind_of(s.data.source).name;
  scale.architecture =
      message("ResNet-", s.model.depth, ", width ", s.model.width, ", ", name_of(s.model.shortcut), " shortcuts");
  scale.members = name_of(s.attack.members);
  scale.part_images = archive ? kind_of(s.data.source).training : s.data.subset;
  scale.validation_images = s.data.validation;
  scale.trained_images = scale.part_images - scale.validation_images;
  scale.epochs = s.train.epochs;
  scale.seeds.assign(s.study.seeds.begin(), s.study.seeds.end());
  scale.configurations = static_cast<int>(p.configurations.size());
  scale.trainings = static_cast<int>(p.runs.size());
  for (run const& r : p.runs) scale.trainings_done += std::filesystem::exists(places.result(r)) ? 1 : 0;
  return scale;
}

results collect_results(settings const& s, plan const& p, layout const& places, laboratory const& lab) {
  results all;
  all.scale = scale_of(s, p, places);
  for (std::size_t c = 0; c < p.configurations.size(); ++c)
    all.configurations.push_back(read_configuration(p, places, c, lab.size_of(s, p.configurations[c])));
  all.provenance = build_facts();
  all.provenance.emplace_back("device", lab.description());
  summarise(all);
  return all;
}

}  // namespace papillon::study
