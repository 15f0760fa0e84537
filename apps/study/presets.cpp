// SPDX-License-Identifier: MIT
#include <study/presets.hpp>

#include <algorithm>
#include <string>

#include <papillon/error.hpp>

#include <study/assign.hpp>
#include <study/text.hpp>

namespace papillon::study {

std::vector<preset> const& presets() {
  static std::vector<preset> const all = {
      {"smoke", "seconds: a tiny network on the built-in images through every stage; for tests",
          {{"study.seeds", "1"}, {"study.butterflies", "S1L2"}, {"data.source", "synthetic"}, {"data.subset", "96"},
              {"data.validation", "32"}, {"model.depth", "8"}, {"model.width", "4"}, {"train.epochs", "2"},
              {"train.batch", "32"}, {"train.milestones", "1"}, {"imp.rounds", "1"}, {"attack.epochs", "2"},
              {"attack.batch", "64"}}},
      {"demo", "two minutes on two cores, no download: the built-in images, dense, two IMP rounds, two butterflies",
          {{"study.seeds", "1"}, {"study.butterflies", "S3L2,S3L3"}, {"data.source", "synthetic"},
              {"data.subset", "600"}, {"data.validation", "100"}, {"model.depth", "8"}, {"train.epochs", "40"},
              {"train.batch", "32"}, {"train.milestones", "28,36"}, {"train.augment", "false"},
              {"train.evaluate", "last"}, {"learning_rate.S3L2", "0.1"}, {"weight_decay.dense", "0.0005"},
              {"weight_decay.imp", "0.0005"}, {"imp.rounds", "2"}, {"attack.batch", "64"}}},
      {"mini",
          "one night on two cores: CIFAR-10 and the paper's network, three seeds, 2,500 trained images and 60 epochs",
          {{"data.subset", "3000"}, {"data.validation", "500"}, {"train.epochs", "60"}, {"train.milestones", "30,45"},
              {"imp.rounds", "8"}}},
      {"paper", "the paper's study: 186 trainings of 300 epochs", {}},
      {"he2016",
          "the dense network on the archive's own 50,000 training and 10,000 test images, as in the literature on "
          "ResNets",
          {{"study.butterflies", ""}, {"study.attack", "false"}, {"data.split", "archive"}, {"data.validation", "0"},
              {"imp.rounds", "0"}}},
  };
  return all;
}

settings preset_settings(std::string_view name) {
  auto const& all = presets();
  auto const found = std::find_if(all.begin(), all.end(), [&](preset const& p) { return p.name == name; });
  if (found == all.end()) {
    std::vector<std::string_view> names;
    for (auto const& p : all) names.push_back(p.name);
    throw error(errc::usage,
        "unknown preset '" + std::string(name) + "' (see --help) did you mean '" + nearest(name, names) + "'?");
  }
  settings s;
  for (auto const& [k, text] : found->changes) set(s, k, text);
  check_together(s);
  return s;
}

}  // namespace papillon::study
