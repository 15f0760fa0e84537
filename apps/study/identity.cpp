// SPDX-License-Identifier: MIT
#include <study/identity.hpp>

#include <string_view>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/io/sha256.hpp>

#include <study/assign.hpp>
#include <study/attack_names.hpp>
#include <study/schema.hpp>
#include <study/value.hpp>

namespace papillon::study {

namespace {

/// Whether a key changes a training.
bool matters_to_training(key const& k, settings const& s) {
  switch (k.part_of) {
    case concern::training:
    case concern::arithmetic: return true;
    case concern::structured: return s.model.weights != weight_structure::dense;
    case concern::pruning: return s.prune.rounds > 0 || s.train.pull > 0;
    case concern::wished: return k.get(s) != k.standard;
    case concern::wished_pruning: return s.prune.rounds > 0 && k.get(s) != k.standard;
    case concern::grouped: return s.model.norm == norm::group;
    case concern::privacy: return is_private(s);
    case concern::adversary: return s.train.adversary > 0;
    case concern::canaries: return s.audit.canaries > 0;
    default: return false;
  }
}

/// Whether a key changes everything that is asked of a trained network.
bool matters_to_evaluation(key const& k) {
  return k.part_of == concern::evaluation || k.part_of == concern::arithmetic;
}

template <class Matters> void append_keys(std::string& text, settings const& s, Matters matters) {
  for (key const& k : schema())
    if (matters(k)) text += k.name + "=" + to_text(k.get(s)) + "\n";
}

identity hashed(std::string text) {
  auto hash = io::sha256_hex(std::string_view(text));
  return {std::move(text), std::move(hash)};
}

std::string opening(std::string_view work, int arithmetic) {
  return message("papillon ", work, ", schema ", schema_version, ", numerics ", arithmetic, "\n");
}

/// A key of version 0.1: what it was called, its default then, and where its value is now.
struct key_1 {
  std::string_view name, standard, now;
};
constexpr key_1 training_keys_1[] = {{"normalisation.mean", "0.4914,0.4822,0.4465", "normalisation.mean"},
    {"normalisation.deviation", "0.247,0.2435,0.2616", "normalisation.deviation"}, {"model.depth", "20", "model.depth"},
    {"model.width", "16", "model.width"}, {"model.shortcut", "projection", "model.shortcut"},
    {"model.unfolding", "channel", "model.unfolding"}, {"train.epochs", "300", "train.epochs"},
    {"train.batch", "256", "train.batch"}, {"train.milestones", "150,225", "train.milestones"},
    {"train.divisor", "10", "train.divisor"}, {"train.momentum", "0.9", "train.momentum"},
    {"train.augment", "true", "train.augment"}, {"train.evaluate", "best", "train.evaluate"}};

/// The paper's learning rate and weight decay, which were the defaults of keys of their own.
struct recipe_1 {
  std::string_view key, learning_rate, weight_decay;
};
constexpr recipe_1 recipes_1[] = {{"dense", "0.03", "0.005"}, {"imp", "0.03", "0.005"}, {"S1L2", "0.3", "5e-04"},
    {"S1L3", "0.3", "1e-04"}, {"S2L2", "0.3", "5e-04"}, {"S2L3", "0.1", "0.001"}, {"S3L2", "0.3", "5e-04"},
    {"S3L3", "0.1", "0.001"}};

void append_if_changed(
    std::string& text, settings const& s, std::string_view name, std::string_view standard, std::string_view now) {
  if (auto const value = to_text(get(s, now)); value != standard) text += message(name, "=", value, "\n");
}

}  // namespace

std::string to_string(role r) { return r == role::target ? "target" : "shadow"; }

std::string cohort::name() const {
  if (!is_reference()) return to_string(role);
  return message(to_string(role), reference < 10 ? "-reference-0" : "-reference-", reference);
}

identity training_identity(
    settings const& s, cohort const& c, std::uint64_t seed, data_identity const& data, std::string const& parent) {
  auto text = message(opening("training", numerics.training), "cohort ", c.name(), "\nseed ", seed, "\nimages ",
      data.images, "\nsplit ", data.split_for(seed), "\n");
  if (!parent.empty()) text += "parent " + parent + "\n";
  append_keys(text, s, [&](key const& k) { return matters_to_training(k, s); });
  return hashed(std::move(text));
}

identity outputs_identity(settings const& s, std::string const& training) {
  auto text = opening("outputs", numerics.outputs) + "training " + training + "\n";
  append_keys(text, s, [](key const& k) { return matters_to_evaluation(k) || k.part_of == concern::outputs; });
  return hashed(std::move(text));
}

identity features_identity(settings const& s, std::string const& training) {
  auto text = opening("features", numerics.outputs) + "training " + training + "\n";
  append_keys(text, s, [](key const& k) { return matters_to_evaluation(k) || k.part_of == concern::features; });
  return hashed(std::move(text));
}

identity attack_identity(settings const& s, std::string const& target, std::string const& shadow) {
  auto text = opening("attack", numerics.attack) + "target " + target + "\nshadow " + shadow + "\n";
  append_keys(text, s, [](key const& k) { return k.part_of == concern::attack; });
  return hashed(std::move(text));
}

identity discriminator_identity(std::string const& attack, std::string const& reading, std::size_t number) {
  return hashed(message(
      opening("discriminator", numerics.attack), "attack ", attack, "\nreading ", reading, "\nnumber ", number, "\n"));
}

identity listed_attack_identity(
    settings const& s, std::string const& attack, std::uint64_t seed, std::vector<std::string> const& inputs) {
  auto text = opening("attack " + attack, numerics.attack) + message("seed ", seed, "\n");
  for (auto const& input : inputs) text += "of " + input + "\n";
  append_keys(text, s, [&](key const& k) {
    return k.part_of == concern::listed || k.name == "attack.fit_fraction" ||
           (attack == audit_analysis && k.part_of == concern::audit) ||
           (attack == course_analysis && (k.part_of == concern::course || k.name == "attack.list"));
  });
  return hashed(std::move(text));
}

identity training_identity_1(settings const& s, std::string const& name, role r, std::uint64_t seed,
    data_identity const& data, std::string const& parent) {
  auto text = message("papillon training, schema 1\nconfiguration ", name, "\nrole ", to_string(r), "\nseed ", seed,
      "\nimages ", data.images, "\nsplit ", data.split_for(seed), "\n");
  if (!parent.empty()) text += "parent " + parent + "\n";
  bool const butterfly = s.model.weights == weight_structure::butterfly;
  for (auto const& k : training_keys_1)
    if (butterfly || k.name != "model.unfolding") append_if_changed(text, s, k.name, k.standard, k.now);
  auto const own = butterfly ? message("S", s.model.segments, "L", s.model.factors)
                             : std::string(s.prune.rounds > 0 ? "imp" : "dense");
  for (auto const& recipe : recipes_1) {
    if (recipe.key != own) continue;
    append_if_changed(text, s, "learning_rate." + own, recipe.learning_rate, "train.learning_rate");
    append_if_changed(text, s, "weight_decay." + own, recipe.weight_decay, "train.weight_decay");
  }
  if (s.prune.rounds > 0) {
    append_if_changed(text, s, "imp.fraction", "0.2", "prune.fraction");
    append_if_changed(text, s, "imp.fc_fraction", "none", "prune.fc_fraction");
  }
  return hashed(std::move(text));
}

}  // namespace papillon::study
