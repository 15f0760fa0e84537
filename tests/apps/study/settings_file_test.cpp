// SPDX-License-Identifier: MIT
#include <study/settings_file.hpp>

#include <unistd.h>

#include <catch2/catch.hpp>

#include <papillon/error.hpp>

#include <study/assign.hpp>
#include <study/configuration.hpp>
#include <study/presets.hpp>

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;

namespace {

errc code_of(std::string const& text, std::string& message) {
  settings s;
  try {
    read_settings(text, "study.json", s);
  } catch (error const& e) {
    message = e.what();
    CHECK(s == settings{});
    return e.code();
  }
  FAIL("no error for " << text);
  return {};
}

}  // namespace

TEST_CASE("what is printed reads back as the same settings") {
  for (preset const& p : presets()) {
    auto s = preset_settings(p.name);
    set(s, "prune.fc_fraction", "0.1");
    set(s, "attack.learning_rates", "");
    settings again = preset_settings("smoke");
    read_settings(print_settings(s), "printed", again);
    CHECK(again == s);
    set(again, "prune.fc_fraction", "none");
    auto const text = print_settings(again);
    read_settings(text, "printed", s);
    CHECK(s == again);
  }
}

TEST_CASE("dotted names, nested objects and comments are read; absent keys stay") {
  settings s;
  set(s, "train.batch", "64");
  read_settings(R"({
    // fewer epochs
    "train.epochs": 60, /* and */
    "prune": {"rounds": 4, "fraction": 0.3},
    "train": {"learning_rate": 1},
    "configurations": {"mine": {"like": "S3L2", "model.width": 8, "train": {"milestones": [1, 2]}}}
  })",
      "study.json", s);
  CHECK(s.train.epochs == 60);
  CHECK(s.prune.rounds == 4);
  CHECK(s.prune.fraction == 0.3);
  CHECK(s.train.learning_rate == 1.0);
  REQUIRE(s.configurations.size() == 1);
  CHECK(s.configurations[0].like == "S3L2");
  CHECK(resolve(s, "mine").settings.train.milestones == std::vector<int>{1, 2});
  CHECK(s.train.batch == 64);
}

TEST_CASE("a file of version 0.1 is read as the same study") {
  settings s;
  read_settings(R"({"study.butterflies": ["S3L2"], "imp.rounds": 2, "imp.fraction": 0.3, "imp.fc_fraction": null,
    "learning_rate.dense": 0.1, "learning_rate.imp": 0.1, "learning_rate.S3L2": 0.2, "learning_rate.S1L2": 0.3,
    "weight_decay.S3L2": 0.0005, "train.epochs": 40})",
      "settings.json", s);
  CHECK(s.study.configurations == std::vector<std::string>{"dense", "imp-01..02", "S3L2"});
  CHECK(s.prune.fraction == 0.3);
  CHECK(s.train.learning_rate == 0.1);
  CHECK(s.train.epochs == 40);
  REQUIRE(s.configurations.size() == 1);  // what is as it is built in needs no description
  CHECK(resolve(s, "S3L2").settings.train.learning_rate == 0.2);
  read_settings(R"({"imp.rounds": 1, "study.butterflies": []})", "settings.json", s);
  CHECK(s.study.configurations == std::vector<std::string>{"dense", "imp-01"});
  read_settings(R"({"imp.fraction": 0.4})", "settings.json", s);
  CHECK(s.study.configurations == std::vector<std::string>{"dense", "imp-01"});
  std::string message;
  CHECK(code_of(R"({"learning_rate.dense": 0.1, "learning_rate.imp": 0.2})", message) == errc::usage);
  CHECK_THAT(message, Contains("learning_rate.imp"));
}

TEST_CASE("a wrong configuration is refused as a whole, with the file's name") {
  std::string message;
  CHECK(code_of(R"({"train.epochs": 60, "train.batsh": 3})", message) == errc::usage);
  CHECK_THAT(message, Contains("study.json") && Contains("train.batch"));
  CHECK(code_of(R"({"train": {"epochs": 60.5}})", message) == errc::usage);
  CHECK_THAT(message, Contains("0 to 100000"));
  CHECK(code_of(R"({"train.epochs": null})", message) == errc::usage);
  CHECK(code_of(R"({"study.seeds": [1, "a"]})", message) == errc::usage);
  CHECK(code_of("{\n\"train.epochs\": 60,\n}", message) == errc::bad_input);
  CHECK_THAT(message, Contains("line 3"));
  CHECK(code_of("{\n\"train.epochs\": 1e999}", message) == errc::bad_input);
  CHECK_THAT(message, Contains("study.json") && Contains("a number is out of range, line 2"));
  CHECK(code_of(R"({"train.epochs": 1, "train.epochs": 2})", message) == errc::bad_input);
  CHECK_THAT(message, Contains("the name train.epochs occurs twice"));
  CHECK(code_of(R"({"study.seeds": [18446744073709551615]})", message) == errc::usage);
  CHECK_THAT(message, Contains("no value for study.seeds"));
  CHECK(code_of(R"({"study.seeds": 18446744073709551615})", message) == errc::usage);
  CHECK(code_of(R"({"imp.rounds": "many"})", message) == errc::bad_input);
  CHECK_THAT(message, Contains("study.json cannot be used"));
  std::string deep;
  for (int i = 0; i < 20000; ++i) deep += "{\"a\":";
  CHECK(code_of(deep, message) == errc::bad_input);
  CHECK_THAT(message, Contains("nested more than 32 deep"));
  CHECK(code_of(std::string(100000, '['), message) == errc::bad_input);
  CHECK(code_of("[1]", message) == errc::bad_input);
  CHECK(code_of("", message) == errc::bad_input);
}

TEST_CASE("a file that cannot be read is bad input") {
  settings s;
  auto const missing =
      std::filesystem::temp_directory_path() / ("papillon-missing-" + std::to_string(::getpid()) + ".json");
  try {
    read_settings_file(missing, s);
    FAIL("no error");
  } catch (error const& e) {
    CHECK(e.code() == errc::bad_input);
    CHECK_THAT(e.what(), Contains(missing.string()));
  }
}
