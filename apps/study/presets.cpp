// SPDX-License-Identifier: MIT
#include <study/presets.hpp>

#include <algorithm>
#include <string>

#include <papillon/error.hpp>

#include <study/assign.hpp>
#include <study/text.hpp>

namespace papillon::study {

std::vector<preset> const& presets() {  // NOLINT(readability-function-size): a table
  static std::vector<preset> const all = {
      {"smoke", "seconds: a tiny network on the built-in images through every stage; for tests",
          {{"study.seeds", "1"}, {"study.configurations", "dense,imp-01,S1L2"}, {"data.source", "synthetic"},
              {"data.subset", "96"}, {"data.validation", "32"}, {"model.depth", "8"}, {"model.width", "4"},
              {"train.epochs", "2"}, {"train.batch", "32"}, {"train.milestones", "1"}, {"attack.epochs", "2"},
              {"attack.batch", "64"}}},
      {"demo",
          "four minutes on two cores, no download: the built-in images; a pruned network and a butterfly, each beside "
          "a "
          "control, and references of the dense network",
          {{"study.seeds", "1"}, {"study.configurations", "dense,imp-01,restart-01,S3L2,narrow-6"},
              {"data.source", "synthetic"}, {"data.subset", "600"}, {"data.validation", "100"}, {"model.depth", "8"},
              {"train.epochs", "30"}, {"train.batch", "32"}, {"train.milestones", "21,27"},
              {"train.weight_decay", "0.0005"}, {"train.augment", "false"}, {"train.evaluate", "last"},
              {"attack.batch", "64"}, {"configurations.dense.attack.references", "8"},
              {"configurations.S3L2.train.learning_rate", "0.1"}}},
      {"mini",
          "one night on two cores: CIFAR-10 and the paper's network, three seeds, 2,500 trained images and 60 epochs",
          {{"study.configurations", "dense,imp-01..08,S1L2,S1L3,S2L2,S2L3,S3L2,S3L3"}, {"data.subset", "3000"},
              {"data.validation", "500"}, {"train.epochs", "60"}, {"train.milestones", "30,45"}}},
      {"controls",
          "mini's scale, a night: what pruning and butterflies change beside networks that differ from them in one "
          "thing each",
          {{"study.configurations",
               "dense,imp-04,restart-04,random-04,oneshot-04,layerwise-04,ticket-04,S3L2,lowrank-S3L2,shuffled-S3L2,"
               "dense-as-S3L2,S3L2-as-dense,narrow-6,untrained,random-labels"},
              {"data.subset", "3000"}, {"data.validation", "500"}, {"train.epochs", "60"},
              {"train.milestones", "30,45"}}},
      {"lira",
          "mini's scale, one seed, six hours: sixteen reference networks for the dense network, two rounds of pruning "
          "and a butterfly",
          {{"study.seeds", "1"}, {"study.configurations", "dense,imp-04,imp-08,S3L2"}, {"data.subset", "3000"},
              {"data.validation", "500"}, {"train.epochs", "60"}, {"train.milestones", "30,45"},
              {"attack.references", "16"}}},
      {"private",
          "mini's scale, one seed, a night: networks trained with differential privacy, at three epsilons and with "
          "clipping alone, beside the dense network, one with group norm, and two sparse ones; with and without "
          "privacy "
          "an audit by canaries",
          {{"study.seeds", "1"}, {"study.configurations", "dense,group-norm,dp-3,dp-8,dp-50,clipped,imp-04,S3L2"},
              {"data.subset", "3000"}, {"data.validation", "500"}, {"train.epochs", "60"},
              {"train.milestones", "30,45"}, {"configurations.audited.like", "group-norm"},
              {"configurations.audited.audit.canaries", "500"}, {"configurations.audited.audit.labels", "wrong"},
              {"configurations.audited-dp-8.like", "dp-8"}, {"configurations.audited-dp-8.audit.canaries", "500"},
              {"configurations.audited-dp-8.audit.labels", "wrong"}}},
      {"yuan2022",
          "mini's scale, one seed, a night: the training, the pruning, the attack and the defence of Yuan and Zhang "
          "2022 "
          "beside the paper's pruning, by the same splits",
          {{"study.seeds", "1"}, {"study.configurations", "dense,imp-04"}, {"data.subset", "3000"},
              {"data.validation", "500"}, {"train.epochs", "60"}, {"train.milestones", "30,45"},
              {"attack.list", "loss,class-loss,modified-entropy,nine,samia,lira-offline"},
              {"configurations.yuan.train.optimiser", "adam"}, {"configurations.yuan.train.learning_rate", "0.001"},
              {"configurations.yuan.train.weight_decay", "0.0005"}, {"configurations.yuan.train.batch", "128"},
              {"configurations.yuan.train.epochs", "100"}, {"configurations.yuan.train.milestones", ""},
              {"configurations.yuan.train.patience", "5"}, {"configurations.yuan.train.augment", "false"},
              {"configurations.yuan.normalisation.deviation", "0.2023,0.1994,0.2010"},
              {"configurations.yuan-pruned.like", "yuan"}, {"configurations.yuan-pruned.prune.rounds", "1"},
              {"configurations.yuan-pruned.prune.fraction", "0.7"},
              {"configurations.yuan-pruned.prune.criterion", "layerwise"},
              {"configurations.yuan-pruned.prune.epochs", "50"}, {"configurations.yuan-ppb.like", "yuan-pruned"},
              {"configurations.yuan-ppb.train.pair_penalty", "4"}}},
      {"tan2023",
          "mini's scale, one seed, two hours: dense networks of five widths, attacked on the way of their trainings, "
          "as in "
          "Tan et al. 2023",
          {{"study.seeds", "1"}, {"study.configurations", "dense,narrow-12,narrow-8,narrow-6,narrow-4"},
              {"data.subset", "3000"}, {"data.validation", "500"}, {"train.epochs", "60"},
              {"train.milestones", "30,45"}, {"attack.course", "8"}}},
      {"wang2021",
          "mini's scale, one seed, a night: trainings against an adversary who learns beside them, at four weights of "
          "it and without, dense and pruned by magnitude and by ADMM, as in Wang et al. 2021",
          {{"study.seeds", "1"}, {"study.configurations", "dense"}, {"data.subset", "3000"}, {"data.validation", "500"},
              {"train.epochs", "60"}, {"train.milestones", "30,45"}, {"attack.members", "trained"},
              {"configurations.wang-1.train.adversary", "1"}, {"configurations.wang-2.train.adversary", "2"},
              {"configurations.wang-4.train.adversary", "4"}, {"configurations.wang-8.train.adversary", "8"},
              {"configurations.wang-0-magnitude.prune.rounds", "1"},
              {"configurations.wang-0-magnitude.prune.fraction", "0.7"},
              {"configurations.wang-1-magnitude.like", "wang-0-magnitude"},
              {"configurations.wang-1-magnitude.train.adversary", "1"},
              {"configurations.wang-2-magnitude.like", "wang-0-magnitude"},
              {"configurations.wang-2-magnitude.train.adversary", "2"},
              {"configurations.wang-4-magnitude.like", "wang-0-magnitude"},
              {"configurations.wang-4-magnitude.train.adversary", "4"},
              {"configurations.wang-8-magnitude.like", "wang-0-magnitude"},
              {"configurations.wang-8-magnitude.train.adversary", "8"},
              {"configurations.wang-0-admm.like", "wang-0-magnitude"},
              {"configurations.wang-0-admm.prune.criterion", "admm"},
              {"configurations.wang-1-admm.like", "wang-1-magnitude"},
              {"configurations.wang-1-admm.prune.criterion", "admm"},
              {"configurations.wang-2-admm.like", "wang-2-magnitude"},
              {"configurations.wang-2-admm.prune.criterion", "admm"},
              {"configurations.wang-4-admm.like", "wang-4-magnitude"},
              {"configurations.wang-4-admm.prune.criterion", "admm"},
              {"configurations.wang-8-admm.like", "wang-8-magnitude"},
              {"configurations.wang-8-admm.prune.criterion", "admm"}}},
      {"paper", "the paper's study: 186 trainings of 300 epochs", {}},
      {"he2016",
          "the dense network on the archive's own 50,000 training and 10,000 test images, as in the literature on "
          "ResNets",
          {{"study.configurations", "dense"}, {"study.attack", "false"}, {"data.split", "archive"},
              {"data.validation", "0"}}},
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
