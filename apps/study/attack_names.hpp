// SPDX-License-Identifier: MIT
/// \file attack_names.hpp
/// The attacks that a study can list, by name, and what each of them needs beyond the outputs of the attacked network.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace papillon::study {

/// What an attack needs.
enum class attack_need {
  outputs,     ///< of the attacked network, and for the threshold those of the other role's
  features,    ///< the response to noise as well
  other_role,  ///< the networks of the other role, which never saw the images: references without cost
  references,  ///< networks that saw each image and networks that did not
};

struct known_attack {
  std::string_view name;
  attack_need needs = attack_need::outputs;
  std::string_view help;
};

inline constexpr std::array known_attacks{
    known_attack{"gap", attack_need::outputs, "member where the network is right"},
    known_attack{"loss", attack_need::outputs, "log probability of the true class"},
    known_attack{"class-loss", attack_need::outputs, "the same, with a threshold for every class"},
    known_attack{"confidence", attack_need::outputs, "highest log probability"},
    known_attack{"entropy", attack_need::outputs, "minus the entropy of the probabilities"},
    known_attack{"class-entropy", attack_need::outputs, "the same, with a threshold for every class"},
    known_attack{"modified-entropy", attack_need::outputs, "minus the entropy that knows the true class"},
    known_attack{"class-modified-entropy", attack_need::outputs, "the same, with a threshold for every class"},
    known_attack{"steadiness", attack_need::features, "minus the response to noise on the image"},
    known_attack{"nine", attack_need::features, "the paper's attack: the discriminator of best hold-out accuracy"},
    known_attack{"samia", attack_need::features, "a transformer on the features, class by class (Yuan and Zhang 2022)"},
    known_attack{"calibrated", attack_need::other_role, "loss, against that of networks that never saw the image"},
    known_attack{"rmia", attack_need::other_role, "probability, against that of networks that never saw the image"},
    known_attack{"lira-offline", attack_need::other_role, "likelihood under networks that never saw the image"},
    known_attack{"lira-online", attack_need::references, "likelihood ratio of networks with and without the image"},
    known_attack{"student", attack_need::references, "the same by Student's t, which knows how few references are"},
    known_attack{"rmia-online", attack_need::references, "probability, against that of all references"},
};

/// What stands in an experiment's list beside the attacks where there are references: what they say of each image.
inline constexpr std::string_view memorisation_analysis = "memorisation";

/// And what stands there for a configuration of a study with the dense network: that network at its accuracy.
inline constexpr std::string_view matched_analysis = "matched";

/// And what stands there where the course of a training is followed: its networks on the way.
inline constexpr std::string_view course_analysis = "course";

/// And what stands there where the target was trained with canaries: what guessing them says of its training.
inline constexpr std::string_view audit_analysis = "audit";

[[nodiscard]] inline std::vector<std::string_view> attack_names() {
  std::vector<std::string_view> names;
  for (auto const& a : known_attacks) names.push_back(a.name);
  return names;
}

/// Whether a name in an experiment's list is that of an attack.
[[nodiscard]] inline bool is_attack(std::string_view name) {
  return std::ranges::find(known_attacks, name, &known_attack::name) != known_attacks.end();
}

/// The attack of a name that is known.
[[nodiscard]] inline known_attack const& attack_of(std::string_view name) {
  return *std::ranges::find(known_attacks, name, &known_attack::name);
}

}  // namespace papillon::study
