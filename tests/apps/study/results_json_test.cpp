// SPDX-License-Identifier: MIT
#include <study/results_json.hpp>

#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <papillon/error.hpp>

#include "synthetic_study.hpp"

using namespace papillon;
using study::parse_results;
using study::results_text;

namespace {

std::string message_of(std::string const& text) {
  try {
    (void)parse_results(text);
  } catch (error const& e) {
    CHECK(e.code() == errc::bad_input);
    return e.what();
  }
  return "";
}

std::string replaced(std::string text, std::string const& from, std::string const& to) {
  auto const at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("results survive a round trip to the last bit") {
  auto study = test::synthetic_study();
  study.configurations[1].seeds[0].all.discriminators[3].target.auc = 0.1 + 0.2;
  study.configurations[1].nonzeros = std::numeric_limits<std::int64_t>::max();
  study.scale.seeds.back() = std::numeric_limits<std::uint64_t>::max();
  study.provenance.emplace_back("note", "\"quotes\", <angles> & \n lines, é");
  auto const text = results_text(study);
  auto const back = parse_results(text);
  CHECK(results_text(back) == text);  // every member is written, so equal texts are equal results
  CHECK(back.configurations[1].seeds[0].all.discriminators[3].target.auc == 0.1 + 0.2);
  CHECK(back.configurations[1].nonzeros == std::numeric_limits<std::int64_t>::max());
  CHECK(back.scale.seeds.back() == std::numeric_limits<std::uint64_t>::max());
  CHECK(back.provenance == study.provenance);
  CHECK(back.configurations[5].series == "butterfly");
  CHECK(back.configurations[5].attacks[3].roc == study.configurations[5].attacks[3].roc);
  CHECK(back.configurations[5].keys == study.configurations[5].keys);
  CHECK(back.warnings == study.warnings);
  REQUIRE(back.attack_checks.size() == study.attack_checks.size());
  CHECK(back.attack_checks[2].control == study::attack_control::permuted);
  CHECK(back.attack_checks[2].measure == study::check_measure::auc);
  CHECK(back.attack_checks[2].value == study.attack_checks[2].value);
  CHECK(back.attack_checks[2].outcome == study::check_outcome::passed);
  CHECK(back.configurations[3].summary.all.defence_differs == study.configurations[3].summary.all.defence_differs);
}

TEST_CASE("a study computes the same summary from results that were read back") {
  auto const study = test::synthetic_study();
  auto back = parse_results(results_text(study));
  for (auto& c : back.configurations) c.summary = {};
  study::summarise(back);
  CHECK(results_text(back) == results_text(study));
}

TEST_CASE("missing numbers are null and come back missing") {
  auto study = test::synthetic_study(1);
  study.configurations[0].seeds[0].target.curve.train_loss[2] = study::missing;
  study.configurations[0].seeds[0].target.quality.test_loss = std::numeric_limits<double>::infinity();
  auto const document = study::to_json(study);
  CHECK(document.at("/configurations/0/summary/accuracy/deviation"_json_pointer).is_null());
  CHECK(document.at("/configurations/0/seeds/0/target/curve/train_loss/2"_json_pointer).is_null());
  auto const back = parse_results(results_text(study));
  CHECK(study::is_missing(back.configurations[0].summary.accuracy.deviation));
  CHECK(study::is_missing(back.configurations[0].seeds[0].target.curve.train_loss[2]));
  CHECK(study::is_missing(back.configurations[0].seeds[0].target.quality.test_loss));
}

TEST_CASE("an absent key reads as missing") {
  auto const back =
      parse_results(R"({"format": "papillon study results", "version": 2, "configurations": [{"name": "dense"}]})");
  REQUIRE(back.configurations.size() == 1);
  CHECK(back.configurations[0].name == "dense");
  CHECK(study::is_missing(back.configurations[0].nonzero_percent));
  CHECK(back.configurations[0].seeds.empty());
}

TEST_CASE("text that is no results is refused with the place") {
  auto const text = results_text(test::synthetic_study(1));
  CHECK_THAT(message_of(text.substr(0, text.size() / 2)), Catch::Contains("no valid JSON"));
  CHECK_THAT(message_of(replaced(text, "\"best_epoch\": 17", "\"best_epoch\": 1e999")),
      Catch::Contains("a number is out of range, line "));
  CHECK_THAT(message_of(replaced(text, "\"best_epoch\": 17", "\"best_epoch\": 17, \"best_epoch\": 17")),
      Catch::Contains("the name best_epoch occurs twice"));
  CHECK_THAT(message_of(std::string(100000, '[')), Catch::Contains("nested more than 32 deep"));
  CHECK_THAT(message_of("{}"), Catch::Contains("not the results of a study"));
  CHECK_THAT(message_of("[1, 2]"), Catch::Contains("not the results of a study"));
  CHECK_THAT(message_of(replaced(text, "\"version\": 2", "\"version\": 99")), Catch::Contains("another version"));
  CHECK_THAT(message_of(replaced(text, "\"nonzeros\": 272474", "\"nonzeros\": \"many\"")),
      Catch::Contains("/configurations/0/nonzeros"));
  CHECK_THAT(message_of(replaced(text, "\"best_epoch\": 17", "\"best_epoch\": 1e99")), Catch::Contains("best_epoch"));
  CHECK_THAT(message_of(replaced(text, "\"total_epochs\": 100", "\"total_epochs\": 99999999999")),
      Catch::Contains("out of range"));
  CHECK_THAT(message_of(replaced(text, "\"accuracy_differs\": \"unknown\"", "\"accuracy_differs\": \"perhaps\"")),
      Catch::Contains("unknown word 'perhaps'"));
}

TEST_CASE("a part of the results is a document of its own") {
  auto const study = test::synthetic_study();
  auto const& attack = study.configurations[1].attacks[2];
  study::attack_experiment back;
  study::read_json(study::to_json(attack.experiments[1]), back);
  CHECK(back.role == "shadow");
  CHECK(back.found.size() == attack.experiments[1].found.size());
  CHECK(back.found[1].found == attack.experiments[1].found[1].found);
  CHECK(study::to_json(back) == study::to_json(attack.experiments[1]));
  study::network_quality quality;
  CHECK_THROWS_WITH(study::read_json(nlohmann::ordered_json::array(), quality), Catch::Contains("expected an object"));
}

namespace {

/// Results as version 1 wrote them, of one seed.
constexpr char const* version_1 = R"({
  "format": "papillon study results", "version": 1,
  "scale": {"preset": "demo", "members": "all", "part_images": 600, "trained_images": 500, "epochs": 40, "seeds": [1],
    "trainings": 6, "trainings_done": 6},
  "trade_off": {"slope": -3.59, "strict_slope": -3.5, "points": 2},
  "configurations": [
    {"name": "dense", "family": "dense", "round": 0, "segments": 0, "factors": 0, "nonzeros": 77850, "nonzero_percent": 100,
      "summary": {"accuracy": {"count": 1, "mean": 57.0, "deviation": null}},
      "seeds": [{"seed": 1,
        "target": {"run": "dense-target-s1-0", "epochs": 40, "best_epoch": 39, "train_accuracy": 99.8,
          "validation_accuracy": 55, "test_accuracy": 57.2, "train_loss": 0.03, "test_loss": 1.9, "seconds": 11.5},
        "shadow": {"run": "dense-shadow-s1-0", "epochs": 40, "train_accuracy": 99.6, "test_accuracy": 56.6},
        "strict": {"discriminators": [
            {"name": "30 lr 0.01", "holdout_accuracy": 66.0, "target": {"accuracy": 67.1, "auc": 0.71}},
            {"name": "30 lr 0.001", "holdout_accuracy": 68.5, "target": {"accuracy": 66.2, "auc": 0.7,
              "true_positive_rate": 2.8}}],
          "loss_threshold": {"target": {"accuracy": 70.9, "auc": 0.827, "true_positive_rate": 3.0}, "oracle_accuracy": 71.4},
          "confidence_threshold": {"target": {"accuracy": 68.1, "auc": 0.78}, "oracle_accuracy": 68.9}}}]},
    {"name": "imp-02", "family": "imp", "round": 2, "segments": 0, "factors": 0, "nonzeros": 50000, "nonzero_percent": 64.2,
      "seeds": [{"seed": 1, "target": {"run": "imp-02-target-s1-0", "epochs": 30}}]},
    {"name": "butterfly-s3-l2", "family": "butterfly", "round": 0, "segments": 3, "factors": 2, "nonzeros": 9000,
      "nonzero_percent": 11.7, "seeds": []}]
})";

}  // namespace

TEST_CASE("version 1 is read: series and names for families, quality apart, thresholds among the attacks") {
  auto const study = parse_results(version_1);
  REQUIRE(study.configurations.size() == 3);
  auto const& dense = study.configurations[0];
  CHECK(dense.series == "dense");
  CHECK(dense.total_epochs == 40);
  CHECK(study.configurations[1].series == "imp");
  CHECK(study.configurations[1].total_epochs == 40 + 2 * 30);
  CHECK(study.configurations[2].name == "S3L2");
  CHECK(study.configurations[2].series == "butterfly");
  CHECK(study.configurations[2].total_epochs == 0);
  CHECK(dense.seeds[0].target.quality.test_accuracy == 57.2);
  CHECK(dense.seeds[0].target.quality.train_loss == 0.03);
  CHECK(dense.seeds[0].target.seconds == 11.5);
  CHECK(dense.seeds[0].strict.discriminators.size() == 2);

  std::vector<std::string> names;
  for (auto const& a : dense.attacks) names.push_back(a.name);
  REQUIRE(names == std::vector<std::string>{"gap", "nine", "loss", "confidence"});
  auto const& loss = dense.attacks[2].experiments.at(0);
  CHECK(loss.role == "target");
  CHECK(loss.seed == 1);
  CHECK(loss.members == 500);
  CHECK(loss.accuracy == 70.9);
  CHECK(loss.oracle_accuracy == 71.4);
  CHECK(loss.auc == 0.827);
  CHECK(study::is_missing(loss.holdout_accuracy));
  CHECK(loss.found.at(0).rate == 3.0);
  CHECK(loss.found.at(0).found == -1);
  CHECK(dense.attacks[3].experiments.at(0).accuracy == 68.1);
  CHECK(dense.attacks[0].experiments.at(0).accuracy == Approx(50 + (99.8 - 57.2) / 2));
  CHECK(dense.attacks[1].experiments.at(0).accuracy == 66.2);  // of the best on the shadow's hold-out
}

TEST_CASE("version 1 gets the summary of today") {
  auto const study = parse_results(version_1);
  auto const& dense = study.configurations[0].summary;
  CHECK(dense.accuracy.mean == 57.2);
  CHECK(dense.strongest == "gap");  // 71.5 % on the shadow against 68.5 %
  CHECK(dense.gap_defence.mean == Approx(100 - (99.8 - 57.2)));
  CHECK(study::is_missing(study.trade_off.all.slope));  // no other configuration was attacked
  REQUIRE(study.warnings.size() == 3);                  // lengths, the gap, one seed
  CHECK(results_text(parse_results(results_text(study))) == results_text(study));
}

TEST_CASE("version 1 that is damaged is refused with the place") {
  CHECK_THAT(message_of(replaced(version_1, "\"test_accuracy\": 57.2", "\"test_accuracy\": \"high\"")),
      Catch::Contains("/configurations/0/seeds/0/target/quality/test_accuracy"));
  CHECK_THAT(message_of(replaced(version_1, "\"family\": \"imp\"", "\"family\": 7")),
      Catch::Contains("/configurations/1/series"));
  CHECK_THAT(message_of(replaced(version_1, "\"seeds\": []", "\"seeds\": {}")), Catch::Contains("expected a list"));
}
