// SPDX-License-Identifier: MIT
/// Canaries: which there are, whose they are, and what guessing them says; on outputs that are made up.
#include <study/listed_attack.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <papillon/io/npy.hpp>
#include <papillon/random/distributions.hpp>
#include <xtensor/xtensor.hpp>

#include <study/assign.hpp>
#include <study/labelled_data.hpp>
#include <study/plan.hpp>
#include <study/presets.hpp>

#include "apps/study/changed_settings.hpp"
#include "support/refusal.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;

namespace {

settings audited(std::vector<std::string> const& changes = {}) {
  return with(
      changes, with({"data.subset=500", "data.validation=240", "audit.canaries=200"}, preset_settings("smoke")));
}

/// The audit of a network whose logits are noise, higher by `lead` at the labels of canaries it was trained on.
audit_result audit_of(settings const& s, study_data const& given, double lead, std::uint64_t draw) {
  labelled_data const labelled(given);
  study_data const& d = labelled.of(s);
  test::temporary_directory const here;
  auto const images = asked_images(d.split);
  attack_inputs in;
  in.settings = &s;
  in.data = &d;
  in.seed = 1;
  for (std::uint32_t r = 0; r < 2; ++r) {
    auto const trained = images_of(d, {static_cast<role>(r)}, 1, s.audit).trained;
    auto logits = xt::xtensor<float, 3>::from_shape({1, images.size(), 10});
    random::engine noise({draw, r});
    for (std::size_t i = 0; i < images.size(); ++i) {
      for (std::size_t c = 0; c < 10; ++c) logits(0, i, c) = static_cast<float>(0.2 * random::normal<double>(noise));
      if (std::ranges::binary_search(trained, images[i]))
        logits(0, i, d.images().labels[images[i]]) += static_cast<float>(lead);
    }
    in.outputs[r] = here / message("outputs-", r, ".npy");
    io::write_npy(in.outputs[r], logits);
  }
  return run_audit(in);
}

}  // namespace

TEST_CASE("canaries are test images that the strict reading leaves out, each trained on by a coin") {
  auto const s = audited();
  auto const d = load_study_data(s, "");
  for (role const who : {role::target, role::shadow}) {
    auto const& r = d.split.roles[static_cast<std::size_t>(who)];
    auto const canaries = canaries_of(r, who, 200);
    REQUIRE(canaries.size() == 200);
    CHECK(std::ranges::is_sorted(canaries));
    for (auto const image : canaries) {
      CHECK(std::ranges::binary_search(r.test, image));
      CHECK_FALSE(std::ranges::binary_search(r.strict_test, image));
    }
    auto const fewer = canaries_of(r, who, 50);
    CHECK(std::ranges::includes(canaries, fewer));
    auto const coins = included_canaries(canaries, who, 1);
    auto const heads = std::ranges::count(coins, 1);
    CHECK(std::abs(static_cast<double>(heads) - 100) < 36);  // five deviations
    CHECK(included_canaries(canaries, who, 2) != coins);
    auto const with = images_of(d, {who}, 1, s.audit), without = images_of(d, {who}, 1);
    CHECK(with.trained.size() == without.trained.size() + static_cast<std::size_t>(heads));
    CHECK(std::ranges::includes(with.trained, without.trained));
    CHECK(with.test.size() == without.test.size() - 200);
    for (std::size_t i = 0; i < canaries.size(); ++i) {
      CHECK(std::ranges::binary_search(with.trained, canaries[i]) == (coins[i] != 0));
      CHECK_FALSE(std::ranges::binary_search(with.test, canaries[i]));
    }
  }
}

TEST_CASE("wrong labels are the canaries' alone, and wrong") {
  auto const s = audited({"audit.labels=wrong"});
  auto const d = load_study_data(s, "");
  labelled_data const labelled(d);
  auto const& wrong = labelled.of(s).images().labels;
  auto const& given = d.images().labels;
  std::size_t differing = 0;
  for (std::size_t i = 0; i < given.size(); ++i) differing += wrong[i] != given[i] ? 1 : 0;
  CHECK(differing == 400);
  for (role const who : {role::target, role::shadow})
    for (auto const image : canaries_of(d.split.roles[static_cast<std::size_t>(who)], who, 200))
      CHECK(wrong[image] != given[image]);
  CHECK(&labelled.of(audited()) == &d);
}

TEST_CASE("an audit finds what was learned by heart, and nothing where nothing was") {
  for (auto const* labels : {"audit.labels=given", "audit.labels=wrong"}) {
    auto const s = audited({labels});
    auto const d = load_study_data(s, "");
    auto const known = audit_of(s, d, 12, 1);
    CHECK(known.canaries == 200);
    CHECK(known.accuracy > 80);  // half of them are guessed to be in, whatever the coins said
    // 100 of 100 right: the largest epsilon with q^100 < .05 / 4, q = 1 / (1 + exp(-epsilon)), but for delta
    CHECK(known.epsilon == Approx(3.11).margin(0.2));
    CHECK(known.gaussian_epsilon > known.epsilon);
    int found = 0;
    for (std::uint64_t draw = 2; draw < 42; ++draw) found += audit_of(s, d, 0, draw).epsilon > 0 ? 1 : 0;
    CHECK(found <= 6);  // of 40 one in twenty at most is expected: more than 6 has a chance of 1.4 %, always the same
  }
}

TEST_CASE("an audit is an item of its experiment, and its delta no other work's") {
  auto const tasks = [](settings const& s) {
    auto const p = make_plan(s, {std::string(64, 'a'), std::string(64, 'b')});
    std::vector<std::string> all;
    for (auto const& [name, identity] : p.experiments.front().listed) all.push_back(name + identity.hash);
    return all;
  };
  auto const with = tasks(audited()), other = tasks(audited({"audit.delta=0.001"})),
             without = tasks(audited({"audit.canaries=0"}));
  REQUIRE(with.size() == without.size() + 1);
  CHECK(with.back().starts_with("audit"));
  for (std::size_t i = 0; i + 1 < with.size(); ++i) {
    CHECK(with[i] == other[i]);
    CHECK(with[i] != without[i]);  // another training
  }
  CHECK(with.back() != other.back());
}

TEST_CASE("canaries that cannot be are refused") {
  auto const refused = [](std::vector<std::string> const& changes) {
    auto const s = audited(changes);
    return test::refusal([&] { check_together(s); });
  };
  CHECK_NOTHROW(check_together(audited()));
  CHECK_THAT(refused({"audit.canaries=241"}), Contains("take fewer"));
  CHECK_THAT(refused({"attack.references=4"}), Contains("attack.references"));
  CHECK_THAT(refused({"audit.labels=wrong", "train.labels=random"}), Contains("choose one"));
  CHECK_THAT(refused({"audit.labels=wrong", "study.splits=seed"}), Contains("set audit.labels=given"));
  CHECK_NOTHROW(check_together(audited({"study.splits=seed"})));
}
