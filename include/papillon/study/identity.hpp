// SPDX-License-Identifier: MIT
/// \file identity.hpp
/// What makes two pieces of work the same. The identity of a piece of work is a text: schema version, what it is, which
/// network, role and seed, the hashes of the images, of the split and of the work it builds on, and the keys that
/// differ from their default and matter to it. Its hash is the SHA-256 of the text. Device, threads, lanes, paths and
/// the program's version are no part of it: they go into the run's provenance.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <papillon/io/sha256.hpp>
#include <papillon/study/configuration.hpp>
#include <papillon/study/settings.hpp>

namespace papillon::study {

/// Whose data a network is trained on; also the role of its random streams.
enum class role : std::uint32_t { target = 0, shadow = 1 };

[[nodiscard]] inline std::string to_string(role r) { return r == role::target ? "target" : "shadow"; }

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

namespace detail {

/// Whether a key changes the training of a configuration.
[[nodiscard]] inline bool matters_to_training(key const& k, configuration const& c) {
  switch (k.part_of) {
    case concern::training: return true;
    case concern::butterfly: return c.family == family::butterfly;
    case concern::pruning: return c.round > 0;
    case concern::own: return k.name.substr(k.name.find('.') + 1) == c.key;
    default: return false;
  }
}

template <class Matters>
void append_changed_keys(std::string& text, settings const& s, Matters matters) {
  for (key const& k : schema())
    if (matters(k) && s.get(k.name) != k.standard) text += std::string(k.name) + "=" + to_text(s.get(k.name)) + "\n";
}

[[nodiscard]] inline identity hashed(std::string text) {
  auto hash = io::sha256_hex(std::string_view(text));
  return {std::move(text), std::move(hash)};
}

[[nodiscard]] inline std::string opening(std::string_view work) {
  return "papillon " + std::string(work) + ", schema " + std::to_string(schema_version) + "\n";
}

}  // namespace detail

/// Of a training. `parent` is the hash of the round before, for IMP rounds; empty otherwise.
[[nodiscard]] inline identity training_identity(settings const& s, configuration const& c, role r, std::uint64_t seed,
                                                data_identity const& data, std::string const& parent) {
  auto text = detail::opening("training") + "configuration " + c.name + "\nrole " + to_string(r) + "\nseed " +
              std::to_string(seed) + "\nimages " + data.images + "\nsplit " + data.split + "\n";
  if (!parent.empty()) text += "parent " + parent + "\n";
  detail::append_changed_keys(text, s, [&](key const& k) { return detail::matters_to_training(k, c); });
  return detail::hashed(std::move(text));
}

/// Of the features measured of a trained network, given the hash of its training.
[[nodiscard]] inline identity features_identity(settings const& s, std::string const& training) {
  auto text = detail::opening("features") + "training " + training + "\n";
  detail::append_changed_keys(text, s, [](key const& k) { return k.part_of == concern::features; });
  return detail::hashed(std::move(text));
}

/// Of the attack on a target by the discriminators of a shadow, given the hashes of the features of both.
[[nodiscard]] inline identity attack_identity(settings const& s, std::string const& target, std::string const& shadow) {
  auto text = detail::opening("attack") + "target " + target + "\nshadow " + shadow + "\n";
  detail::append_changed_keys(text, s, [](key const& k) { return k.part_of == concern::attack; });
  return detail::hashed(std::move(text));
}

}  // namespace papillon::study
