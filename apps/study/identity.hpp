// SPDX-License-Identifier: MIT
/// \file identity.hpp
/// What makes two pieces of work the same. The identity of a piece of work is a text: the versions of the schema and of
/// the arithmetic, whose images it is about and seed, the hashes of the images, of the split and of the work it builds
/// on, and every key that matters to it, defaults spelt out. The name of a configuration is no part of it: two names
/// for one thing share their networks. Its hash is the SHA-256 of the text. Device, threads, lanes, paths and the
/// program's version are no part of it either: they go into the run's provenance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <study/settings.hpp>

namespace papillon::study {

/// Whose images a network is about; also the role of its random streams.
enum class role : std::uint32_t { target = 0, shadow = 1 };

[[nodiscard]] std::string to_string(role r);

/// What a network is for: a target or a shadow, trained on its role's training set, or one of the references of a
/// target, trained on half of all images of its role.
struct cohort {
  study::role role = role::target;
  int reference = -1;  ///< number of the reference network; -1: it is none

  [[nodiscard]] bool is_reference() const noexcept { return reference >= 0; }
  /// "target", "shadow", "target-reference-03".
  [[nodiscard]] std::string name() const;
  /// The seed of its random streams: references have ranges of their own beyond the 2^32 seeds of a study.
  [[nodiscard]] std::uint64_t stream_seed(std::uint64_t seed) const noexcept {
    return seed + (static_cast<std::uint64_t>(reference + 1) << 32);
  }
  friend bool operator==(cohort const&, cohort const&) = default;
};

/// SHA-256 of what every work of a study uses, 64 hexadecimal digits each.
struct data_identity {
  std::string images;                                    ///< of the images and labels
  std::string split;                                     ///< of which image is in which set
  std::map<std::uint64_t, std::string> split_of_seed{};  ///< where seeds have splits of their own

  [[nodiscard]] std::string const& split_for(std::uint64_t seed) const {
    auto const own = split_of_seed.find(seed);
    return own == split_of_seed.end() ? split : own->second;
  }
};

/// A text and its SHA-256.
struct identity {
  std::string text;
  std::string hash;                                                           ///< 64 hexadecimal digits
  [[nodiscard]] std::string short_hash() const { return hash.substr(0, 8); }  ///< as in directory names
};

/// Raised when the same settings give other bits: of trainings, of outputs and features, of attacks.
struct numerics_version {
  int training = 1, outputs = 1, attack = 1;
};
inline constexpr numerics_version numerics;

/// Of a training. `parent` is the hash of the training that it goes on from; empty: none.
[[nodiscard]] identity training_identity(
    settings const& s, cohort const& c, std::uint64_t seed, data_identity const& data, std::string const& parent);

/// Of what a trained network answers to all images, given the hash of its training.
[[nodiscard]] identity outputs_identity(settings const& s, std::string const& training);

/// Of the features measured of a trained network, given the hash of its training.
[[nodiscard]] identity features_identity(settings const& s, std::string const& training);

/// Of the attack on a target by the discriminators of a shadow, given the hashes of the features of both.
[[nodiscard]] identity attack_identity(settings const& s, std::string const& target, std::string const& shadow);

/// Of one discriminator of an attack, given the hash of the attack and the reading of "member".
[[nodiscard]] identity discriminator_identity(
    std::string const& attack, std::string const& reading, std::size_t number);

/// Of an attack of the list, given the hashes of all that it looks at, in order.
[[nodiscard]] identity listed_attack_identity(
    settings const& s, std::string const& attack, std::uint64_t seed, std::vector<std::string> const& inputs);

/// The identity that a training had in version 0.1 of the program, where there was one: to recognise its directory.
/// `name` is that of its configuration then ("butterfly-s1-l2").
[[nodiscard]] identity training_identity_1(settings const& s, std::string const& name, role r, std::uint64_t seed,
    data_identity const& data, std::string const& parent);

}  // namespace papillon::study
