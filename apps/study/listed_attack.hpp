// SPDX-License-Identifier: MIT
/// \file listed_attack.hpp
/// The attacks of the list (attack_names.hpp) on the networks of one experiment. All judge the strict reading: the
/// trained images of the attacked network against as many of its D_test. The target is attacked with what the shadow
/// teaches and the shadow with what the target teaches; attacks that need references attack the target alone, and learn
/// their threshold on one reference, held against another. Nothing is chosen on the network that is attacked.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <study/laboratory.hpp>
#include <study/results.hpp>
#include <study/settings.hpp>
#include <study/study_data.hpp>

namespace papillon::study {

/// The files that attacks look at, by role (0 target, 1 shadow) where there are two.
struct attack_inputs {
  study::settings const* settings = nullptr;
  study_data const* data = nullptr;  ///< with the labels that the networks were trained on (labelled_data.hpp)
  std::uint64_t seed = 0;
  std::array<std::filesystem::path, 2> outputs;               ///< of the two networks of the experiment
  std::array<std::vector<std::filesystem::path>, 2> of_role;  ///< outputs of the networks of each role, over all seeds
  std::array<std::filesystem::path, 2> features;
  std::filesystem::path discriminator_scores;  ///< of the target, a column a discriminator
  seed_result const* discriminators = nullptr;
  learned_attack samia;                           ///< where it is wanted
  std::vector<std::filesystem::path> references;  ///< outputs of the target's references 0, 1, ...
  std::function<void()> before_network{};  ///< called before each look at a network; what it throws ends the attack
};

/// An attacked network's images and their scores.
struct judged_images {
  data::index_list images;
  std::vector<std::uint8_t> members;
  std::vector<double> scores;
  std::vector<std::uint8_t> taken{};  ///< for members, by the threshold
};

/// What an attack found, the scores of each experiment, and what a person should know of it.
struct attack_outcome {
  listed_attack result;
  std::vector<judged_images> judged;
  std::vector<std::string> notes;
};

/// Runs the attack of a name. Throws errc::bad_input for files that are not what they should be.
[[nodiscard]] attack_outcome run_listed_attack(std::string const& name, attack_inputs const& in);

/// Memorisation of the target's images by its references, and how well the tenth most memorised are found.
[[nodiscard]] memorisation_result run_memorisation(attack_inputs const& in);

/// What guessing the target's canaries says of its training. A canary's score is the log probability of its label over
/// that of the shadow, which was trained on none of them.
[[nodiscard]] audit_result run_audit(attack_inputs const& in);

/// Writes and reads scores: npy of float64, a row an image, columns image, member (1 or 0), score and
/// whether the threshold takes it for a member (1 or 0).
void write_scores(std::filesystem::path const& file, judged_images const& judged);
[[nodiscard]] judged_images read_scores(std::filesystem::path const& file);

/// Members found at no more than one percent of false alarms, by their numbers, ascending.
[[nodiscard]] data::index_list found_at_one_percent(judged_images const& judged);

/// phi of members and others in 60 bins between their .1 and 99.9 percentiles.
[[nodiscard]] score_histogram histogram_of_phi(
    std::filesystem::path const& outputs, study_data const& data, std::uint64_t seed, std::size_t role);

}  // namespace papillon::study
