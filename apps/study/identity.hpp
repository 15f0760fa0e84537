// SPDX-License-Identifier: MIT
/// \file identity.hpp
/// What makes two pieces of work the same. The identity of a piece of work is a text: schema version, what it is, which
/// network, role and seed, the hashes of the images, of the split and of the work it builds on, and the keys that
/// differ from their default and matter to it. Its hash is the SHA-256 of the text. Device, threads, lanes, paths and
/// the program's version are no part of it: they go into the run's provenance.
#pragma once

#include <cstdint>
#include <string>

#include <study/configuration.hpp>
#include <study/settings.hpp>

namespace papillon::study {

/// Whose data a network is trained on; also the role of its random streams.
enum class role : std::uint32_t { target = 0, shadow = 1 };

[[nodiscard]] std::string to_string(role r);

/// SHA-256 of what every work of a study uses, 64 hexadecimal digits each.
struct data_identity {
  std::string images;  ///< of the images and labels
  std::string split;   ///< of which image is in which set
};

/// A text and its SHA-256.
struct identity {
  std::string text;
  std::string hash;                                                           ///< 64 hexadecimal digits
  [[nodiscard]] std::string short_hash() const { return hash.substr(0, 8); }  ///< as in directory names
};

/// Of a training. `parent` is the hash of the round before, for IMP rounds; empty otherwise.
[[nodiscard]] identity training_identity(settings const& s, configuration const& c, role r, std::uint64_t seed,
    data_identity const& data, std::string const& parent);

/// Of the features measured of a trained network, given the hash of its training.
[[nodiscard]] identity features_identity(settings const& s, std::string const& training);

/// Of the attack on a target by the discriminators of a shadow, given the hashes of the features of both.
[[nodiscard]] identity attack_identity(settings const& s, std::string const& target, std::string const& shadow);

}  // namespace papillon::study
