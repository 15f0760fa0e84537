// SPDX-License-Identifier: MIT
#include <study/results_json.hpp>

#include <limits>
#include <string>

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
  CHECK(back.configurations[5].family == study::family::butterfly);
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
  study.configurations[0].seeds[0].target.test_loss = std::numeric_limits<double>::infinity();
  auto const document = study::to_json(study);
  CHECK(document.at("/configurations/0/summary/accuracy/deviation"_json_pointer).is_null());
  CHECK(document.at("/configurations/0/seeds/0/target/curve/train_loss/2"_json_pointer).is_null());
  auto const back = parse_results(results_text(study));
  CHECK(study::is_missing(back.configurations[0].summary.accuracy.deviation));
  CHECK(study::is_missing(back.configurations[0].seeds[0].target.curve.train_loss[2]));
  CHECK(study::is_missing(back.configurations[0].seeds[0].target.test_loss));
}

TEST_CASE("an absent key reads as missing") {
  auto const back =
      parse_results(R"({"format": "papillon study results", "version": 1, "configurations": [{"name": "dense"}]})");
  REQUIRE(back.configurations.size() == 1);
  CHECK(back.configurations[0].name == "dense");
  CHECK(study::is_missing(back.configurations[0].nonzero_percent));
  CHECK(back.configurations[0].seeds.empty());
}

TEST_CASE("text that is no results is refused with the place") {
  auto const text = results_text(test::synthetic_study(1));
  CHECK_THAT(message_of(text.substr(0, text.size() / 2)), Catch::Contains("no valid JSON"));
  CHECK_THAT(message_of("{}"), Catch::Contains("not the results of a study"));
  CHECK_THAT(message_of("[1, 2]"), Catch::Contains("not the results of a study"));
  CHECK_THAT(message_of(replaced(text, "\"version\": 1", "\"version\": 99")), Catch::Contains("another version"));
  CHECK_THAT(message_of(replaced(text, "\"nonzeros\": 272474", "\"nonzeros\": \"many\"")),
      Catch::Contains("/configurations/0/nonzeros"));
  CHECK_THAT(message_of(replaced(text, "\"best_epoch\": 17", "\"best_epoch\": 1e99")), Catch::Contains("best_epoch"));
  CHECK_THAT(message_of(replaced(text, "\"round\": 4", "\"round\": 99999999999")), Catch::Contains("out of range"));
  CHECK_THAT(message_of(replaced(text, "\"family\": \"imp\"", "\"family\": \"impish\"")),
      Catch::Contains("unknown word 'impish'"));
}
