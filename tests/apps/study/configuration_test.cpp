// SPDX-License-Identifier: MIT
#include <study/configuration.hpp>

#include <algorithm>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>

#include <study/assign.hpp>
#include <study/presets.hpp>

#include "apps/study/changed_settings.hpp"
#include "support/refusal.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;
using papillon::test::refusal;

TEST_CASE("a study's list stands for configurations, each once") {
  CHECK(configuration_names(settings{}).size() == 31);
  auto const s = with({"study.configurations=dense,imp-01..03,imp-02,S3L2", "configurations.mine.model.width=5"});
  CHECK(configuration_names(s) == std::vector<std::string>{"dense", "imp-01", "imp-02", "imp-03", "S3L2", "mine"});
  for (auto const* list : {"imp-03..01", "imp-..4", "..", "imp-00..02", "dense..3"})
    CHECK_THAT(refusal([&] { (void)configuration_names(with({std::string("study.configurations=") + list})); }),
        Contains("imp-01..08"));
}

TEST_CASE("built-in configurations are the paper's") {
  settings const s;
  auto const b = resolve(s, "S1L3").settings;
  CHECK(b.model.weights == weight_structure::butterfly);
  CHECK(b.model.segments == 1);
  CHECK(b.model.factors == 3);
  CHECK(b.train.learning_rate == 0.3);
  CHECK(b.train.weight_decay == 0.0001);
  CHECK(resolve(s, "S1L3").series == "butterfly");
  auto const imp = resolve(s, "imp-24");
  CHECK(imp.rounds() == 24);
  CHECK(imp.series == "imp");
  CHECK(imp.settings.train.weight_decay == 0.005);
  CHECK(resolve(s, "dense").settings.prune.rounds == 0);
}

TEST_CASE("controls differ from what they explain in one thing") {
  settings const s;
  auto const same_but = [&](std::string const& control, std::string const& of, auto const& change) {
    CAPTURE(control);
    auto const c = resolve(s, control);
    CHECK(c.series == "control");
    CHECK(c.control_of == of);
    CHECK(!c.isolates.empty());
    auto expected = resolve(s, of).settings;
    change(expected);
    CHECK(c.settings == expected);
  };
  same_but(
      "restart-04", "imp-04", [](settings& x) { x.prune.fraction = 0; });
  same_but(
      "random-04", "imp-04", [](settings& x) { x.prune.criterion = pruning_criterion::random; });
  same_but(
      "oneshot-04", "imp-04", [](settings& x) { x.prune.schedule = pruning_schedule::once; });
  same_but(
      "layerwise-04", "imp-04", [](settings& x) { x.prune.criterion = pruning_criterion::layerwise; });
  same_but(
      "ticket-04", "imp-04", [](settings& x) { x.prune.rewind = rewind_point::initial; });
  same_but(
      "lowrank-S3L2", "S3L2", [](settings& x) { x.model.weights = weight_structure::lowrank; });
  same_but(
      "shuffled-S3L2", "S3L2", [](settings& x) { x.model.unfolding = column_order::shuffled; });
  same_but("S3L2-as-dense", "S3L2", [](settings& x) { x.train.learning_rate = 0.03, x.train.weight_decay = 0.005; });
  CHECK(resolve(s, "dense-as-S3L2").settings.train.learning_rate == 0.3);
  CHECK(resolve(s, "dense-as-S3L2").settings.model.weights == weight_structure::dense);
  CHECK(resolve(s, "dense-as-S3L2").control_of == "S3L2");
  CHECK(resolve(s, "narrow-6").settings.model.width == 6);
  CHECK(resolve(s, "untrained").settings.train.epochs == 0);
}

TEST_CASE("random labels are trained on until they are known by heart, and judged then") {
  auto const t = resolve(settings(), "random-labels").settings.train;
  CHECK(t.labels == training_labels::random);
  CHECK(!t.augment);
  CHECK(t.weight_decay == 0);
  CHECK(t.evaluate == "last");
}

TEST_CASE("every built-in name is known, none twice, and differs from dense or is it") {
  settings const s;
  auto const names = built_in_names();
  CHECK(configuration_names(with({"study.configurations="})).empty());
  for (auto const& name : names) {
    CAPTURE(name);
    auto const c = resolve(s, name);
    CHECK(c.name == name);
    CHECK(std::ranges::count(names, name) == 1);
    CHECK(differences(c.settings, s).empty() == (name == "dense"));
    CHECK((c.series == "control") == !c.isolates.empty());
  }
}

TEST_CASE("a recipe that is changed is the one that is exchanged") {
  auto const s = with({"configurations.S3L2.train.learning_rate=0.1"});
  CHECK(resolve(s, "dense-as-S3L2").settings.train.learning_rate == 0.1);
  CHECK(resolve(s, "lowrank-S3L2").settings.train.learning_rate == 0.1);
  CHECK(resolve(s, "S2L2").settings.train.learning_rate == 0.3);
}

TEST_CASE("private perceptrons are like the dense one, which has no batch norm") {
  settings s;
  set(s, "model.hidden=64");
  for (auto const* name : {"dp-8", "clipped"}) {
    auto const c = resolve(s, name);
    CHECK(c.settings.model.norm == norm::batch);
    CHECK(c.series == "private");
    CHECK(c.settings.train.evaluate == "last");
  }
}

TEST_CASE("settings of the study reach every configuration that does not say otherwise") {
  auto const s = with(
      {"train.epochs=60", "model.width=8", "configurations.wide.like=imp-02", "configurations.wide.model.width=32"});
  CHECK(resolve(s, "S1L2").settings.train.epochs == 60);
  CHECK(resolve(s, "wide").settings.train.epochs == 60);
  CHECK(resolve(s, "wide").settings.model.width == 32);
  CHECK(resolve(s, "wide").rounds() == 2);
  CHECK(resolve(s, "wide").series == "imp");
}

TEST_CASE("unknown names, circles and keys of the whole study are refused") {
  settings const s;
  for (auto const* name : {"imp-3", "imp-0", "imp-00", "S4L2", "narrow-", "restart", "dense-as-imp-01", "lowrank-", ""})
    CHECK_THAT(refusal([&] { (void)resolve(s, name); }), Contains("did you mean"));
  auto const circle = with({"configurations.a.like=b", "configurations.b.like=a"});
  CHECK_THAT(refusal([&] { (void)resolve(circle, "a"); }), Contains("circle"));
  CHECK_THAT(refusal([&] { (void)with({"configurations.a.data.subset=100"}); }), Contains("whole study's"));
  CHECK_THAT(refusal([&] { (void)with({"configurations.a.model.widht=3"}); }), Contains("did you mean 'model.width'"));
  CHECK_THAT(refusal([&] { (void)with({"configurations.a.model.width=x"}); }), Contains("model.width"));
  CHECK_THAT(refusal([&] { (void)with({"configurations.a b.model.width=3"}); }), Contains("configurations.NAME.KEY"));
  CHECK_THAT(refusal([&] { (void)with({"configurations.like=3"}); }), Contains("configurations.NAME.KEY"));
}

TEST_CASE("a configuration of the study is found by its name, and another one is refused with the nearest") {
  auto const s = preset_settings("smoke");
  CHECK(find_configuration(s, "imp-01").rounds() == 1);
  CHECK_THAT(refusal([&] { (void)find_configuration(s, "imp-03"); }), Contains("imp-01"));
}

TEST_CASE("what a defended round of pruning goes on from is trained without the defence") {
  auto const s = with({"configurations.defended.prune.rounds=1", "configurations.defended.train.pair_penalty=4",
      "configurations.plain.like=dense"});
  auto const c = resolve(s, "defended");
  CHECK(c.settings.train.pair_penalty == 4);
  CHECK(parent_of(c).settings == resolve(s, "plain").settings);
}

TEST_CASE("what ADMM prunes is trained dense, pulled, and with the same adversary") {
  auto const s = with({"configurations.own.prune.rounds=1", "configurations.own.prune.fraction=0.7",
      "configurations.own.prune.criterion=admm", "configurations.own.prune.rho=0.01",
      "configurations.own.prune.schedule=once", "configurations.own.train.adversary=4", "attack.members=trained"});
  CHECK_NOTHROW(check_together(s));
  auto const before = parent_of(resolve(s, "own"));
  CHECK(before.rounds() == 0);
  CHECK(before.settings.train.pull == 0.01);
  CHECK(before.settings.train.adversary == 4);
  CHECK(before.settings.prune.fraction == 0.7);
  auto other = s;
  set(other, "configurations.own.prune.criterion", "magnitude");
  CHECK(parent_of(resolve(other, "own")).settings.train.pull == 0);
}

TEST_CASE("an adversary and ADMM are refused where they mean nothing") {
  auto const refused = [](std::vector<std::string> const& changes) {
    return refusal([&] { check_together(with(changes)); });
  };
  CHECK_THAT(refused({"train.adversary=1"}), Contains("set attack.members=trained"));
  CHECK_NOTHROW(check_together(with({"train.adversary=1", "attack.members=trained"})));
  CHECK_NOTHROW(check_together(with({"train.adversary=1", "study.attack=false"})));
  CHECK_THAT(refused({"train.adversary=1", "attack.members=trained", "data.validation=0"}), Contains("hold some back"));
  CHECK_THAT(
      refused({"train.adversary=1", "attack.members=trained", "train.pair_penalty=1"}), Contains("choose one of them"));
  CHECK_THAT(refused({"prune.criterion=admm"}), Contains("set prune.rounds=1"));  // imp-02 and later ones
  CHECK_NOTHROW(check_together(with({"study.configurations=dense,imp-01", "prune.criterion=admm"})));
  CHECK_THAT(refused({"study.configurations=imp-01", "train.pull=1"}), Contains("set prune.criterion=admm"));
  CHECK_THAT(refused({"study.configurations=S1L2", "train.pull=1"}), Contains("only dense networks are pruned"));
}
