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

/// Where the zeros of a network come from.
enum class family { dense, imp, butterfly };
template <>
inline constexpr std::array names_of<family>{
    std::string_view("dense"), std::string_view("imp"), std::string_view("butterfly")};

/// What a network went through, one entry an epoch in every list that is not empty.
struct training_curve {
  std::vector<double> train_loss;           ///< mean cross-entropy over the epoch, in nats
  std::vector<double> train_accuracy;       ///< %, on the augmented images as they were trained on
  std::vector<double> validation_loss;      ///< nats
  std::vector<double> validation_accuracy;  ///< %
};

/// One trained network, as it is at the end of its best epoch.
struct network_result {
  std::string run;                       ///< name of the run's directory; empty: not run
  int epochs = 0;                        ///< epochs done
  int best_epoch = -1;                   ///< first epoch of best validation accuracy, counted from 0; -1: none
  double train_accuracy = missing;       ///< %, on its trained images, without augmentation
  double validation_accuracy = missing;  ///< %, at the best epoch
  double test_accuracy = missing;        ///< %, on its D_test
  double train_loss = missing;           ///< nats, on its trained images, without augmentation
  double test_loss = missing;            ///< nats, on its D_test
  double seconds = missing;              ///< wall-clock time of the training
  training_curve curve;
};

/// All attacks of one pair of networks under one reading of "member".
using reading_result = privacy::attack_result;
using privacy::discriminator_result;
using privacy::threshold_result;

/// One experiment: a target and a shadow network, and the attacks from one on the other.
struct seed_result {
  std::uint64_t seed = 0;
  network_result target, shadow;
  reading_result all;     ///< members: the whole D_train, validation images included (the paper's letter)
  reading_result strict;  ///< members: the trained images only, against as many drawn from D_test
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

/// The summary over seeds of one reading.
struct reading_summary {
  int reported = -1;  ///< index of the discriminator of best mean hold-out accuracy; -1: none
  std::string reported_name;
  spread holdout_accuracy;          ///< of the reported discriminator, on the shadow's held-out data
  spread attack_accuracy;           ///< of the reported discriminator, on the target
  double above_guessing = missing;  ///< points of mean attack accuracy above 50
  spread defence;                   ///< D = 200 - 2 A of the above
  double defence_change = missing;  ///< points, mean minus the dense network's
  significance defence_differs = significance::unknown;
  double ratio = missing;         ///< (|D - D0| / D0) * (a0 / |a - a0|), from the means
  spread oracle_attack_accuracy;  ///< worst case: per seed, the best of all discriminators on the target itself
  spread oracle_defence;
  spread loss_attack_accuracy;  ///< loss threshold taken from the shadow
  spread loss_defence;
  spread loss_oracle_attack_accuracy;  ///< loss threshold that is best on the target itself
  spread confidence_attack_accuracy;   ///< confidence threshold taken from the shadow
};

/// The summary over seeds of one configuration.
struct configuration_summary {
  spread accuracy;                   ///< of the target on its D_test
  spread shadow_accuracy;            ///< of the shadow on its D_test
  spread train_accuracy;             ///< of the target on its trained images
  double accuracy_change = missing;  ///< points, mean minus the dense network's
  significance accuracy_differs = significance::unknown;
  reading_summary all, strict;
};

/// One kind of network: dense, a round of pruning, or a butterfly.
struct configuration_result {
  std::string name;  ///< "dense", "imp-03", "butterfly-s1-l2"
  study::family family = study::family::dense;
  int round = 0;                     ///< k of IMP; 0 otherwise
  int segments = 0, factors = 0;     ///< S and L of a butterfly; 0 otherwise
  std::int64_t nonzeros = 0;         ///< parameters that are trained
  double nonzero_percent = missing;  ///< of the dense network's parameters
  std::vector<seed_result> seeds;    ///< may be fewer than asked for while a study runs
  configuration_summary summary;
};

/// The line through the dense network's point: defence = D0 + slope * (accuracy - a0), least squares over the others.
struct trade_off {
  double slope = missing;
  double strict_slope = missing;  ///< the same for the strict reading
  int points = 0;                 ///< configurations beside dense that it was fitted to
};

/// How large the study is.
struct study_scale {
  std::string preset;           ///< "demo", "paper", ...
  std::string data;             ///< "built-in images", "CIFAR-10", ...
  std::string architecture;     ///< "ResNet-20, width 16, projection shortcuts"
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
  double dense_accuracy = 87.5;  ///< %
  double dense_defence = 79.0;   ///< about; follows from slope and ratio, not printed
  double slope = -3.25;
  double ratio = 3.6;  ///< for a nonzero percentage between the two below
  double ratio_from_percent = 3.4;
  double ratio_to_percent = 17.3;
};

/// A whole study.
struct results {
  study_scale scale;
  std::vector<configuration_result> configurations;  ///< dense first, then IMP by round, then butterflies
  study::trade_off trade_off;
  paper_numbers paper;
  std::vector<std::pair<std::string, std::string>> provenance;  ///< "compiler" -> "g++ 12.2", in the order shown
};

}  // namespace papillon::study
