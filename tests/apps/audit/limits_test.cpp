// SPDX-License-Identifier: MIT
#include <audit/limits.hpp>

#include <catch2/catch.hpp>

#include <papillon/privacy/audit.hpp>

#include "support/error_text.hpp"

using namespace papillon;

namespace {

/// 200 members and as many others; 20 members and 2 others stand out. Area 1/2 (1 + 0.1 - 0.01) = 0.545.
privacy::audit_result found() {
  std::vector<double> scores(400);
  std::vector<std::uint8_t> members(400);
  for (std::size_t i = 0; i < 200; ++i) members[i] = 1;
  for (std::size_t i = 0; i < 20; ++i) scores[i] = 1;
  scores[200] = scores[201] = 1;
  return privacy::audit({.scores = scores, .members = members});
}

std::vector<std::string> exceeded(std::string_view limit) {
  return audit::exceeded(found(), {audit::parse_limit(limit)});
}

}  // namespace

TEST_CASE("a limit is exceeded where the interval's lower end lies above it") {
  auto const area = found().attacks[0].auc;
  REQUIRE(area.value == Approx(0.545));
  auto const low = area.limits().low;
  CHECK(exceeded("auc=" + std::to_string(low - 1e-4)).size() == 1);
  CHECK(exceeded("auc=" + std::to_string(low + 1e-4)).empty());
  CHECK_THAT(
      exceeded("auc=.5")[0], Catch::StartsWith("scores: AUC 0.5450, at least 0.5") && Catch::EndsWith("above 0.5"));

  // 20 of 200 found with 2 of 200 false alarms; the lower end of their interval is 0.062159 (scipy)
  CHECK(exceeded("tpr@.01=0.0621").size() == 1);
  CHECK(exceeded("tpr@.01=0.0622").empty());
  CHECK(exceeded("tpr@0=0").empty());  // with no false alarm none is found
  CHECK(exceeded("accuracy=.4").size() == 1);
  CHECK(exceeded("accuracy=.55").empty());
}

TEST_CASE("a rate that the others are too few to tell is no limit") {
  CHECK_THAT(test::error_text(
                 errc::usage, [] { (void)exceeded("tpr@.001=.5"); }),
      Catch::Contains("200 others have no 0.001 of an image"));
}

TEST_CASE("limits that mean nothing are refused") {
  for (char const* text :
      {"auc", "auc=", "auc=1.5", "auc=-1", "auc=.5x", "acc=.5", "tpr=.5", "tpr@=.5", "tpr@2=.5", "=.5"}) {
    INFO(text);
    CHECK_THAT(test::error_text(errc::usage, [&] { (void)audit::parse_limit(text); }),
        Catch::StartsWith("no limit '" + std::string(text) + "'"));
  }
}
