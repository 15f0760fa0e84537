// SPDX-License-Identifier: MIT
#include <study/estimate.hpp>

#include <study/image_kind.hpp>

namespace papillon::study {

std::vector<configuration_estimate> estimate_time(
    settings const& s, laboratory const& lab, std::optional<double> stated) {
  auto const p = make_plan(s, {});  // which trainings are one does not depend on the images
  std::vector<configuration_estimate> all;
  for (auto const& c : p.configurations)
    all.push_back({c, size_in_study(lab, s, c), stated ? *stated : lab.images_per_second(c), 0, 0});
  auto const seconds = task_seconds(s, p, all);
  std::size_t now = 0;  // the configuration whose tasks these are: each ends with its summary
  for (std::size_t t = 0; t < p.tasks.size() && now < all.size(); ++t) {
    all[now].seconds += seconds[t];
    if (p.tasks[t].kind == task_kind::training) ++all[now].trainings;
    if (p.tasks[t].kind == task_kind::summary) ++now;
  }
  return all;
}

std::vector<double> task_seconds(settings const& s, plan const& p, std::vector<configuration_estimate> const& speeds) {
  bool const archive = s.data.split == image_split::archive;
  image_kind const& kind = kind_of(s.data.source);
  double const members = archive ? kind.training : s.data.subset, others = archive ? kind.test : s.data.subset;
  double const validation = s.data.validation;
  double const asked = archive ? members + others : 4 * members;
  std::vector<double> all;
  std::size_t now = 0;
  for (task const& t : p.tasks) {
    auto const& asking = now < speeds.size() ? speeds[now].configuration.settings : s;
    double images = 0;  // trained ones; a forward pass costs a third of a step
    if (t.kind == task_kind::training)
      images = epochs_of(p.subject_of(t)->configuration.settings) * (members - validation + validation / 3);
    if (t.kind == task_kind::outputs) images = (asking.train.augment ? asking.attack.queries : 1) * asked / 3;
    if (t.kind == task_kind::features) images = (1 + asking.attack.draws) * (members + others) / 3;
    all.push_back(images > 0 ? images / speeds[now].images_per_second : 0);
    if (t.kind == task_kind::summary) ++now;
  }
  return all;
}

}  // namespace papillon::study
