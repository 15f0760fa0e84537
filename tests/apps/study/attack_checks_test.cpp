// SPDX-License-Identifier: MIT
#include <study/attack_checks.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <study/presets.hpp>

using namespace papillon;
using namespace papillon::study;

namespace {

/// An attack of one accuracy on the networks of both roles.
listed_attack attack_of(std::string name, double accuracy, int images) {
  listed_attack a;
  a.name = std::move(name);
  for (char const* role : {"target", "shadow"}) {
    attack_experiment e;
    e.role = role;
    e.members = e.others = images / 2;
    e.accuracy = accuracy;
    a.experiments.push_back(e);
  }
  return a;
}

configuration_result configuration_of(std::vector<listed_attack> attacks, double train_accuracy) {
  configuration_result c;
  c.attacks = std::move(attacks);
  c.seeds.resize(1);
  c.seeds[0].target.quality.train_accuracy = train_accuracy;
  return c;
}

std::vector<check_outcome> outcomes(std::vector<attack_check> const& checks) {
  std::vector<check_outcome> all;
  for (auto const& c : checks) all.push_back(c.outcome);
  return all;
}

}  // namespace

TEST_CASE("scores that know their members know nothing of permuted ones") {
  judged_images judged{data::index_list(600), std::vector<std::uint8_t>(600), std::vector<double>(600)};
  for (std::size_t i = 0; i < 600; ++i) {
    judged.members[i] = i < 300 ? 1 : 0;
    judged.scores[i] = i < 300 ? 1000.0 - static_cast<double>(i) : static_cast<double>(i) - 600.0;
  }
  auto const c = check_permuted("loss", judged);
  CHECK(c.control == attack_control::permuted);
  CHECK(c.attack == "loss");
  CHECK(c.measure == check_measure::auc);
  CHECK(c.expected == 0.5);
  CHECK(c.outcome == check_outcome::passed);
  CHECK(c.value != 0.5);
  // The error of an area of about 1/2 without ties is sqrt((n1 + n0 + 1) / (12 n1 n0)).
  double const error = std::sqrt(601.0 / (12 * 300.0 * 300.0));
  CHECK((c.high - c.low) / 2 == Approx(3 * error).epsilon(0.03));
  CHECK(check_permuted("loss", judged).value == c.value);
}

TEST_CASE("a split at random passes the blind checks, one that leaks by class or by brightness fails its own") {
  auto data = load_study_data(preset_settings("smoke"), "");
  auto& set = data.collection.images;
  auto const found = check_blind(set, data.split);
  REQUIRE(found.size() == 2);
  CHECK(found[0].attack == "class frequencies");
  CHECK(found[1].attack == "mean pixel");
  for (auto const& c : found) {
    CHECK(c.control == attack_control::blind);
    CHECK(c.expected == 50);
    CHECK(c.outcome == check_outcome::passed);
  }
  auto const honest = set;
  for (auto const& role : data.split.roles)
    for (auto const i : role.trained) set.labels[i] = static_cast<std::uint8_t>(set.labels[i] / 5);
  CHECK(outcomes(check_blind(set, data.split)) == std::vector{check_outcome::failed, found[1].outcome});
  set = honest;
  for (auto const& role : data.split.roles)
    for (auto const i : role.trained)
      for (std::size_t k = 0; k < set.image_bytes(); ++k)
        set.pixels[i * set.image_bytes() + k] = static_cast<std::uint8_t>(set.pixels[i * set.image_bytes() + k] / 2);
  CHECK(outcomes(check_blind(set, data.split)) == std::vector{found[0].outcome, check_outcome::failed});
}

TEST_CASE("on an untrained network an attack has to guess, within three standard deviations of one experiment") {
  // Of 400 images guessing has a deviation of 2.5 points.
  auto const checks = check_untrained(
      configuration_of({attack_of("gap", 57.4, 400), attack_of("loss", 42.6, 400), attack_of("nine", 58, 400)}, 10));
  CHECK(outcomes(checks) == std::vector{check_outcome::passed, check_outcome::passed, check_outcome::failed});
  CHECK(checks[0].value == Approx(57.4));
  CHECK(checks[0].low == Approx(57.4 - 300 * std::sqrt(0.574 * 0.426 / 400)));
  CHECK(checks[0].expected == 50);
}

TEST_CASE("labels learned by heart have to be found by the attacks that can; of others nothing is known") {
  std::vector const attacks{attack_of("gap", 94, 400), attack_of("loss", 96, 400), attack_of("lira-online", 95, 400)};
  auto const checks = check_random_labels(configuration_of(attacks, 100));
  REQUIRE(checks.size() == 2);
  CHECK(checks[0].attack == "loss");
  CHECK(outcomes(checks) == std::vector{check_outcome::passed, check_outcome::failed});
  CHECK(check_random_labels(configuration_of(attacks, 90)).empty());
  CHECK(check_random_labels(configuration_of(attacks, missing)).empty());
}
