// SPDX-License-Identifier: MIT
#include <study/resources.hpp>

#include <limits>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>

#include <study/assign.hpp>
#include <study/presets.hpp>

#include "support/error_text.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;

namespace {

resources needs_with(std::string const& change) {
  auto s = preset_settings("paper");
  for (auto const* small : {"study.configurations=dense", "study.seeds=1"}) set(s, small);
  set(s, change);
  return needs_of(
      s, make_plan(s, {}),
      [](configuration const&) {
        return network_size{272474, 272474, 4.1e7};
      },
      [](task const&) { return false; });
}

}  // namespace

TEST_CASE("needs are the sizes of what is held and written") {
  auto const base = needs_with("train.epochs=300");
  double const images = 60000.0 * 3072, activations = 256.0 * 16 * 1024 * (1 + 6 * 1.75);
  CHECK(base.memory == Approx(images + 4 * (4 * 272474 + activations)));
  CHECK(needs_with("train.storage=half").memory == Approx(images + 4 * 4 * 272474 + 2 * activations));
  auto const privately = needs_with("dp.noise=1").memory;  // gradients of 128 images
  CHECK(privately == Approx(images + 4 * (3 * 272474 + 128 * 272474.0 + activations / 2)));
  double const listed = 10 * 8.0 * 4 * 28000;  // ten attacks of the list need no references
  CHECK(base.disk ==
        Approx(2 * 4 * 5 * 272474.0 + 2 * 4 * 2 * 60000 * 10.0 + 2 * 4 * 30000 * 31.0 + 4 * 28000 * 9.0 + listed));
  CHECK(needs_with("train.batch=65536").memory > 40e9);
  CHECK(needs_with("model.hidden=300-100").memory == Approx(images + 4 * (4 * 272474 + 256.0 * 400)));
  CHECK(
      needs_with("attack.hidden=10000-10000-10000-10000-10000-10000-10000-10000").memory == Approx(14e9).epsilon(0.02));
}

TEST_CASE("what is done needs nothing more") {
  auto const s = preset_settings("smoke");
  auto const needs = needs_of(
      s, make_plan(s, {}),
      [](configuration const&) {
        return network_size{1000, 1000, 1};
      },
      [](task const&) { return true; });
  CHECK(needs.memory == 0);
  CHECK(needs.disk == 0);
}

TEST_CASE("what cannot fit is refused with both numbers") {
  auto const there = resources_at("nowhere/yet");
  CHECK(there.memory > 1e8);
  CHECK(there.disk < std::numeric_limits<double>::infinity());
  CHECK_NOTHROW(require_fit({1e9, 1e9}, {1e9, 1e9}, "out"));
  CHECK_THAT(test::error_text(
                 errc::failed,
                 [] {
                   require_fit({14.2e9, 0}, {8e9, 1e9}, "out");
                 }),
      Contains("14.2 GB") && Contains("8.0 GB") && Contains("attack.hidden"));
  CHECK_THAT(test::error_text(errc::failed,
                 [] {
                   require_fit({0, 2e9}, {8e9, 1e8}, "out");
                 }),
      Contains("out (it needs at least 2.0 GB, 100 MB are free)"));
}
