// SPDX-License-Identifier: MIT
/// \file schema.hpp
/// Every key of a study's configuration: name, default (which fixes the type), range or choices, what it means, and
/// which runs it is part of. The one list that the configuration file, `--set`, `--print-config`, the error messages,
/// the identity of runs and docs/reference/configuration.md come from. The defaults are the paper's study.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <papillon/study/value.hpp>

namespace papillon::study {

/// Which work a key's value changes, and so whose identity it belongs to.
enum class concern {
  selection,  ///< which networks are part of the study: belongs to no single run
  data,       ///< which images there are and how they are split: covered by the hashes of the images and of the split
  training,   ///< every training
  butterfly,  ///< trainings of networks with butterfly layers
  pruning,    ///< IMP rounds from the first pruning on
  own,        ///< trainings of the configuration that the key's last part names
  features,   ///< what an attacker measures of a trained network, and all that follows
  attack,     ///< the discriminators trained on the features
};

/// One key. A numeric range is inclusive and holds for every item of a list.
struct key {
  std::string_view name;
  value standard;  ///< the default; its alternative is the key's type
  std::string_view help;
  concern part_of;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  std::vector<std::string_view> choices = {};  ///< for words: the only ones that are allowed
  bool may_be_none = false;                    ///< for reals: "none" is a value
};

/// All keys, grouped by their first part, in the order they are printed.
[[nodiscard]] inline std::vector<key> const& schema() {
  using enum concern;
  using std::int64_t;
  static std::vector<key> const keys = {
      {"study.seeds", integers{1, 2, 3},
       "one experiment a seed: it keys initial weights, order, augmentation, noise and discriminators", selection, 0,
       4294967295.0},
      {"study.butterflies",
       words{"S1L2", "S1L3", "S2L2", "S2L3", "S3L2", "S3L3"},
       "butterfly networks: SsLl has the 3x3 convolutions of its last s segments replaced by chains of l factors",
       selection,
       0,
       0,
       {"S1L2", "S1L3", "S2L2", "S2L3", "S3L2", "S3L3"}},
      {"study.attack", true, "train shadow networks and attack the targets; false: train the targets only", selection},

      {"data.source",
       std::string("cifar10"),
       "the images: CIFAR-10's binary files, or the built-in synthetic ones (no files needed)",
       data,
       0,
       0,
       {"cifar10", "synthetic"}},
      {"data.split",
       std::string("four"),
       "four: all images pooled and drawn into four sets of equal size (target and shadow, train and test); "
       "archive: the archive's own 50,000 for training and 10,000 for testing, target only",
       data,
       0,
       0,
       {"four", "archive"}},
      {"data.split_seed", int64_t{1}, "seed of the split; one split serves the whole study", data, 0, 4294967295.0},
      {"data.subset", int64_t{15000}, "images in each of the four sets", data, 2, 15000},
      {"data.validation", int64_t{1000}, "images of each training set held back for validation", data, 1, 14999},
      {"data.synthetic_noise", 0.06, "built-in images: standard deviation of the noise on pixels (of values in 0..1)",
       data, 0, 1},
      {"data.synthetic_label_noise", 0.1, "built-in images: part of them whose label is wrong", data, 0, 1},
      {"data.synthetic_tint", 0.4, "built-in images: how far a shape's colour is drawn to that of its class", data, 0,
       1},

      {"normalisation.mean", reals{.4914, .4822, .4465},
       "subtracted from the red, green and blue channels (of values in 0..1)", training, 0, 1},
      {"normalisation.deviation", reals{.2470, .2435, .2616}, "the channels are divided by this", training, 0.001, 10},

      {"model.depth", int64_t{20}, "weight layers of the ResNet, 6 n + 2", training, 8, 110},
      {"model.width", int64_t{16}, "channels of the first segment; the others have two and four times as many",
       training, 1, 256},
      {"model.shortcut",
       std::string("projection"),
       "where the shape changes: a 1x1 convolution with batch norm, or subsampling with zero channels",
       training,
       0,
       0,
       {"projection", "padded"}},
      {"model.unfolding",
       std::string("channel"),
       "order of the columns of a convolution's matrix that a butterfly factorises: channel by channel or tap by tap",
       butterfly,
       0,
       0,
       {"channel", "tap"}},

      {"train.epochs", int64_t{300}, "epochs of a training, and of every IMP round", training, 1, 100000},
      {"train.batch", int64_t{256}, "images a step; the last batch of an epoch is what is left", training, 1, 65536},
      {"train.milestones", integers{150, 225}, "epochs after which the learning rate is divided", training, 1, 100000},
      {"train.divisor", 10.0, "what the learning rate is divided by at a milestone", training, 1, 1e6},
      {"train.momentum", 0.9, "momentum of SGD (no Nesterov, no dampening)", training, 0, 0.9999},
      {"train.augment", true, "random flip (probability 1/2) and random crop of the image padded by 4 black pixels",
       training},
      {"train.evaluate",
       std::string("best"),
       "the weights that are evaluated and attacked: of the epoch of best validation accuracy "
       "(the earliest of equals), or of the last epoch",
       training,
       0,
       0,
       {"best", "last"}},

      {"learning_rate.dense", 0.03, "initial learning rate of the dense network", own, 0, 100},
      {"learning_rate.imp", 0.03, "of every IMP round", own, 0, 100},
      {"learning_rate.S1L2", 0.3, "of the butterfly network S1L2", own, 0, 100},
      {"learning_rate.S1L3", 0.3, "of the butterfly network S1L3", own, 0, 100},
      {"learning_rate.S2L2", 0.3, "of the butterfly network S2L2", own, 0, 100},
      {"learning_rate.S2L3", 0.1, "of the butterfly network S2L3", own, 0, 100},
      {"learning_rate.S3L2", 0.3, "of the butterfly network S3L2", own, 0, 100},
      {"learning_rate.S3L3", 0.1, "of the butterfly network S3L3", own, 0, 100},
      {"weight_decay.dense", 0.005, "coupled L2 weight decay of the dense network, on all parameters", own, 0, 1},
      {"weight_decay.imp", 0.005, "of every IMP round", own, 0, 1},
      {"weight_decay.S1L2", 0.0005, "of the butterfly network S1L2", own, 0, 1},
      {"weight_decay.S1L3", 0.0001, "of the butterfly network S1L3", own, 0, 1},
      {"weight_decay.S2L2", 0.0005, "of the butterfly network S2L2", own, 0, 1},
      {"weight_decay.S2L3", 0.001, "of the butterfly network S2L3", own, 0, 1},
      {"weight_decay.S3L2", 0.0005, "of the butterfly network S3L2", own, 0, 1},
      {"weight_decay.S3L3", 0.001, "of the butterfly network S3L3", own, 0, 1},

      {"imp.rounds", int64_t{24}, "iterative magnitude prunings after the dense training; 0: none", selection, 0, 200},
      {"imp.fraction", 0.2,
       "part of the remaining weights that a round prunes, the smallest over all convolutions and fully connected "
       "layers",
       pruning, 0.001, 0.999},
      {"imp.fc_fraction",
       value{},
       "part that a round prunes of the fully connected layer, ranked by itself; none: ranked with all others",
       pruning,
       0,
       0.999,
       {},
       true},

      {"attack.epsilon", 0.001, "size of the noise on the normalised image, and divisor of the change it makes",
       features, 1e-7, 1},
      {"attack.draws", int64_t{5}, "draws of the noise that are averaged", features, 1, 1000},
      {"attack.epochs", int64_t{80}, "epochs of a discriminator's training", attack, 1, 10000},
      {"attack.batch", int64_t{256}, "samples a step of a discriminator's training", attack, 1, 65536},
      {"attack.learning_rates", reals{0.01, 0.001, 0.0001},
       "Adam's learning rates; a discriminator for each of them and of the hidden layers", attack, 1e-8, 1},
      {"attack.hidden", words{"30", "30-30", "100-100-100"},
       "hidden layers of the discriminators: neurons of each layer, separated by '-'", attack},
      {"attack.standardise", false, "shift and scale every feature to mean 0 and deviation 1 on the shadow data",
       attack},
      {"attack.fit_fraction", 0.8,
       "part of the shadow data that discriminators are fitted to for the choice among them; the rest judges", attack,
       0.1, 0.95},
      {"attack.members",
       std::string("all"),
       "members that headline numbers count: all images of the training set, or only those trained on "
       "(validation images left out); the other reading is printed beside it",
       selection,
       0,
       0,
       {"all", "trained"}},
  };
  return keys;
}

/// The version of the canonical text that identities are computed from: raised when the same keys come to mean another
/// computation.
inline constexpr int schema_version = 1;

/// The type of a key in words: "whole number", "list of reals", ...
[[nodiscard]] inline std::string type_name(key const& k) {
  static constexpr std::string_view names[] = {"real", "true or false",         "whole number",  "real",
                                               "word", "list of whole numbers", "list of reals", "list of words"};
  return std::string(names[k.standard.index()]);
}

namespace detail {
/// A bound as a person writes it: 100000, not 1e+05.
[[nodiscard]] inline std::string bound_text(double x) {
  auto const whole = static_cast<std::int64_t>(x);
  return static_cast<double>(whole) == x ? number_text(whole) : number_text(x);
}
}  // namespace detail

/// What a key allows, in words: "0.001 to 0.999", "one of best, last", "" if anything of its type.
[[nodiscard]] inline std::string allowed(key const& k) {
  std::string text;
  if (!k.choices.empty()) {
    text = k.standard.index() == value{words{}}.index() ? "any of " : "one of ";
    for (auto const& choice : k.choices) text += (choice == k.choices.front() ? "" : ", ") + std::string(choice);
  } else if (k.low > -std::numeric_limits<double>::infinity()) {
    text = detail::bound_text(k.low) + " to " + detail::bound_text(k.high);
  } else if (std::holds_alternative<bool>(k.standard)) {
    text = "true or false";
  }
  if (k.may_be_none) text += ", or none";
  return text;
}

}  // namespace papillon::study
