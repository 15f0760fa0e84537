// SPDX-License-Identifier: MIT
#include <study/estimate.hpp>

#include <study/image_kind.hpp>

namespace papillon::study {

std::vector<configuration_estimate> estimate(settings const& s, laboratory const& lab, std::optional<double> stated) {
  bool const archive = s.data.split == image_split::archive;
  image_kind const& kind = kind_of(s.data.source);
  double const members = archive ? kind.training : s.data.subset, others = archive ? kind.test : s.data.subset;
  double const validation = s.data.validation;
  bool const attacked = s.study.attack;
  std::vector<configuration_estimate> all;
  for (configuration const& c : configurations(s)) {
    configuration_estimate e{c, lab.size_of(s, c), stated ? *stated : lab.images_per_second(s, c), 0, 0};
    e.trainings = static_cast<int>(s.study.seeds.size()) * (attacked ? 2 : 1);
    double const trained = s.train.epochs * (members - validation + validation / 3);
    double const measured = attacked ? (1 + s.attack.draws) * (members + others) / 3 : 0;
    e.seconds = e.trainings * (trained + measured) / e.images_per_second;
    all.push_back(e);
  }
  return all;
}

}  // namespace papillon::study
