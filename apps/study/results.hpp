// SPDX-License-Identifier: MIT
/// \file results.hpp
/// Every number of a study, as plain values: what was run, what each network reached, what each attack reached, and the
/// summary over seeds. The executor fills in the measured part, summary.hpp the rest; results_json.cpp names the
/// members in files. Accuracies, defences and percentages are in percent (0 to 100; a defence may exceed 100). A number
/// that does not exist (not run yet, not defined for one seed) is `missing`, a NaN; a list that does not exist is
/// empty.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <papillon/privacy/attack_result.hpp>

#include <study/names.hpp>

namespace papillon::study {

/// The value of a number that does not exist.
inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

[[nodiscard]] inline bool is_missing(double x) noexcept { return std::isnan(x); }

/// What a network went through, one entry an epoch in every list that is not empty.
struct training_curve {
  std::vector<double> train_loss;           ///< mean cross-entropy over the epoch, in nats
  std::vector<double> train_accuracy;       ///< %, on the augmented images as they were trained on
  std::vector<double> validation_loss;      ///< nats
  std::vector<double> validation_accuracy;  ///< %
};

/// How good the weights of a trained network are that are evaluated and attacked (train.evaluate).
struct network_quality {
  int epoch = -1;                        ///< the epoch they are of, counted from 0; -1: unknown
  double train_accuracy = missing;       ///< %, on its trained images, without augmentation
  double validation_accuracy = missing;  ///< %, on its validation images
  double test_accuracy = missing;        ///< %, on its D_test
  double train_loss = missing;           ///< nats, on its trained images, without augmentation
  double test_loss = missing;            ///< nats, on its D_test
};

/// One trained network.
struct network_result {
  std::string run;           ///< name of the run's directory; empty: not run
  int epochs = 0;            ///< epochs done, of this training alone
  int best_epoch = -1;       ///< first epoch of best validation accuracy, counted from 0; -1: none
  double seconds = missing;  ///< wall-clock time of the training
  network_quality quality;
  training_curve curve;
};

/// The paper's attack under one reading of "member": the discriminators.
using reading_result = privacy::attack_result;
using privacy::discriminator_result;

/// One of them, kept while the others are trained: what it came to, and its score of each image of the target.
struct kept_discriminator {
  discriminator_result result;
  std::vector<double> scores;
};

/// One experiment of the paper: a target and a shadow network, and the discriminators of one on the other.
struct seed_result {
  std::uint64_t seed = 0;
  network_result target, shadow;
  reading_result all;     ///< members: the whole D_train, validation images included (the paper's letter)
  reading_result strict;  ///< members: the trained images only, against as many drawn from D_test
};

/// How much is found at a bounded rate of mistakes, without interpolation: members found at a rate of false alarms, or
/// others ruled out at a rate of members missed.
struct operating_point {
  double allowed = missing;  ///< the bound, 0 to 1
  double rate = missing;     ///< %, of those looked for; missing where the bound is finer than the images are many
  int found = -1;            ///< their number; -1: unknown
  int mistakes = -1;         ///< of the other kind, at most the bound allows; -1: unknown
};

/// One attack on one network, under the strict reading: its trained images against as many of its D_test.
struct attack_experiment {
  std::uint64_t seed = 0;
  std::string role;                    ///< whose network is attacked: "target" or "shadow"
  int members = 0, others = 0;         ///< images
  double holdout_accuracy = missing;   ///< %, fitted to a part of the other role's images, judged on the rest
  double accuracy = missing;           ///< %, of the threshold that is best on the other role's images
  double oracle_accuracy = missing;    ///< %, of the threshold that is best on these very images: no attacker has it
  double auc = missing;                ///< 0 to 1
  double auc_error = missing;          ///< standard error over images, by DeLong
  std::vector<operating_point> found;  ///< of members, at 10, 1, .1, .01 and 0 % of false alarms
  std::vector<operating_point> ruled_out;  ///< of others, at 1 and .1 % of members missed
};

/// A mean over seeds with its 95 % interval by Student's t; roles are averaged within a seed first.
struct estimate {
  int count = 0;  ///< seeds that have the number
  double mean = missing;
  double low = missing, high = missing;  ///< missing below two seeds
};

/// A 95 % interval.
struct limits {
  double low = missing, high = missing;
};

/// The difference of a number to another configuration's, paired by seed.
struct difference {
  estimate change;               ///< this one minus the other
  double p = missing;            ///< two-sided t test
  double corrected_p = missing;  ///< after Holm, over the configurations of the study
  limits over_images{};          ///< over seeds and, crossed with them, images; of one seed over images alone
  double sign_flip_p = missing;  ///< sign-flip permutation test; from six seeds on
};

/// What is found at a bounded rate of mistakes, over seeds.
struct operating_estimate {
  double allowed = missing;   ///< the bound, 0 to 1
  estimate rate;              ///< %
  double mistakes = missing;  ///< of the other kind, mean over the experiments
};

/// The summary over seeds of one attack on one configuration.
struct attack_summary {
  estimate holdout_accuracy;   ///< %, on the shadow's images, before the target is looked at
  estimate accuracy, defence;  ///< %, D = 200 - 2 A
  estimate auc;
  std::vector<operating_estimate> found, ruled_out;  ///< for every operating point of the experiments
  difference defence_to_dense;                       ///< points
  difference defence_to_unpruned;                    ///< points; of a configuration that was pruned
};

/// The rates of false alarms, 0 to 1, at which ROC curves are kept: 0, and 61 from 1e-4 to 1, evenly in their
/// logarithm.
[[nodiscard]] inline std::vector<double> const& roc_rates() {
  static std::vector<double> const rates = [] {
    std::vector<double> all{0.0};
    for (int i = 60; i >= 0; --i) all.push_back(std::pow(10.0, -i / 15.0));
    return all;
  }();
  return rates;
}

/// One attack of the list on one configuration.
struct listed_attack {
  std::string name;  ///< as in attack.list: "gap", "loss", "lira-online"
  std::vector<attack_experiment> experiments;
  std::vector<double> roc;  ///< members found in %, mean over the experiments, at the rates of roc_rates()
  attack_summary summary;
};

/// How many members and others have a score in each of equally wide bins.
struct score_histogram {
  double low = missing, high = missing;  ///< of all bins
  std::vector<int> members, others;      ///< a bin each; what lies outside is counted in the outermost
};

/// What references say of one target: how much the outcome for an image depends on its having been trained on.
struct memorisation_result {
  std::uint64_t seed = 0;
  int references = 0;
  double mean = missing;          ///< -1 to 1
  double share_above = missing;   ///< %, of images whose memorisation is above one quarter
  double found_of_top = missing;  ///< %, members found at 1 % of false alarms among the tenth most memorised
};

/// Does a configuration expose the images that the dense network exposes?
struct overlap_result {
  std::uint64_t seed = 0;
  double share = missing;  ///< %, |A and B| / |A or B| of the members found at 1 % of false alarms here and in dense
};

/// A mean over seeds.
struct spread {
  int count = 0;  ///< seeds that have the number
  double mean = missing;
  double deviation = missing;  ///< sample standard deviation (count - 1); missing below two seeds
};

/// Whether the intervals mean +- deviation of a configuration and of the dense one are disjoint.
enum class significance { unknown, no, yes };
template <>
inline constexpr std::array names_of<significance>{
    std::string_view("unknown"), std::string_view("no"), std::string_view("yes")};

/// The summary over seeds of the paper's attack under one reading. Significance and ratio are the paper's own rules.
struct reading_summary {
  int reported = -1;  ///< index of the discriminator of best mean hold-out accuracy; -1: none
  std::string reported_name;
  spread holdout_accuracy;          ///< of the reported discriminator, on the shadow's held-out data
  spread attack_accuracy;           ///< of the reported discriminator, on the target
  double above_guessing = missing;  ///< points of mean attack accuracy above 50
  spread defence;                   ///< D = 200 - 2 A of the above
  double defence_change = missing;  ///< points, mean minus the dense network's
  significance defence_differs = significance::unknown;
  double ratio = missing;  ///< ((D - D0) / D0) * (a0 / |a - a0|), signed; missing where |a - a0| is below its error
  spread oracle_attack_accuracy;  ///< worst case: per seed, the best of all discriminators on the target itself
  spread oracle_defence;
};

/// The summary over seeds of a configuration beside the dense network at its accuracy.
struct matched_summary {
  estimate accuracy, partner_accuracy;  ///< %, of the dense network, of the configuration
  estimate defence, partner_defence;    ///< by the configuration's strongest attack
  difference change;                    ///< points of defence, the configuration minus the dense network
};

/// A step of a configuration's courses (course_result), over seeds.
struct course_summary {
  estimate accuracy, defence;  ///< %
};

/// The summary over seeds of one configuration.
struct configuration_summary {
  spread accuracy;                   ///< of the target on its D_test
  spread shadow_accuracy;            ///< of the shadow on its D_test
  spread mean_accuracy;              ///< of target and shadow, averaged within a seed: what the paper prints
  spread train_accuracy;             ///< of the target on its trained images
  double accuracy_change = missing;  ///< points, mean minus the dense network's
  significance accuracy_differs = significance::unknown;
  reading_summary all, strict;
  std::string strongest;       ///< the attack of best mean hold-out accuracy; empty: none
  estimate paper_defence;      ///< of the paper's reported discriminator, the attack "nine" of the list
  estimate gap_defence;        ///< of "member where it is right": 100 - (accuracy on members - on others)
  estimate strongest_defence;  ///< of the strongest attack
  estimate strongest_accuracy, strongest_auc;
  std::vector<operating_estimate> strongest_found;
  limits auc_over_images, found_over_images;  ///< of the strongest attack: area, and % at 1 % of false alarms
  difference to_dense;                        ///< points of strongest_defence
  difference
      to_control;  ///< of a control: points of strongest_defence that the configuration it explains has beyond it
  matched_summary matched;
  std::vector<course_summary> course;
  estimate memorisation, memorised_share, found_of_top;  ///< see memorisation_result
  estimate overlap;                                      ///< %, see overlap_result
};

/// The dense network at the accuracy of another configuration: target and shadow each at the earliest epoch whose
/// validation accuracy reaches that of the configuration's shadow. Defences are against the strongest attack that needs
/// outputs alone, by its hold-out accuracy, and of both roles.
struct matched_result {
  std::uint64_t seed = 0;
  int epoch = -1;                     ///< of the dense target, counted from 0; -1: it never gets there
  double accuracy = missing;          ///< %, of that network on its D_test
  double partner_accuracy = missing;  ///< %, of the configuration's
  double defence = missing;           ///< of that network
  double partner_defence = missing;
};

/// Target and shadow on the way of their trainings: each at the earliest epoch whose validation accuracy reaches a
/// bound. Defence: as of a matched_result.
struct course_point {
  double validation_accuracy = missing;  ///< %, the bound
  int epoch = -1;                        ///< of the target, counted from 0
  double accuracy = missing;             ///< %, of the target on its D_test
  double defence = missing;
};

/// The course of one target and its shadow, in even steps from chance to the accuracy that both reach.
struct course_result {
  std::uint64_t seed = 0;
  std::vector<course_point> points;
};

/// What the canaries of one target say of its training: bounds of its epsilon from below, each wrong in one of twenty.
struct audit_result {
  std::uint64_t seed = 0;
  int canaries = 0, included = 0;
  double epsilon = missing;           ///< of any training
  double gaussian_epsilon = missing;  ///< of one by the Gaussian mechanism, as DP-SGD is
  double accuracy = missing;          ///< %, of guesses about all canaries
};

/// What differential privacy guarantees of a configuration's targets; all are missing where it guarantees nothing.
struct privacy_result {
  double epsilon = missing;  ///< missing with clipping alone, too
  double delta = missing;
  double noise = missing;                                ///< deviation, in units of the clip
  double clip = missing;                                 ///< largest norm of an image's gradient
  double audited = missing, audited_gaussian = missing;  ///< epsilon at least, by audits: means over seeds
};

/// One kind of network.
struct configuration_result {
  std::string name;         ///< "dense", "imp-03", "S1L2", "narrow-6"
  std::string series;       ///< what it is drawn and grouped as: "dense", "imp", "butterfly", "control"
  std::string control_of;   ///< the configuration whose change it explains: "imp-03" of "restart-03"; empty: none
  std::string isolates;     ///< what the difference between the two is due to, in words
  std::string pruned_from;  ///< the configuration that its pruning began with: "dense" of "imp-03"; empty: none
  std::vector<std::pair<std::string, std::string>> keys;  ///< the settings in which it differs from the study's
  std::int64_t nonzeros = 0;                              ///< parameters that are trained
  double nonzero_percent = missing;                       ///< of the dense network's parameters
  int total_epochs = 0;                                   ///< of its training and of all that it goes on from
  double learning_rate = missing, weight_decay = missing;
  privacy_result privacy;
  std::vector<seed_result> seeds;  ///< may be fewer than asked for while a study runs
  std::vector<listed_attack> attacks;
  score_histogram phi;  ///< log(p / (1 - p)) of the true class, over all targets
  std::vector<memorisation_result> memorisation;
  std::vector<overlap_result> overlap;
  std::vector<matched_result> matched;
  std::vector<course_result> courses;
  std::vector<audit_result> audits;
  configuration_summary summary;
};

/// The line through the dense network's point: defence = D0 + slope * (accuracy - a0), least squares over the others
/// that are neither controls nor trained privately. Defence: of the paper's attack under one reading.
struct trade_off_line {
  double slope = missing;
  double slope_low = missing, slope_high = missing;  ///< 95 % interval over resampled seeds; missing below two
  double share_explained = missing;                  ///< 1 - (squares left) / (squares about D0)
  int points = 0;                                    ///< configurations beside dense that it was fitted to
  double paper_range_slope = missing;                ///< fitted to those in the paper's range of nonzero percentages
  int paper_range_points = 0;
  double mean_ratio = missing, median_ratio = missing;  ///< over those of the range that have a ratio
};

/// The line for either reading.
struct trade_off {
  trade_off_line all, strict;
};

/// What can be said in one sentence: configurations, controls left out, whose defence against the strongest attack is
/// better or worse than dense after Holm's correction at 5 %, and those of which that cannot be told.
struct headline {
  int better = 0, worse = 0, undecided = 0;
  std::string best;  ///< of the better ones, that of the largest mean change; else empty
};

/// What is known beforehand of an attack: nothing is to be found where membership is permuted, where the network is
/// never asked, and on an untrained network; nearly everything is, on random labels that were learned by heart.
enum class attack_control { permuted, blind, untrained, random_labels };
template <>
inline constexpr std::array names_of<attack_control>{std::string_view("permuted"), std::string_view("blind"),
    std::string_view("untrained"), std::string_view("random-labels")};

enum class check_measure { accuracy, auc };
template <> inline constexpr std::array names_of<check_measure>{std::string_view("accuracy"), std::string_view("auc")};

enum class check_outcome { unknown, failed, passed };
template <>
inline constexpr std::array names_of<check_outcome>{
    std::string_view("unknown"), std::string_view("failed"), std::string_view("passed")};

/// An attack held against what is known beforehand (attack_checks.hpp). Accuracies are in %, areas from 0 to 1.
struct attack_check {
  attack_control control = attack_control::permuted;
  std::string attack;  ///< as in attack.list; of those that never ask the network "class frequencies", "mean pixel"
  check_measure measure = check_measure::accuracy;
  double expected = missing;  ///< what guessing has; of random labels what has to be exceeded
  double value = missing;
  double low = missing, high = missing;  ///< three standard errors about the value
  check_outcome outcome = check_outcome::unknown;
};

/// How large the study is.
struct study_scale {
  std::string preset;           ///< "demo", "paper", ...
  std::string data;             ///< "built-in images", "CIFAR-10", ...
  std::string architecture;     ///< "ResNet-20, width 16, projection shortcuts", "perceptron 3072-256-10"
  std::string members = "all";  ///< the reading that headline numbers take: "all" or "trained" (the strict one)
  int part_images = 0;          ///< images of each of the four parts
  int trained_images = 0;       ///< of D_train, without validation
  int validation_images = 0;
  int epochs = 0;                    ///< of a training
  std::vector<std::uint64_t> seeds;  ///< asked for
  int configurations = 0;            ///< asked for
  int trainings = 0;                 ///< asked for: configurations x {target, shadow} x seeds
  int trainings_done = 0;
};

/// What the paper prints, at its own scale (CIFAR-10, 15,000 images a part, 300 epochs, 3 experiments, 31
/// configurations).
struct paper_numbers {
  double dense_accuracy = 87.5;  ///< %, mean over targets and shadows
  double dense_defence = 79.0;   ///< about; follows from slope and ratio, not printed
  double slope = -3.25;
  double ratio = 3.6;  ///< for a nonzero percentage between the two below
  double ratio_from_percent = 3.4;
  double ratio_to_percent = 17.3;
};

/// Results that were made alike: by one build of the program, on one kind of device with so many lanes.
struct maker_result {
  std::string build, device;
  std::vector<std::string> tasks;  ///< their files in the study's directory
};

/// A whole study.
struct results {
  study_scale scale;
  std::vector<std::string> warnings;  ///< what a reader has to know before the numbers, a sentence each
  study::headline headline;
  std::vector<configuration_result> configurations;  ///< in the order of the study
  std::vector<attack_check> attack_checks;
  study::trade_off trade_off;
  paper_numbers paper;
  std::vector<maker_result> makers;
  std::vector<std::string>
      failures;  ///< of tasks whose results are missing for good, a sentence each; in files among the warnings
  std::vector<std::pair<std::string, std::string>> provenance;  ///< "compiler" -> "g++ 12.2", in the order shown
};

}  // namespace papillon::study
