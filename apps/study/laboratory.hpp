// SPDX-License-Identifier: MIT
/// \file laboratory.hpp
/// What a study asks of the machine it runs on: to size up, train, ask, measure and attack networks. The executor knows
/// this interface only; laboratory_on.hpp implements it for a policy, so that networks are compiled once a policy,
/// apart from the rest.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <study/observer.hpp>
#include <study/plan.hpp>
#include <study/results.hpp>
#include <study/settings.hpp>
#include <study/study_data.hpp>

namespace papillon::study {

class finished_discriminators;

/// The size of a network.
struct network_size {
  std::int64_t parameters = 0;  ///< of the dense network of the same depth and width
  std::int64_t nonzeros = 0;  ///< that are trained: of a butterfly its coefficients, of an IMP round what is not pruned
  double multiply_adds = 0;   ///< of one image, forward
};

/// Where the work on one run takes place.
struct run_order {
  study::settings const* settings = nullptr;  ///< of the configuration that asks
  study::run const* run = nullptr;
  study_data const* data = nullptr;        ///< with the labels of the run (labelled_data.hpp)
  std::filesystem::path directory;         ///< of the run; exists and is claimed
  std::filesystem::path parent;            ///< of the training that it goes on from; empty: none
  std::filesystem::path outputs;           ///< file of its outputs
  std::filesystem::path features;          ///< file of its features
  study::run const* parent_run = nullptr;  ///< the training that it goes on from
  std::function<void()> fence{};           ///< called before every file that is written; throws where it must not be
};

/// The paper's attack of one experiment.
struct attack_order {
  study::settings const* settings = nullptr;
  study_data const* data = nullptr;
  std::uint64_t seed = 0;
  std::filesystem::path target_features, shadow_features;
  std::filesystem::path scores;   ///< where the target's scores under the strict reading go, a column a discriminator
  std::function<void()> fence{};  ///< as of a run_order
  finished_discriminators const* kept = nullptr;  ///< of the attack, if it was interrupted, and what is finished now
};

/// An attack that was learned from the shadow, and its scores of the target, whose images are those of the strict
/// reading.
struct learned_attack {
  double holdout_accuracy = 0;  ///< %, on images of the shadow that it was not learned from
  std::vector<double> scores;   ///< positive: a member
};

/// See the file's comment. When `stop` becomes true, work ends within a batch, where it can go on later, and throws
/// errc::interrupted.
class laboratory {
 public:
  virtual ~laboratory() = default;

  /// "omp, 2 threads, 16 lanes".
  [[nodiscard]] virtual std::string description() const = 0;
  [[nodiscard]] virtual network_size size_of(configuration const&) const = 0;
  /// Speed of training, timed on images made up for it; takes about a second.
  [[nodiscard]] virtual double images_per_second(configuration const&) const = 0;
  /// Trains a network to its end, from the start or from where it was interrupted. Its quality is not known yet.
  [[nodiscard]] virtual network_result train(run_order const&, observer&, std::atomic<bool> const* stop) const = 0;
  /// Writes the logits that a trained network has for all asked images (study_data.hpp), float32, [queries][images]
  /// [classes]; returns the epoch that its weights are of.
  [[nodiscard]] virtual int ask(run_order const&, std::atomic<bool> const* stop) const = 0;
  /// Writes the features of a trained network.
  virtual void measure(run_order const&, std::atomic<bool> const* stop) const = 0;
  /// Trains the discriminators on the shadow's features and applies them to the target's, under both readings of
  /// "member".
  [[nodiscard]] virtual seed_result attack(attack_order const&, std::atomic<bool> const* stop) const = 0;
  /// Trains SAMIA's transformer on the shadow's features and applies it to the target's. A laboratory may have none,
  /// which throws errc::usage.
  [[nodiscard]] virtual learned_attack samia(attack_order const&, std::atomic<bool> const* stop) const;
};

/// The size of a configuration's network; `parameters` are those of the study's dense network, whatever the width of
/// its own.
[[nodiscard]] network_size size_in_study(laboratory const& lab, settings const& s, configuration const& c);

/// Throws errc::interrupted if `stop` is true.
void check_interruption(std::atomic<bool> const* stop);

}  // namespace papillon::study
