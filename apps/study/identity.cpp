// SPDX-License-Identifier: MIT
#include <study/identity.hpp>

#include <string_view>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/io/sha256.hpp>

#include <study/assign.hpp>
#include <study/schema.hpp>
#include <study/value.hpp>

namespace papillon::study {

namespace {

/// Whether a key changes the training of a configuration.
bool matters_to_training(key const& k, configuration const& c) {
  switch (k.part_of) {
    case concern::training: return true;
    case concern::butterfly: return c.family == family::butterfly;
    case concern::pruning: return c.round > 0;
    case concern::own: return k.name.substr(k.name.find('.') + 1) == c.key;
    default: return false;
  }
}

template <class Matters> void append_changed_keys(std::string& text, settings const& s, Matters matters) {
  for (key const& k : schema())
    if (matters(k) && is_changed(s, k)) text += k.name + "=" + to_text(k.get(s)) + "\n";
}

identity hashed(std::string text) {
  auto hash = io::sha256_hex(std::string_view(text));
  return {std::move(text), std::move(hash)};
}

std::string opening(std::string_view work) { return message("papillon ", work, ", schema ", schema_version, "\n"); }

}  // namespace

std::string to_string(role r) { return r == role::target ? "target" : "shadow"; }

identity training_identity(settings const& s, configuration const& c, role r, std::uint64_t seed,
    data_identity const& data, std::string const& parent) {
  auto text = message(opening("training"), "configuration ", c.name, "\nrole ", to_string(r), "\nseed ", seed,
      "\nimages ", data.images, "\nsplit ", data.split, "\n");
  if (!parent.empty()) text += "parent " + parent + "\n";
  append_changed_keys(text, s, [&](key const& k) { return matters_to_training(k, c); });
  return hashed(std::move(text));
}

identity features_identity(settings const& s, std::string const& training) {
  auto text = opening("features") + "training " + training + "\n";
  append_changed_keys(text, s, [](key const& k) { return k.part_of == concern::features; });
  return hashed(std::move(text));
}

identity attack_identity(settings const& s, std::string const& target, std::string const& shadow) {
  auto text = opening("attack") + "target " + target + "\nshadow " + shadow + "\n";
  append_changed_keys(text, s, [](key const& k) { return k.part_of == concern::attack; });
  return hashed(std::move(text));
}

}  // namespace papillon::study
