// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <papillon/train/schedule.hpp>

using papillon::train::step_schedule;

TEST_CASE("the rate is divided from the named epoch on", "[schedule]") {
  step_schedule const schedule{.learning_rate = 0.3, .divide_after = {150, 225}};
  CHECK(schedule.at(0) == 0.3);
  CHECK(schedule.at(149) == 0.3);
  CHECK(schedule.at(150) == 0.3 / 10);
  CHECK(schedule.at(224) == 0.3 / 10);
  CHECK(schedule.at(225) == 0.3 / 10 / 10);
  CHECK(schedule.at(299) == 0.3 / 10 / 10);
}

TEST_CASE("a schedule without milestones is constant", "[schedule]") {
  step_schedule const schedule{.learning_rate = 0.1, .divide_after = {}};
  CHECK(schedule.at(0) == 0.1);
  CHECK(schedule.at(100000) == 0.1);
}

TEST_CASE("milestones may come in any order, equal ones count each", "[schedule]") {
  step_schedule const schedule{.learning_rate = 8, .divide_after = {5, 3, 5}, .factor = 2};
  CHECK(schedule.at(2) == 8);
  CHECK(schedule.at(3) == 4);
  CHECK(schedule.at(5) == 1);
}
