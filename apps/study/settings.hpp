// SPDX-License-Identifier: MIT
/// \file settings.hpp
/// What a study is: plain values, which start as the paper's study. What each is called outside the program, what it
/// means and what it allows is said in schema.cpp, a line a setting.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <study/names.hpp>

namespace papillon::study {

enum class image_source { cifar10, cifar100, mnist, synthetic };
enum class image_split { four, archive };
enum class shortcut { projection, padded };
enum class norm { batch, group };
enum class column_order { channel, tap, shuffled };
enum class counted_members { all, trained };
enum class weight_structure { dense, butterfly, lowrank };
enum class training_labels { given, random };
enum class convolution { winograd, direct };
enum class storage { full, half };
enum class pruning_criterion { magnitude, layerwise, random, admm };
enum class pruning_schedule { iterative, once };
enum class rewind_point { best, initial };
enum class drawn_splits { fixed, seed };
enum class canary_labels { given, wrong };
enum class optimiser { sgd, adam };

template <>
inline constexpr std::array names_of<image_source>{std::string_view("cifar10"), std::string_view("cifar100"),
    std::string_view("mnist"), std::string_view("synthetic")};
template <> inline constexpr std::array names_of<image_split>{std::string_view("four"), std::string_view("archive")};
template <> inline constexpr std::array names_of<shortcut>{std::string_view("projection"), std::string_view("padded")};
template <> inline constexpr std::array names_of<norm>{std::string_view("batch"), std::string_view("group")};
template <>
inline constexpr std::array names_of<column_order>{
    std::string_view("channel"), std::string_view("tap"), std::string_view("shuffled")};
template <> inline constexpr std::array names_of<counted_members>{std::string_view("all"), std::string_view("trained")};
template <>
inline constexpr std::array names_of<weight_structure>{
    std::string_view("dense"), std::string_view("butterfly"), std::string_view("lowrank")};
template <>
inline constexpr std::array names_of<training_labels>{std::string_view("given"), std::string_view("random")};
template <> inline constexpr std::array names_of<convolution>{std::string_view("winograd"), std::string_view("direct")};
template <> inline constexpr std::array names_of<storage>{std::string_view("full"), std::string_view("half")};
template <>
inline constexpr std::array names_of<pruning_criterion>{
    std::string_view("magnitude"), std::string_view("layerwise"), std::string_view("random"), std::string_view("admm")};
template <>
inline constexpr std::array names_of<pruning_schedule>{std::string_view("iterative"), std::string_view("once")};
template <> inline constexpr std::array names_of<drawn_splits>{std::string_view("fixed"), std::string_view("seed")};
template <> inline constexpr std::array names_of<optimiser>{std::string_view("sgd"), std::string_view("adam")};
template <> inline constexpr std::array names_of<canary_labels>{std::string_view("given"), std::string_view("wrong")};
template <> inline constexpr std::array names_of<rewind_point>{std::string_view("best"), std::string_view("initial")};

struct study_settings {
  std::vector<std::uint32_t> seeds{1, 2, 3};
  std::vector<std::string> configurations{"dense", "imp-01..24", "S1L2", "S1L3", "S2L2", "S2L3", "S3L2", "S3L3"};
  drawn_splits splits = drawn_splits::fixed;
  bool attack = true;
  friend bool operator==(study_settings const&, study_settings const&) = default;
};

struct data_settings {
  image_source source = image_source::cifar10;
  image_split split = image_split::four;
  std::uint32_t split_seed = 1;
  int subset = 15000;
  int validation = 1000;
  double synthetic_noise = 0.06;
  double synthetic_label_noise = 0.1;
  double synthetic_tint = 0.4;
  friend bool operator==(data_settings const&, data_settings const&) = default;
};

struct normalisation_settings {
  std::vector<double> mean{.4914, .4822, .4465};
  std::vector<double> deviation{.2470, .2435, .2616};
  friend bool operator==(normalisation_settings const&, normalisation_settings const&) = default;
};

struct model_settings {
  int depth = 20;
  int width = 16;
  study::shortcut shortcut = study::shortcut::projection;
  weight_structure weights = weight_structure::dense;
  int segments = 3;
  int factors = 2;
  column_order unfolding = column_order::channel;
  study::norm norm = study::norm::batch;
  int groups = 8;
  std::string hidden;  ///< of a perceptron; empty: the network is a ResNet
  friend bool operator==(model_settings const&, model_settings const&) = default;
};

struct train_settings {
  int epochs = 300;
  int batch = 256;
  std::vector<int> milestones{150, 225};
  double divisor = 10.0;
  double momentum = 0.9;
  double learning_rate = 0.03;
  double weight_decay = 0.005;
  bool augment = true;
  training_labels labels = training_labels::given;
  study::convolution convolution = study::convolution::winograd;
  study::storage storage = study::storage::full;
  std::string evaluate = "best";
  study::optimiser optimiser = study::optimiser::sgd;
  int patience = -1;
  double pair_penalty = 0;
  double adversary = 0;
  int adversary_warmup = 5;
  double pull = 0;
  friend bool operator==(train_settings const&, train_settings const&) = default;
};

struct dp_settings {
  std::optional<double> noise;
  std::optional<double> epsilon;
  double clip = 1;
  double delta = 1e-5;
  std::optional<double> freeze;
  double select = 1;
  friend bool operator==(dp_settings const&, dp_settings const&) = default;
};

struct audit_settings {
  int canaries = 0;
  canary_labels labels = canary_labels::given;
  double delta = 1e-5;
  friend bool operator==(audit_settings const&, audit_settings const&) = default;
};

struct prune_settings {
  int rounds = 0;
  double fraction = 0.2;
  std::optional<double> fc_fraction;
  pruning_criterion criterion = pruning_criterion::magnitude;
  pruning_schedule schedule = pruning_schedule::iterative;
  rewind_point rewind = rewind_point::best;
  int epochs = 0;
  double rho = 0.001;
  friend bool operator==(prune_settings const&, prune_settings const&) = default;
};

struct attack_settings {
  double epsilon = 0.001;
  int draws = 5;
  int epochs = 80;
  int batch = 256;
  std::vector<double> learning_rates{0.01, 0.001, 0.0001};
  std::vector<std::string> hidden{"30", "30-30", "100-100-100"};
  bool standardise = false;
  double fit_fraction = 0.8;
  counted_members members = counted_members::all;
  std::vector<std::string> list{"gap", "loss", "class-loss", "entropy", "modified-entropy", "steadiness", "nine",
      "calibrated", "rmia", "lira-offline", "lira-online", "student", "rmia-online"};
  int references = 0;
  int queries = 2;
  std::string lira_variance = "automatic";
  double rmia_a = 0.3;
  double rmia_gamma = 1;
  double rmia_temperature = 1;
  int course = 0;
  friend bool operator==(attack_settings const&, attack_settings const&) = default;
};

/// A configuration as its user writes it: what it is like, and the settings in which it differs from that.
struct overlay {
  std::string name;        ///< letters, digits and '-'
  std::string like;        ///< name of another configuration; empty: the built-in one of this name, or else dense
  std::string series;      ///< what it is drawn and grouped as; empty: as what it is like
  std::string control_of;  ///< name of the configuration whose change it explains; empty: as what it is like
  std::vector<std::pair<std::string, std::string>> changes;  ///< keys and their values as text
  friend bool operator==(overlay const&, overlay const&) = default;
};

struct settings {
  study_settings study;
  data_settings data;
  normalisation_settings normalisation;
  model_settings model;
  train_settings train;
  dp_settings dp;
  audit_settings audit;
  prune_settings prune;
  attack_settings attack;
  std::vector<overlay> configurations;
  friend bool operator==(settings const&, settings const&) = default;
};

/// Whether trainings are differentially private ones.
[[nodiscard]] inline bool is_private(settings const& s) { return s.dp.noise || s.dp.epsilon; }

/// Epochs of a training, at most: of rounds of pruning they may be others.
[[nodiscard]] inline int epochs_of(settings const& s) {
  return s.prune.rounds > 0 && s.prune.epochs > 0 ? s.prune.epochs : s.train.epochs;
}

/// Which weights of a training are evaluated and attacked.
struct evaluated_weights {
  enum class choice { best, last, epoch, first } which = choice::best;
  int epoch = 0;        ///< of `epoch`, counted from 0: one of record validation accuracy
  double accuracy = 0;  ///< of `first`: the earliest epoch of at least this validation accuracy, in percent
};

/// What a word of train.evaluate means: "best", "last", "epoch:12", "first:62.5". Throws errc::usage.
[[nodiscard]] evaluated_weights evaluated_weights_of(std::string_view word);

/// The hidden layers that a word of model.hidden or attack.hidden stands for: "30-30" is {30, 30}. Throws errc::usage,
/// with the key's name.
[[nodiscard]] std::vector<int> hidden_layers(std::string_view word, std::string_view key = "attack.hidden");

/// Settings that are each allowed but do not go together are an error (errc::usage).
void check_together(settings const& s);

}  // namespace papillon::study
