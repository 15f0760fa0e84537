// SPDX-License-Identifier: MIT
#include <study/warnings.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <utility>

#include <study/summary.hpp>

#include "synthetic_study.hpp"

using papillon::study::results;
using papillon::study::warnings_of;
using papillon::test::synthetic_study;

namespace {

/// The warning that begins so; empty: none.
std::string warning(results const& study, std::string const& begin) {
  for (auto const& w : warnings_of(study))
    if (w.starts_with(begin)) return w;
  return "";
}

}  // namespace

TEST_CASE("other training lengths are a warning that names the controls there are and the lack of others") {
  auto study = synthetic_study();
  auto const text = warning(study, "Training lengths");
  CHECK_THAT(text, Catch::Contains("20 for dense, 100, 180, 340 and 500 for imp-04, imp-08, imp-16 and imp-24"));
  CHECK_THAT(text, Catch::Contains("restart-08 for imp-08"));
  CHECK_THAT(text, Catch::Contains("for imp-04, imp-16 and imp-24 (a network of the same length"));
  auto& restart = study.configurations[8];
  REQUIRE(restart.name == "restart-08");
  std::swap(restart.nonzeros, study.configurations[9].nonzeros);  // a sparse control separates other things
  CHECK_THAT(warning(study, "Training lengths"), !Catch::Contains("restart-08"));
  std::swap(restart.nonzeros, study.configurations[9].nonzeros);
  restart.total_epochs = 20;  // no longer of its configuration's length
  CHECK_THAT(warning(study, "Training lengths"), !Catch::Contains("restart-08"));
  for (auto& c : study.configurations) c.total_epochs = 20;
  CHECK(warning(study, "Training lengths").empty());
  study.configurations[3].total_epochs = 0;  // unknown
  CHECK(warning(study, "Training lengths").empty());
}

TEST_CASE("other weight decays are a warning") {
  auto study = synthetic_study();
  CHECK_THAT(
      warning(study, "Weight decays"), Catch::Contains("0.005 for dense, 0.0005 and 0.001 for S1L2, S2L2 and S3L3"));
  for (auto& c : study.configurations) c.weight_decay = 0.005;
  CHECK(warning(study, "Weight decays").empty());
}

TEST_CASE("of many configurations the first are named and the rest counted") {
  auto study = synthetic_study();
  for (int i = 0; i < 20; ++i) {
    auto more = study.configurations[1];
    more.name = "more-" + std::to_string(i);
    study.configurations.push_back(more);
  }
  CHECK_THAT(warning(study, "Training lengths"),
      Catch::Contains("for imp-04, imp-08, imp-16, imp-24, more-0, more-1 and 18 more."));
}

TEST_CASE("an attack that the gap beats is a warning that says where") {
  auto study = synthetic_study();
  CHECK_THAT(warning(study, "Guessing"), Catch::Contains("the paper's attack on dense:"));
  for (auto& c : study.configurations) c.summary.gap_defence.mean = 101;
  CHECK(warning(study, "Guessing").empty());
}

TEST_CASE("networks that were attacked in other ways are a warning") {
  auto study = synthetic_study();
  CHECK(warning(study, "The dense network and").empty());
  study.configurations[1].attacks.pop_back();
  study.configurations[2].attacks.clear();  // not attacked yet
  CHECK_THAT(warning(study, "The dense network and"),
      Catch::Contains("and imp-04 did not go through the same attacks (lira-online)"));
}

TEST_CASE("a check of the attacks that fails is a warning, first of all") {
  auto study = synthetic_study();
  CHECK(warning(study, "Members can be told").empty());
  CHECK(warning(study, "Attacks did not find").empty());
  for (auto& c : study.attack_checks)
    if (c.attack != "loss") c.outcome = papillon::study::check_outcome::failed;
  CHECK_THAT(warning(study, "Members can be told"), Catch::Contains("by class frequencies and mean pixel: the split"));
  CHECK_THAT(warning(study, "Attacks did not find"),
      Catch::Contains("nine with membership permuted, nine on an untrained network and lira-online on labels learned"));
  CHECK_THAT(warnings_of(study).front(), Catch::Contains("the split leaks"));
}

TEST_CASE("few seeds are a warning that says what they cannot") {
  CHECK(warning(synthetic_study(0), "One seed").empty());
  CHECK_THAT(warning(synthetic_study(1), "One seed"), Catch::Contains("over images alone"));
  CHECK_THAT(warning(synthetic_study(3), "3 seeds are few"), Catch::Contains("below 0.25"));
  CHECK_THAT(warning(synthetic_study(5), "5 seeds are few"), Catch::Contains("below 0.0625"));
  for (auto const& w : warnings_of(synthetic_study(6))) CHECK(w.find("seed") == std::string::npos);
}

TEST_CASE("what is missing since it failed stands on top, of many failures the first five") {
  auto study = synthetic_study();
  CHECK(warning(study, "Results are missing").empty());
  for (int k = 1; k <= 5; ++k) study.failures.push_back("train dense target s" + std::to_string(k) + " failed: why");
  CHECK(warnings_of(study).front().starts_with("Results are missing"));
  CHECK_THAT(
      warning(study, "Results are missing"), Catch::Contains("target s5 failed: why.") && !Catch::Contains("more"));
  study.failures.emplace_back("train S1L2 target s1 failed: why");
  CHECK_THAT(warning(study, "Results are missing"),
      Catch::Contains("target s5 failed: why; and 1 more.") && !Catch::Contains("S1L2 target"));
}
