// SPDX-License-Identifier: MIT
#include <study/settings.hpp>

#include <algorithm>

#include <catch2/catch.hpp>

#include <papillon/error.hpp>

#include <study/assign.hpp>
#include <study/configuration.hpp>
#include <study/presets.hpp>
#include <study/schema.hpp>

#include "support/refusal.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using papillon::test::refusal;

TEST_CASE("the defaults are the paper's Table 1 and training") {
  settings const s;
  CHECK(s.train.epochs == 300);
  CHECK(s.train.batch == 256);
  CHECK(s.train.milestones == std::vector<int>{150, 225});
  CHECK(s.train.learning_rate == 0.03);
  CHECK(s.train.weight_decay == 0.005);
  CHECK(resolve(s, "S3L3").settings.train.learning_rate == 0.1);
  CHECK(s.study.configurations.size() == 8);
  CHECK(s == preset_settings("paper"));
  CHECK(changed(s).empty());
}

TEST_CASE("every key has a distinct name with a group, a default within its range, and help") {
  std::vector<std::string_view> names;
  for (key const& k : schema()) {
    CAPTURE(k.name);
    names.push_back(k.name);
    CHECK(k.name.find('.') != std::string_view::npos);
    CHECK(!k.help.empty());
    settings s;
    CHECK_NOTHROW(set_value(s, k.name, k.standard));
    CHECK(s == settings{});
  }
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

TEST_CASE("every key has a member of its own") {
  for (key const& k : schema()) {
    CAPTURE(k.name);
    settings s;
    auto const other = std::visit(
        [](auto x) -> value {
          using type = decltype(x);
          if constexpr (std::is_same_v<type, bool>) return !x;
          else if constexpr (std::is_same_v<type, std::monostate>) return 0.5;
          else if constexpr (std::is_arithmetic_v<type>) return x == type{} ? type{1} : x + x;
          else if constexpr (std::is_same_v<type, std::string>) return x + "x";
          else return type{};
        },
        k.standard);
    k.set(s, k.choices.empty() || !std::holds_alternative<std::string>(other) ? other
                                                                              : value(std::string(k.choices.back())));
    for (key const& each : schema()) CHECK(is_changed(s, each) == (each.name == k.name));
    CHECK_FALSE(s == settings{});
    k.set(s, k.standard);
    CHECK(s == settings{});
  }
}

TEST_CASE("values are set from text by the type of their key") {
  settings s;
  set(s, "train.epochs=60");
  set(s, "train.milestones", "30,45");
  set(s, "train.learning_rate", "1e-2");
  set(s, "study.configurations", "S3L2");
  set(s, "study.attack", "false");
  set(s, "model.shortcut", "padded");
  set(s, "prune.fc_fraction", "0.1");
  CHECK(s.train.epochs == 60);
  CHECK(s.train.milestones == std::vector<int>{30, 45});
  CHECK(s.train.learning_rate == 0.01);
  CHECK(s.study.configurations == words{"S3L2"});
  CHECK_FALSE(s.study.attack);
  CHECK(s.model.shortcut == shortcut::padded);
  CHECK(s.prune.fc_fraction == 0.1);
  CHECK(changed(s).size() == 7);
  set(s, "prune.fc_fraction", "none");
  set(s, "study.configurations", "");
  CHECK_FALSE(s.prune.fc_fraction);
  CHECK(s.study.configurations.empty());
  set(s, "model.hidden=64-32");
  CHECK(s.model.hidden == "64-32");
  set(s, "model.hidden=");
  CHECK(s.model.hidden.empty());
}

TEST_CASE("the canonical text of a value reads back as the value") {
  settings s;
  set(s, "train.learning_rate", "0.1000000000000000055511151231257827");
  CHECK(to_text(get(s, "train.learning_rate")) == "0.1");
  set(s, "attack.learning_rates", "0.3333333333333333,1e-07");
  auto const text = to_text(get(s, "attack.learning_rates"));
  settings again;
  set(again, "attack.learning_rates", text);
  CHECK(again.attack.learning_rates == s.attack.learning_rates);
}

TEST_CASE("an unknown key is refused with the nearest one") {
  settings s;
  CHECK_THAT(refusal([&] { set(s, "train.epoch", "3"); }),
      Contains("train.epoch'") && Contains("did you mean 'train.epochs'"));
  CHECK_THAT(refusal([&] { set(s, "prune.fractoin=0.3"); }), Contains("did you mean 'prune.fraction'"));
  CHECK_THAT(refusal([&] { set(s, "nonsense"); }), Contains("write key=value"));
  CHECK_THAT(refusal([&] { set(s, "study.configurations=\xff"); }), Contains("not UTF-8"));
  CHECK_THAT(refusal([&] { set(s, std::string(1000000, 'x') + "=1"); }), Contains("did you mean"));
}

TEST_CASE("a key of version 0.1 is refused with what says the same now") {
  settings s;
  auto const now = [&](char const* old) { return refusal([&] { set(s, old, "1"); }); };
  CHECK_THAT(now("imp.rounds"), Contains("version 0.1") && Contains("write study.configurations=dense,imp-01..08"));
  CHECK_THAT(now("study.butterflies"), Contains("write study.configurations=dense,S3L2"));
  CHECK_THAT(now("imp.fraction"), Contains("write prune.fraction"));
  CHECK_THAT(now("imp.fc_fraction"), Contains("write prune.fc_fraction"));
  CHECK_THAT(now("learning_rate.dense"), Contains("write train.learning_rate"));
  CHECK_THAT(now("weight_decay.imp"), Contains("write train.weight_decay"));
  CHECK_THAT(now("learning_rate.S2L3"), Contains("write configurations.S2L3.train.learning_rate"));
  CHECK_THAT(now("weight_decay.S3L2"), Contains("write configurations.S3L2.train.weight_decay"));
  CHECK_THAT(now("configurations.S3L2.imp.fraction"), Contains("write prune.fraction"));
  CHECK_THAT(now("weight_decay."), Contains("did you mean"));
  CHECK(s == settings{});
}

TEST_CASE("settings differ from others in the keys that were set") {
  settings s;
  set(s, "train.epochs", "60");
  set(s, "prune.fc_fraction", "0.1");
  using change = std::pair<std::string, std::string>;
  CHECK(differences(s, {}) == std::vector<change>{{"train.epochs", "60"}, {"prune.fc_fraction", "0.1"}});
  CHECK(differences({}, s) == std::vector<change>{{"train.epochs", "300"}, {"prune.fc_fraction", "none"}});
  CHECK(differences(s, s).empty());
}

TEST_CASE("an impossible value is refused with what is allowed, and changes nothing") {
  settings s;
  CHECK_THAT(refusal([&] { set(s, "prune.fraction", "1.5"); }), Contains("prune.fraction") && Contains("0 to 0.999"));
  CHECK_THAT(refusal([&] { set(s, "prune.fraction", "nan"); }), Contains("0 to 0.999"));
  CHECK_THAT(refusal([&] { set(s, "train.epochs", "3.5"); }), Contains("not a whole number"));
  CHECK_THAT(refusal([&] { set(s, "train.epochs", "99999999999999999999"); }), Contains("not a whole number"));
  CHECK_THAT(refusal([&] { set(s, "train.epochs", ""); }), Contains("0 to 100000"));
  CHECK_THAT(refusal([&] { set(s, "train.milestones", "30,x"); }), Contains("train.milestones"));
  CHECK_THAT(refusal([&] { set(s, "model.shortcut", "pad"); }), Contains("projection, padded"));
  CHECK_THAT(refusal([&] { set(s, "attack.list", "loss,los"); }), Contains("los") && Contains("any of gap"));
  CHECK_THAT(refusal([&] { set(s, "study.attack", "yes"); }), Contains("true or false"));
  CHECK_THAT(refusal([&] { set(s, "train.momentum", "none"); }), Contains("train.momentum"));
  CHECK_THAT(refusal([&] { set_value(s, "train.epochs", value{2.0}); }), Contains("whole number"));
  CHECK_THAT(refusal([&] { set(s, "train.evaluate="); }), Contains("not a word"));
  CHECK_THAT(refusal([&] { set_value(s, "model.hidden", value{2.0}); }), EndsWith("it takes a word"));
  CHECK(s == settings{});
}

TEST_CASE("settings that do not go together are refused") {
  auto const with = [](std::vector<std::string> const& changes) {
    settings s;
    for (auto const& change : changes) set(s, change);
    return refusal([&] { check_together(s); });
  };
  CHECK_THAT(with({"model.depth=21"}), Contains("6 n + 2"));
  CHECK_THAT(with({"data.subset=500", "data.validation=500"}), Contains("no image to train on"));
  CHECK_THAT(with({"train.milestones=45,30"}), Contains("does not increase"));
  CHECK_THAT(with({"study.seeds="}), Contains("at least one seed"));
  CHECK_THAT(with({"study.seeds=1,2,1"}), Contains("twice"));
  CHECK_THAT(with({"normalisation.mean=0.5"}), Contains("three"));
  CHECK_THAT(with({"data.split=archive"}), Contains("study.attack=false"));
  CHECK_THAT(with({"data.split=archive", "study.attack=false", "data.source=synthetic"}), Contains("data.split=four"));
  CHECK_THAT(with({"data.source=mnist"}), Contains("it is grey") && Contains("set normalisation.mean=0.1307"));
  CHECK_THAT(with({"data.source=mnist", "normalisation.mean=0.1"}), Contains("set normalisation.deviation=0.3081"));
  CHECK_THAT(with({"attack.hidden="}), Contains("at least one"));
  CHECK_THAT(with({"study.configurations="}), Contains("at least one"));
  CHECK_THAT(with({"study.configurations=dense,imp-1"}), Contains("imp-01"));
  CHECK_THAT(with({"attack.references=3"}), Contains("pairs"));
  CHECK_THAT(with({"configurations.dense.attack.references=2"}), Contains("take 4 or more"));
  CHECK_THAT(with({"attack.references=2"}), Contains("take 4 or more"));
  CHECK_THAT(with({"attack.queries=3"}), Contains("18"));
  CHECK_THAT(with({"configurations.odd.model.depth=9"}), Contains("configuration odd") && Contains("6 n + 2"));
  CHECK_THAT(with({"configurations.both.like=S3L2", "configurations.both.prune.rounds=1"}), Contains("only dense"));
  CHECK_THAT(with({"model.hidden=64", "study.configurations=dense,S3L2"}),
      Contains("configuration S3L2: model.weights = butterfly cannot be together with model.hidden = 64") &&
          Contains("leave the configuration out"));
  CHECK_THAT(with({"model.hidden=64", "study.configurations=dense,narrow-6"}),
      Contains("configuration narrow-6: model.width = 6") && Contains("set model.width=16"));
  for (auto const* of_resnets :
      {"model.depth=8", "model.shortcut=padded", "model.norm=group", "train.convolution=direct", "train.storage=half"})
    CHECK_THAT(with({"model.hidden=64", "study.configurations=dense", of_resnets}),
        Contains("model.hidden = 64 (it is of a ResNet"));
  CHECK_THAT(with({"model.hidden=64", "study.configurations=dense", "prune.fc_fraction=0.1"}),
      Contains("prune.fc_fraction = 0.1") && Contains("fully connected"));
  for (auto const* word : {"worst", "epoch:", "epoch:-1", "epoch:2.5", "first:", "first:x"})
    CHECK_THAT(with({std::string("train.evaluate=") + word}), Contains("train.evaluate"));
  for (auto const* word : {"30-", "-30", "30--30", "30,x", "0"})
    CHECK_THAT(with({std::string("attack.hidden=") + word}), Contains("attack.hidden"));
  for (auto const* word : {"64-", "0", "64-x", "10001"})
    CHECK_THAT(with({"study.configurations=dense", std::string("model.hidden=") + word}),
        Contains(std::string("'") + word + "' is no value for model.hidden"));
  auto const fits = [](std::vector<std::string> const& changes) {
    settings s;
    for (auto const& change : changes) set(s, change);
    CHECK_NOTHROW(check_together(s));
  };
  fits({});
  fits({"data.source=cifar100"});
  fits({"data.source=mnist", "normalisation.mean=0.1307", "normalisation.deviation=0.3081"});
  fits({"model.hidden=256-128", "study.configurations=dense,imp-02,random-02,dp-8,clipped",
      "configurations.dp-8.dp.freeze=0.5"});
  fits({"study.configurations=dense,S3L2", "configurations.perceptron.model.hidden=64"});
  fits({"model.hidden=64", "study.configurations=dense,S3L2", "configurations.S3L2.model.hidden="});
  fits({"data.split=archive", "study.attack=false", "data.subset=10"});  // the archive's parts have their own sizes
}

TEST_CASE("the weights that are evaluated are read from a word") {
  using enum evaluated_weights::choice;
  CHECK(evaluated_weights_of("best").which == best);
  CHECK(evaluated_weights_of("last").which == last);
  CHECK(evaluated_weights_of("epoch:12").which == epoch);
  CHECK(evaluated_weights_of("epoch:12").epoch == 12);
  CHECK(evaluated_weights_of("first:62.5").which == first);
  CHECK(evaluated_weights_of("first:62.5").accuracy == 62.5);
}

TEST_CASE("settings of a configuration are kept in order, the last value of a key counts") {
  settings s;
  set(s, "configurations.mine.like=S3L2");
  set(s, "configurations.mine.model.width", "8");
  set(s, "configurations.mine.train.milestones", "1,2");
  set(s, "configurations.mine.model.width", "12");
  set_value(s, "configurations.mine.train.weight_decay", value{std::int64_t{0}});
  REQUIRE(s.configurations.size() == 1);
  auto const& o = s.configurations.front();
  CHECK(o.like == "S3L2");
  using change = std::pair<std::string, std::string>;
  CHECK(o.changes ==
        std::vector<change>{{"model.width", "12"}, {"train.milestones", "1,2"}, {"train.weight_decay", "0"}});
}

TEST_CASE("hidden layers are read from a word") {
  CHECK(hidden_layers("30") == std::vector<int>{30});
  CHECK(hidden_layers("100-20-3") == std::vector<int>{100, 20, 3});
}

TEST_CASE("all presets are possible settings, and an unknown preset is refused with the nearest one") {
  for (preset const& p : presets()) {
    CAPTURE(p.name);
    CHECK_NOTHROW(preset_settings(p.name));
    auto const keys = std::ranges::count_if(
        p.changes, [](auto const& change) { return !change.first.starts_with("configurations."); });
    CHECK(changed(preset_settings(p.name)).size() == static_cast<std::size_t>(keys));  // none that changes nothing
  }
  CHECK_THAT(refusal([] { (void)preset_settings("mimi"); }), Contains("did you mean 'mini'"));
}
