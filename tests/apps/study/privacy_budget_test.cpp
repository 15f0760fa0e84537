// SPDX-License-Identifier: MIT
#include <study/privacy_budget.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <papillon/privacy/rdp_accountant.hpp>

#include <study/assign.hpp>
#include <study/configuration.hpp>
#include <study/identity.hpp>
#include <study/plan.hpp>

#include "apps/study/changed_settings.hpp"
#include "support/refusal.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;
using papillon::test::refusal;

namespace {

std::string refused(std::vector<std::string> changes) {
  for (auto& change : changes) change = "configurations.own." + change;
  changes.emplace_back("configurations.own.like=dense");
  auto const s = with(changes);
  return refusal([&] { check_together(s); });
}

}  // namespace

TEST_CASE("a budget is what the accountant says of the training's steps") {
  CHECK_FALSE(budget_of(settings{}, 14000));
  auto const given = budget_of(with({"dp.noise=2"}), 14000).value();
  CHECK(given.steps == 300 * 55);
  CHECK(given.noise == 2);
  CHECK(given.epsilon == privacy::rdp_epsilon_of(256.0 / 14000, 2, 16500, 1e-5).epsilon);
  auto const asked = budget_of(with({"dp.epsilon=8", "dp.clip=0.5"}), 14000).value();
  CHECK(asked.epsilon <= 8);
  CHECK(asked.epsilon > 7.99);
  CHECK(asked.clip == 0.5);
  CHECK(std::isinf(budget_of(with({"dp.noise=0"}), 14000).value().epsilon));
  // a training on fewer images than a batch has takes all of them in each step
  CHECK(budget_of(with({"dp.noise=1", "train.epochs=7"}), 100).value().steps == 7);
  CHECK(budget_of(with({"dp.noise=1", "train.epochs=0"}), 100).value().epsilon == 0);
}

TEST_CASE("what breaks the guarantee is refused") {
  std::vector<std::string> const possible{"model.norm=group", "train.evaluate=last"};
  auto const without = [&](std::size_t left_out, std::vector<std::string> all) {
    for (std::size_t i = 0; i < possible.size(); ++i)
      if (i != left_out) all.push_back(possible[i]);
    return refused(all);
  };
  for (auto const* name : {"dp-8", "clipped", "group-norm"})
    CHECK_NOTHROW(check_together(with({message("study.configurations=dense,", name)})));
  CHECK_THAT(without(0, {"dp.epsilon=8"}), Contains("set model.norm=group"));
  CHECK_THAT(without(1, {"dp.epsilon=8"}), Contains("set train.evaluate=last"));
  CHECK_THAT(without(9, {"dp.epsilon=8", "train.patience=5"}), Contains("set train.patience=-1"));
  CHECK_THAT(without(9, {"dp.epsilon=8", "train.pair_penalty=4"}), Contains("leave one of them out"));
  CHECK_THAT(without(9, {"dp.epsilon=8", "train.adversary=4"}), Contains("leave one of them out"));
  CHECK_THAT(without(9, {"dp.epsilon=8", "train.pull=1"}), Contains("leave one of them out"));
  CHECK_THAT(without(9, {"dp.epsilon=8", "prune.rounds=1"}), Contains("dp.freeze"));
  CHECK_THAT(without(9, {"dp.epsilon=8", "dp.noise=1"}), Contains("set one of them to none"));
  CHECK_THAT(without(9, {"dp.freeze=0.1"}), Contains("give one of them"));
  CHECK_THAT(without(9, {"dp.epsilon=8", "dp.freeze=0.1", "model.weights=butterfly"}), Contains("choose one"));
  CHECK_THAT(refused({"model.norm=group", "model.width=6"}), Contains("take a divisor"));
}

TEST_CASE("built-in private configurations are possible, and the dense network stays what it was") {
  settings const s;
  for (auto const* name : {"dp-3", "dp-8", "dp-50", "clipped"}) {
    auto const c = resolve(s, name);
    CAPTURE(name);
    CHECK(c.series == "private");
    CHECK(is_private(c.settings));
    CHECK_NOTHROW(check_together(with({"study.configurations=dense," + std::string(name)})));
  }
  CHECK(*resolve(s, "dp-50").settings.dp.epsilon == 50);
  CHECK_FALSE(is_private(resolve(s, "group-norm").settings));
  CHECK_THAT(refusal([&] { (void)resolve(s, "dp-08"); }), Contains("unknown configuration"));
  auto const hash = [](settings const& of) { return training_identity(of, {}, 1, {"images", "split"}, "").hash; };
  auto const dense = hash(s);
  for (auto const* change : {"dp.clip=3", "dp.delta=0.01", "model.groups=4"}) CHECK(hash(with({change})) == dense);
  std::vector<std::string> const base{"model.norm=group", "train.evaluate=last", "dp.noise=1"};
  auto const before = hash(with(base));
  CHECK(before != dense);
  for (auto const* change :
      {"dp.clip=3", "dp.delta=0.01", "model.groups=4", "dp.noise=2", "dp.freeze=0.5", "dp.select=0.5"}) {
    auto changed = base;
    changed.emplace_back(change);
    CHECK(hash(with(changed)) != before);
  }
}
