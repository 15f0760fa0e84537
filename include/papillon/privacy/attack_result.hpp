// SPDX-License-Identifier: MIT
/// \file attack_result.hpp
/// What all attacks from one shadow network on one target network reached, under one reading of "member":
/// the discriminators in their order, and the two threshold attacks. Accuracies in percent; NaN: does not exist.
#pragma once

#include <papillon/privacy/metrics.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// One discriminator.
struct discriminator_result {
  std::string name;               ///< hidden layers and learning rate: "30-30 lr 0.001"
  double holdout_accuracy = nan;  ///< %, fitted to a part of the shadow data, judged on the rest
  double shadow_accuracy = nan;   ///< %, fitted to all shadow data, on the same data
  attack_metrics target;          ///< fitted to all shadow data, applied to the target
};

/// The same with its score of each image of the target.
struct discriminator_outcome {
  discriminator_result result;
  std::vector<float> target_scores;
};

/// An attack that says "member" above one threshold of one number an image.
struct threshold_result {
  attack_metrics target;         ///< the threshold that is best on the shadow, applied to the target
  double oracle_accuracy = nan;  ///< %, the threshold that is best on the target itself: no attacker has it
};

/// All of them.
struct attack_result {
  std::vector<discriminator_result> discriminators;
  threshold_result loss;        ///< member: the loss of the true class is low
  threshold_result confidence;  ///< member: the highest probability is high
};

}  // namespace papillon::privacy
