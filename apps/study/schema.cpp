// SPDX-License-Identifier: MIT
#include <study/schema.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include <study/attack_names.hpp>
#include <study/names.hpp>
#include <study/text.hpp>

namespace papillon::study {

namespace {

// --- members as values ---------------------------------------------------------------

template <class T> value to_value(T const& x) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, double> || std::is_same_v<T, std::string>) return x;
  else if constexpr (std::is_integral_v<T>) return static_cast<std::int64_t>(x);
  else if constexpr (std::is_enum_v<T>) return std::string(name_of(x));
  else if constexpr (std::is_same_v<T, std::optional<double>>) return x ? value(*x) : value();
  else if constexpr (std::is_integral_v<typename T::value_type>) return integers(x.begin(), x.end());
  else return x;
}

template <class T> void from_value(value const& v, T& x) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, double> || std::is_same_v<T, std::string>) {
    x = std::get<T>(v);
  } else if constexpr (std::is_integral_v<T>) {
    x = static_cast<T>(std::get<std::int64_t>(v));
  } else if constexpr (std::is_enum_v<T>) {
    x = from_name<T>(std::get<std::string>(v)).value();
  } else if constexpr (std::is_same_v<T, std::optional<double>>) {
    auto const* real = std::get_if<double>(&v);
    x = real ? T(*real) : T();
  } else if constexpr (std::is_integral_v<typename T::value_type>) {
    x.clear();
    for (auto const item : std::get<integers>(v)) x.push_back(static_cast<typename T::value_type>(item));
  } else {
    x = std::get<T>(v);
  }
}

/// Where a setting is.
template <class Group, class T> struct member_of {
  Group settings::*group;
  T Group::*member;
  T& operator()(settings& s) const { return s.*group.*member; }
  T const& operator()(settings const& s) const { return s.*group.*member; }
};

/// A key for what `member(settings)` refers to; type, default and, of an enumeration, choices follow from that.
template <class Member> key make_key(std::string name, Member member, concern part_of, std::string help, range within) {
  using type = std::remove_cvref_t<decltype(member(std::declval<settings&>()))>;
  key k;
  k.name = std::move(name);
  settings const defaults;
  k.standard = to_value(member(defaults));
  k.help = std::move(help);
  k.part_of = part_of;
  k.within = within;
  k.get = [member](settings const& s) { return to_value(member(s)); };
  k.set = [member](settings& s, value const& v) { from_value(v, member(s)); };
  k.may_be_none = std::is_same_v<type, std::optional<double>>;
  if constexpr (std::is_enum_v<type>) k.choices.assign(names_of<type>.begin(), names_of<type>.end());
  return k;
}

/// Adds the settings of a group, a call each.
template <class Group> class group {
 public:
  group(std::vector<key>& keys, std::string name, Group settings::*place)
      : keys_(keys), name_(std::move(name)), place_(place) {}

  template <class T>
  key& operator()(char const* name, T Group::*member, concern part_of, char const* help, range within = {}) {
    return keys_.emplace_back(make_key(name_ + "." + name, member_of<Group, T>{place_, member}, part_of, help, within));
  }

 private:
  std::vector<key>& keys_;
  std::string name_;
  Group settings::*place_;
};

// --- the list --------------------------------------------------------------------------

constexpr range seeds{0, 4294967295.0}, part{0, 1};

std::vector<key> make_schema() {  // NOLINT(readability-function-size): a table
  using enum concern;
  std::vector<key> keys;

  group study(keys, "study", &settings::study);
  study("seeds", &study_settings::seeds, selection,
      "one experiment a seed: it keys initial weights, order, augmentation, noise and discriminators", seeds);
  study("configurations", &study_settings::configurations, selection,
      "the networks of the study, by name: dense, imp-03 (three rounds of pruning), S3L2 (butterflies in the last 3 "
      "segments, chains of 2 factors), the controls, and what `configurations` describes; imp-01..08 is eight of them");
  study("splits", &study_settings::splits, selection,
      "fixed: one split of the images serves the whole study, as in the paper; seed: each seed draws its own, so that "
      "intervals over seeds hold for other images as well");
  study("attack", &study_settings::attack, selection,
      "train shadow networks and attack the targets; false: train the targets only");

  group images(keys, "data", &settings::data);
  images("source", &data_settings::source, data,
      "the images: the binary files of CIFAR-10 or CIFAR-100, MNIST's idx files (padded to 32x32, one channel), or the "
      "built-in synthetic ones (no files needed)");
  images("split", &data_settings::split, data,
      "four: all images pooled and drawn into four sets of equal size (target and shadow, train and test); "
      "archive: the archive's own training images (50,000, of MNIST 60,000) and 10,000 test images, target only");
  images("split_seed", &data_settings::split_seed, data, "seed of the split; one split serves the whole study", seeds);
  images("subset", &data_settings::subset, data, "images in each of the four sets", {2, 15000});
  images("validation", &data_settings::validation, data,
      "images of each training set held back for validation; 0: none, the last epoch is the best", {0, 14999});
  images("synthetic_noise", &data_settings::synthetic_noise, data,
      "built-in images: standard deviation of the noise on pixels (of values in 0..1)", part);
  images("synthetic_label_noise", &data_settings::synthetic_label_noise, data,
      "built-in images: part of them whose label is wrong", part);
  images("synthetic_tint", &data_settings::synthetic_tint, data,
      "built-in images: how far a shape's colour is drawn to that of its class", part);

  group normalisation(keys, "normalisation", &settings::normalisation);
  normalisation("mean", &normalisation_settings::mean, training,
      "subtracted from the channels (of values in 0..1), one item each: red, green and blue; of mnist one, usually "
      "0.1307; "
      "the default is CIFAR-10's, whatever data.source is",
      part);
  normalisation("deviation", &normalisation_settings::deviation, training,
      "the channels are divided by this, one item each; of mnist usually 0.3081", {0.001, 10});

  group model(keys, "model", &settings::model);
  model("depth", &model_settings::depth, training, "weight layers of the ResNet, 6 n + 2", {8, 110});
  model("width", &model_settings::width, training,
      "channels of the first segment; the others have two and four times as many", {1, 256});
  model("shortcut", &model_settings::shortcut, training,
      "where the shape changes: a 1x1 convolution with batch norm, or subsampling with zero channels");
  model("weights", &model_settings::weights, training,
      "structure of the 3x3 convolutions of the last segments: dense, butterfly (the smallest monotone chain) or "
      "lowrank "
      "(two dense factors of about as many coefficients)");
  model(
      "segments", &model_settings::segments, structured, "segments, from the last, whose convolutions have it", {1, 3});
  model("factors", &model_settings::factors, structured, "factors of a chain", {2, 31});
  model("unfolding", &model_settings::unfolding, structured,
      "order of the columns of a convolution's matrix that a chain factorises: channel by channel, tap by tap, or "
      "shuffled");

  model("norm", &model_settings::norm, grouped,
      "what follows a convolution: batch norm, or group norm, with which no image's output depends on another image");
  model(
      "groups", &model_settings::groups, grouped, "groups of channels of group norm; they divide the width", {1, 256});
  model("hidden", &model_settings::hidden, wished,
      "a perceptron in place of the ResNet: neurons of each hidden layer, separated by '-', for example 256-128; "
      "empty: the ResNet");

  group train(keys, "train", &settings::train);
  train("epochs", &train_settings::epochs, training, "epochs of a training, and of every IMP round", {0, 100000});
  train("batch", &train_settings::batch, training, "images a step; the last batch of an epoch is what is left",
      {1, 65536});
  train("milestones", &train_settings::milestones, training, "epochs after which the learning rate is divided",
      {1, 100000});
  train("divisor", &train_settings::divisor, training, "what the learning rate is divided by at a milestone", {1, 1e6});
  train("momentum", &train_settings::momentum, training, "momentum of SGD (no Nesterov, no dampening)", {0, 0.9999});
  train("learning_rate", &train_settings::learning_rate, training, "initial learning rate", {0, 100});
  train("weight_decay", &train_settings::weight_decay, training, "coupled L2 weight decay, on all parameters", {0, 1});
  train("augment", &train_settings::augment, training,
      "random flip (probability 1/2) and random crop of the image padded by 4 black pixels");
  train("labels", &train_settings::labels, training,
      "the labels that are trained on: those of the images, or drawn anew at random, to be learned by heart");
  train("convolution", &train_settings::convolution, arithmetic,
      "how 3x3 convolutions of stride 1 with dense weights are summed on processors: winograd, with a "
      "quarter of the multiplications (in evaluation less than half), or direct; the two round differently");
  train("storage", &train_settings::storage, training,
      "what layers pass on in training is kept in memory in full, or in half: 16 bits a value, activations rounded by "
      "up to 2^-11 of themselves, derivatives by 2^-9, faster where memory is the limit; omp only, and never in "
      "evaluation or features");
  train("evaluate", &train_settings::evaluate, evaluation,
      "the weights that are evaluated and attacked: best (of the epoch of best validation accuracy, the earliest of "
      "equals), last, epoch:N (counted from 0, one whose validation accuracy was a record), or first:P (the earliest "
      "epoch of at least P % validation accuracy)");
  train("optimiser", &train_settings::optimiser, wished,
      "SGD with momentum, or Adam (0.9, 0.999), for which train.momentum means nothing; weight decay is added to the "
      "gradient by both");
  train("patience", &train_settings::patience, wished,
      "a training ends once more than so many epochs in a row had no better validation accuracy; -1: after "
      "train.epochs alone",
      {-1, 100000});
  train("pair_penalty", &train_settings::pair_penalty, wished,
      "weight of a penalty on the divergence between sorted answers about two images of a batch, the defence PPB of "
      "Yuan "
      "and Zhang 2022; what a round of pruning goes on from is trained without; 0: none",
      {0, 1000});
  train("adversary", &train_settings::adversary, wished,
      "weight of a penalty on how well an adversary, who learns beside the network, tells trained images from "
      "validation images by what it answers, the defence of Wang et al. 2021; 0: none",
      {0, 1000});
  train("adversary_warmup", &train_settings::adversary_warmup, concern::adversary,
      "epochs at the beginning of a training in which the adversary learns and the network has no penalty",
      {0, 100000});
  train("pull", &train_settings::pull, wished,
      "rho of ADMM: a dense training is pulled towards its largest weights, as many as prune.fraction leaves, with "
      "half of this times the squared distance; what prune.criterion=admm goes on from is trained so; 0: none",
      {0, 1000});

  group dp(keys, "dp", &settings::dp);
  dp("noise", &dp_settings::noise, privacy,
      "DP-SGD with noise of this deviation, in units of dp.clip, on the sum of clipped gradients; 0: clipping alone, "
      "which guarantees nothing; none: no private training, unless dp.epsilon is given. The noise follows from the "
      "seed: for measurements, not for networks that are released",
      {0, 1000});
  dp("epsilon", &dp_settings::epsilon, privacy,
      "DP-SGD with the least noise for which the whole training is (epsilon, dp.delta)-private; none: see dp.noise",
      {0.01, 100000});
  dp("clip", &dp_settings::clip, privacy, "largest norm of an image's gradient in private training", {1e-6, 1e6});
  dp("delta", &dp_settings::delta, privacy,
      "probability up to which the guarantee holds; well below one over the trained images", {1e-12, 0.1});
  dp("freeze", &dp_settings::freeze, privacy,
      "part of the weights of each layer that private training trains, drawn at random before it, which costs no "
      "privacy; the others are zero; none: all are trained",
      {0.0001, 1});
  dp("select", &dp_settings::select, privacy,
      "part of the weights that a step of private training updates, drawn anew at random for each step", {0.0001, 1});

  group audits(keys, "audit", &settings::audit);
  audits("canaries", &audit_settings::canaries, concern::canaries,
      "images of D_test, of those that the strict reading leaves out (as many as there are validation images), each of "
      "which is trained on too if a coin of its own says so; who guesses the coins from the trained network audits "
      "what "
      "the training gives away; 0: none",
      {0, 14999});
  audits("labels", &audit_settings::labels, concern::canaries,
      "labels of the canaries: their own, or wrong ones, which have to be learned by heart");
  audits("delta", &audit_settings::delta, concern::audit, "delta of the epsilon that an audit bounds from below",
      {0, 0.1});

  group prune(keys, "prune", &settings::prune);
  prune("rounds", &prune_settings::rounds, training, "rounds of pruning that a network has gone through; 0: none",
      {0, 200});
  prune("fraction", &prune_settings::fraction, pruning,
      "part of the remaining weights that a round prunes, the smallest over all convolutions and fully connected "
      "layers; 0: a round is the training alone",
      {0, 0.999});
  prune("fc_fraction", &prune_settings::fc_fraction, pruning,
      "part that a round prunes of the fully connected layer, ranked by itself; none: ranked with all others",
      {0, 0.999});
  prune("criterion", &prune_settings::criterion, pruning,
      "which weights go: the smallest of all layers together, the smallest of each layer by the same fraction, "
      "random ones, as many of each layer as the smallest of all would be, or those that ADMM has drawn to zero in the "
      "training before (train.pull)");
  prune("schedule", &prune_settings::schedule, pruning,
      "a round after each training, or all rounds' pruning at once after the first");
  prune("rewind", &prune_settings::rewind, pruning,
      "what remains goes on from the weights of the best epoch before, or from the initial ones");
  prune("epochs", &prune_settings::epochs, wished_pruning,
      "epochs of a training after pruning; 0: those of train.epochs", {0, 100000});
  prune("rho", &prune_settings::rho, wished_pruning,
      "of prune.criterion=admm: train.pull of the training that finds the mask", {1e-9, 1000});

  group attacks(keys, "attack", &settings::attack);
  attacks("epsilon", &attack_settings::epsilon, features,
      "size of the noise on the normalised image, and divisor of the change it makes", {1e-7, 1});
  attacks("draws", &attack_settings::draws, features, "draws of the noise that are averaged", {1, 1000});
  attacks("epochs", &attack_settings::epochs, attack, "epochs of a discriminator's training", {1, 10000});
  attacks("batch", &attack_settings::batch, attack, "samples a step of a discriminator's training", {1, 65536});
  attacks("learning_rates", &attack_settings::learning_rates, attack,
      "Adam's learning rates; a discriminator for each of them and of the hidden layers", {1e-8, 1});
  attacks("hidden", &attack_settings::hidden, attack,
      "hidden layers of the discriminators: neurons of each layer, separated by '-'");
  attacks("standardise", &attack_settings::standardise, attack,
      "shift and scale every feature to mean 0 and deviation 1 on the shadow data");
  attacks("fit_fraction", &attack_settings::fit_fraction, attack,
      "part of the shadow data that discriminators are fitted to for the choice among them; the rest judges",
      {0.1, 0.95});
  attacks("members", &attack_settings::members, selection,
      "members that the paper's attack counts in headline numbers: all images of the training set, or only those "
      "trained on (validation images left out); the other reading is printed beside it");
  attacks("list", &attack_settings::list, selection,
      "the attacks that judge every network by its trained images and as many others; what an attack needs and the "
      "study has not got leaves it out")
      .choices = attack_names();
  attacks("references", &attack_settings::references, references,
      "reference networks for every target, each trained on a random half of the target's images: an even number, 4 or "
      "more; they "
      "are what lira-online, student, rmia-online and memorisation need; of a configuration, not of what is like it",
      {0, 1024});
  attacks("queries", &attack_settings::queries, outputs,
      "images that a network is asked about for each: the image; 2: its mirror image too; 18: both, shifted by 4 "
      "pixels "
      "as well; only networks trained with augmentation are asked more than once",
      {1, 18});
  attacks("lira_variance", &attack_settings::lira_variance, listed,
      "deviation of the references' outcomes in LiRA: pooled over images, of the example itself, total, or automatic: "
      "pooled below 64 references")
      .choices = {"automatic", "pooled", "example", "total"};
  attacks("rmia_a", &attack_settings::rmia_a, listed,
      "RMIA: how the probability among references that never saw an image is corrected", {0, 1});
  attacks("rmia_gamma", &attack_settings::rmia_gamma, listed, "RMIA: ratio from which an image counts as dominating",
      {0.001, 1000});
  attacks("rmia_temperature", &attack_settings::rmia_temperature, listed, "RMIA: temperature of the probabilities",
      {0.01, 100});
  attacks("course", &attack_settings::course, course,
      "networks on the way of a training that are attacked too, by what they answer: target and shadow at the earliest "
      "epochs that reach so many accuracies, even steps from chance to what both reach; 0: none",
      {0, 100});
  return keys;
}

/// A bound as a person writes it: 100000, not 1e+05.
std::string bound_text(double x) {
  auto const whole = static_cast<std::int64_t>(x);
  return static_cast<double>(whole) == x ? number_text(whole) : number_text(x);
}

}  // namespace

std::vector<key> const& schema() {
  static std::vector<key> const keys = make_schema();
  return keys;
}

std::string type_name(key const& k) {
  static constexpr std::string_view names[] = {"real", "true or false", "whole number", "real", "word",
      "list of whole numbers", "list of reals", "list of words"};
  return std::string(names[k.standard.index()]);
}

std::string allowed(key const& k) {
  std::string text;
  if (!k.choices.empty()) {
    text = std::holds_alternative<words>(k.standard) ? "any of " : "one of ";
    for (auto const& choice : k.choices) text += (choice == k.choices.front() ? "" : ", ") + std::string(choice);
  } else if (k.within.low > -std::numeric_limits<double>::infinity()) {
    text = bound_text(k.within.low) + " to " + bound_text(k.within.high);
  } else if (std::holds_alternative<bool>(k.standard)) {
    text = "true or false";
  }
  if (k.may_be_none) text += ", or none";
  return text;
}

}  // namespace papillon::study
