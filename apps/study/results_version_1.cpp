// SPDX-License-Identifier: MIT
#include <study/results_version_1.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>

#include <study/summary.hpp>

namespace papillon::study {

namespace {

using json = nlohmann::ordered_json;

/// A member of an object; null where there is none.
json member(json const& object, char const* key) {
  auto const found = object.find(key);
  return object.is_object() && found != object.end() ? *found : json();
}

/// 0 where it is none, or none that counts anything here.
int whole(json const& j) {
  constexpr int most = 1'000'000;
  return j.is_number_integer() && j >= -most && j <= most ? j.get<int>() : 0;
}

void move_quality(json& network) {
  if (!network.is_object()) return;
  json quality = json::object();
  for (char const* key : {"train_accuracy", "validation_accuracy", "test_accuracy", "train_loss", "test_loss"})
    if (auto const at = network.find(key); at != network.end()) {
      quality[key] = *at;
      network.erase(at);
    }
  network["quality"] = std::move(quality);
}

/// A threshold of the strict reading, a list of one experiment a seed.
json threshold_attack(json const& seeds, char const* name, char const* key, json const& images) {
  json experiments = json::array();
  for (json const& seed : seeds) {
    json const attack = member(member(seed, "strict"), key), target = member(attack, "target");
    if (!target.is_object()) continue;
    experiments.push_back({{"seed", member(seed, "seed")}, {"role", "target"}, {"members", images}, {"others", images},
        {"accuracy", member(target, "accuracy")}, {"oracle_accuracy", member(attack, "oracle_accuracy")},
        {"auc", member(target, "auc")},
        {"found", json::array({{{"allowed", 0.01}, {"rate", member(target, "true_positive_rate")}}})}});
  }
  return {{"name", name}, {"experiments", std::move(experiments)}};
}

/// Epochs of the first target that was trained.
int epochs_of(json const& configuration) {
  for (json const& seed : member(configuration, "seeds"))
    if (int const epochs = whole(member(member(seed, "target"), "epochs")); epochs > 0) return epochs;
  return 0;
}

void rename_configuration(json& c, json const& images, int dense_epochs) {
  auto const family = member(c, "family");
  int const epochs = epochs_of(c);
  c["series"] = family;
  c["total_epochs"] = family == "imp" ? dense_epochs + std::int64_t{whole(member(c, "round"))} * epochs : epochs;
  if (family == "butterfly") c["name"] = message("S", whole(member(c, "segments")), "L", whole(member(c, "factors")));
  for (char const* key : {"family", "round", "segments", "factors", "summary"}) c.erase(key);
  auto const seeds = c.find("seeds");
  if (seeds == c.end() || !seeds->is_array()) return;
  auto const first = [&](json const& attack) { return !attack.at("experiments").empty(); };
  json attacks = json::array();
  for (auto const& attack : {threshold_attack(*seeds, "loss", "loss_threshold", images),
           threshold_attack(*seeds, "confidence", "confidence_threshold", images)})
    if (first(attack)) attacks.push_back(attack);
  c["attacks"] = std::move(attacks);
  for (json& seed : *seeds)
    for (char const* role : {"target", "shadow"})
      if (seed.is_object() && seed.contains(role)) move_quality(seed[role]);
}

/// Of guessing "member" where the network is right, on as many members as others.
double gap_accuracy(network_quality const& q) { return 50.0 + (q.train_accuracy - q.test_accuracy) / 2; }

}  // namespace

void rename_version_1(json& document) {
  document.erase("trade_off");
  auto const configurations = document.find("configurations");
  if (configurations == document.end() || !configurations->is_array()) return;
  auto const images = member(member(document, "scale"), "trained_images");
  int dense_epochs = 0;
  for (json const& c : *configurations)
    if (member(c, "family") == "dense") dense_epochs = epochs_of(c);
  for (json& c : *configurations)
    if (c.is_object()) rename_configuration(c, images.is_null() ? json(0) : images, dense_epochs);
}

void list_attacks_of_version_1(results& study) {
  for (auto& c : study.configurations) {
    listed_attack gap{.name = "gap", .experiments = {}, .roc = {}, .summary = {}}, nine = gap;
    nine.name = "nine";
    int const reported = select_discriminator(c.seeds, &seed_result::strict);
    for (auto const& s : c.seeds) {
      attack_experiment e;
      e.seed = s.seed;
      e.role = "target";
      e.members = study.scale.trained_images;
      e.others = study.scale.part_images;
      e.accuracy = gap_accuracy(s.target.quality);
      e.holdout_accuracy = gap_accuracy(s.shadow.quality);
      if (!is_missing(e.accuracy)) gap.experiments.push_back(e);
      auto const& all = s.strict.discriminators;
      if (reported < 0 || static_cast<std::size_t>(reported) >= all.size()) continue;
      auto const& d = all[static_cast<std::size_t>(reported)];
      e.others = e.members;
      e.accuracy = d.target.accuracy;
      e.holdout_accuracy = d.holdout_accuracy;
      e.auc = d.target.auc;
      e.found = {{.allowed = 0.01, .rate = d.target.true_positive_rate}};
      nine.experiments.push_back(e);
    }
    if (!nine.experiments.empty()) c.attacks.insert(c.attacks.begin(), nine);
    if (!gap.experiments.empty()) c.attacks.insert(c.attacks.begin(), gap);
  }
}

}  // namespace papillon::study
