// SPDX-License-Identifier: MIT
// A grid search with a laboratory that pretends: which points there are, that they are the trainings of the recipe they
// stand for, that nothing but trainings is done, and once, and who wins.
#include <study/tune.hpp>

#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

#include <study/assign.hpp>
#include <study/executor.hpp>
#include <study/presets.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// Trains to an accuracy that its settings name, at the second of three epochs; does nothing else.
class pretending final : public laboratory {
 public:
  mutable std::vector<std::string> done;
  std::size_t stops_after = 1000;

  std::string description() const override { return "pretended"; }
  network_size size_of(configuration const&) const override { return {1000, 1000, 1e6}; }
  double images_per_second(configuration const&) const override { return 100; }
  network_result train(run_order const& o, observer&, std::atomic<bool> const*) const override {
    if (done.size() == stops_after) throw error(errc::interrupted, "as asked");
    done.push_back(o.run->configuration.name + " s" + std::to_string(o.run->seed));
    auto const& s = *o.settings;
    network_result r;
    r.epochs = 3;
    r.best_epoch = 1;
    // 32 validation images: learning rates are 4 images apart, decays 1, seeds 2.
    auto const images = 20 - 40 * std::abs(s.train.learning_rate - 0.1) - 1000 * s.train.weight_decay;
    r.curve.validation_accuracy = {0, 100 * (std::round(images) + 2 * double(o.run->seed - 1)) / 32, 10};
    return r;
  }
  int ask(run_order const&, std::atomic<bool> const*) const override { throw error(errc::failed, "asked"); }
  void measure(run_order const&, std::atomic<bool> const*) const override { throw error(errc::failed, "measured"); }
  seed_result attack(attack_order const&, std::atomic<bool> const*) const override {
    throw error(errc::failed, "attacked");
  }
};

std::vector<grid_axis> const two_by_two{
    {"train.learning_rate", {"0.2", "0.1"}}, {"train.weight_decay", {"0.001", "0"}}};

/// The smoke preset (32 validation images), with a directory of results.
struct small_tuning {
  test::temporary_directory here;
  settings s = preset_settings("smoke");
  pretending lab;
  observer watcher;

  tuning_result found(std::string const& configuration, std::vector<grid_axis> const& grid = two_by_two) {
    auto const t = make_tuning(s, configuration, grid);
    auto const data = load_study_data(t.settings, "");
    auto const p = make_plan(t.settings, data.identity());
    layout const places(here.path());
    executor(t.settings, data, p, places, lab, watcher).run(tuning_tasks(t, p));
    return collect_tuning(t, p, places);
  }
};

std::vector<std::string> names_of_points(tuning_result const& r) {
  std::vector<std::string> names;
  for (auto const& point : r.points) names.push_back(point.description.name);
  return names;
}

void refuses(std::string const& text, std::string const& configuration, std::vector<std::string> const& grid,
    std::vector<std::string> const& assignments = {}) {
  auto s = preset_settings("smoke");
  try {
    for (auto const& assignment : assignments) set(s, assignment);
    (void)make_tuning(s, configuration, read_grid(grid));
  } catch (error const& e) {
    CHECK(e.code() == errc::usage);
    CHECK_THAT(e.what(), Contains(text));
    return;
  }
  FAIL("not refused: " << text);
}

}  // namespace

TEST_CASE("axes are read in the canonical spelling of their values") {
  CHECK(read_grid({"train.learning_rate=0.30,.1,1e-2"}) ==
        std::vector<grid_axis>{{"train.learning_rate", {"0.3", "0.1", "0.01"}}});
  CHECK(read_grid({"train.milestones=30,45;;20", "prune.fc_fraction=none,0.1"}) ==
        std::vector<grid_axis>{{"train.milestones", {"30,45", "", "20"}}, {"prune.fc_fraction", {"none", "0.1"}}});
}

TEST_CASE("without axes the grid holds every recipe of the paper's table, in canonical spelling") {
  auto const grid = read_grid({});
  REQUIRE(grid.size() == 2);
  for (auto const& axis : grid) {
    std::string text = axis.key + "=";
    for (auto const& value : axis.values) text += value + ",";
    CHECK(read_grid({text}).front() == axis);
    for (std::string const name : {"dense", "S1L2", "S1L3", "S2L2", "S2L3", "S3L2", "S3L3"}) {
      auto const value = to_text(get(resolve({}, name).settings, axis.key));
      CHECK(std::ranges::count(axis.values, value) == 1);
    }
  }
}

TEST_CASE("the points are all combinations, the first axis slowest") {
  auto const t = make_tuning(preset_settings("smoke"), "S1L2", two_by_two);
  CHECK(points_text(t) ==
        "S1L2-p01  train.learning_rate=0.2 train.weight_decay=0.001\n"
        "S1L2-p02  train.learning_rate=0.2 train.weight_decay=0\n"
        "S1L2-p03  train.learning_rate=0.1 train.weight_decay=0.001\n"
        "S1L2-p04  train.learning_rate=0.1 train.weight_decay=0\n");
}

TEST_CASE("a point is the training of the configuration that its recipe is assigned to") {
  for (std::string const name : {"dense", "imp-02", "random-02", "S3L2", "dense-as-S3L2", "mine"}) {
    auto s = preset_settings("smoke");
    set(s, "configurations.mine.like=lowrank-S2L2");
    set(s, "configurations.mine.train.batch=16");
    auto const t = make_tuning(s, name, {{"train.weight_decay", {"0.25"}}, {"train.milestones", {"2"}}});
    auto const of_point = make_plan(t.settings, {});
    auto const tasks = tuning_tasks(t, of_point);
    tuning_result r;
    r.configuration = name;
    r.points.push_back({t.points.front(), {}, 0, false});
    for (auto const& assignment : r.assignments()) set(s, assignment);
    s.study.configurations = {name};
    auto const of_study = make_plan(s, {});
    INFO(name);
    REQUIRE(tasks.size() == 1);
    CHECK(of_point.runs[of_point.tasks[tasks[0]].subject].identity.hash ==
          of_study.runs[of_study.experiments.front().target.run].identity.hash);
  }
}

TEST_CASE("nothing but the targets' trainings is done, and nothing twice") {
  small_tuning t;
  (void)t.found("S1L2");
  CHECK(t.lab.done == std::vector<std::string>{"S1L2-p01 s1", "S1L2-p02 s1", "S1L2-p03 s1", "S1L2-p04 s1"});
  t.lab.done.clear();
  // Other points have been there under other numbers.
  (void)t.found("S1L2", {{"train.weight_decay", {"0", "0.002", "0.001"}}, {"train.learning_rate", {"0.1"}}});
  CHECK(t.lab.done == std::vector<std::string>{"S1L2-p02 s1"});
}

TEST_CASE("a round of pruning is tuned with all that it goes on from") {
  small_tuning t;
  (void)t.found("imp-02", {{"train.learning_rate", {"0.1", "0.2"}}});
  CHECK(t.lab.done == std::vector<std::string>{"imp-02-p01-unpruned s1", "imp-02-p02-unpruned s1", "imp-02-p01-01 s1",
                          "imp-02-p02-01 s1", "imp-02-p01 s1", "imp-02-p02 s1"});
}

TEST_CASE("the points are sorted by the best epoch's validation accuracy, and ties are marked") {
  small_tuning t;
  auto const r =
      t.found("S1L2", {{"train.learning_rate", {"0.2", "0.15", "0.1"}}, {"train.weight_decay", {"0", "0.001"}}});
  CHECK(names_of_points(r) ==
        std::vector<std::string>{"S1L2-p05", "S1L2-p06", "S1L2-p03", "S1L2-p04", "S1L2-p01", "S1L2-p02"});
  CHECK(r.points[0].validation_accuracy == 62.5);  // 20 of 32
  CHECK(r.points[0].runs.front().best_epoch == 1);
  CHECK(r.validation_images == 32);
  // sqrt(0.625 * 0.375 / 32) = 8.558 %, 2.74 images: of 20, 19, 18, 17, 16, 15 images right three are tied
  CHECK(r.standard_error == Approx(8.558165).epsilon(1e-6));
  for (std::size_t i = 0; i < r.points.size(); ++i) CHECK(r.points[i].tied == (i < 3));
  CHECK(r.assignments() == std::vector<std::string>{"configurations.S1L2.train.learning_rate=0.1",
                               "configurations.S1L2.train.weight_decay=0"});
  auto const text = table(r);
  CHECK_THAT(text, Contains("S1L2-p05   62.50 %  best  train.learning_rate=0.1 train.weight_decay=0\n"
                            "S1L2-p06   59.38 %  tied  train.learning_rate=0.1 train.weight_decay=0.001\n"));
  CHECK_THAT(text, Contains("S1L2-p04   53.12 %        train.learning_rate=0.15"));
  CHECK_THAT(text, Catch::Matchers::EndsWith("\n--set configurations.S1L2.train.learning_rate=0.1 "
                                             "--set configurations.S1L2.train.weight_decay=0\n"));
}

TEST_CASE("several seeds are averaged, equals stay in the grid's order, and more seeds narrow no error") {
  small_tuning t;
  t.s.study.seeds = {1, 2};
  auto const r = t.found("dense", {{"train.learning_rate", {"0.15", "0.05"}}, {"train.weight_decay", {"0"}}});
  CHECK(names_of_points(r) == std::vector<std::string>{"dense-p01", "dense-p02"});
  REQUIRE(r.points[0].runs.size() == 2);
  CHECK(r.points[0].runs[1].seed == 2);
  CHECK(r.points[0].runs[1].validation_accuracy == 62.5);  // 20 of 32
  CHECK(r.points[0].validation_accuracy == Approx(100 * 19.0 / 32));
  CHECK(r.standard_error == Approx(100 * std::sqrt(19.0 / 32 * 13.0 / 32 / 32)));
  CHECK_THAT(table(r), Contains("mean over 2 seeds"));
}

TEST_CASE("a tuning that is stopped goes on where it was") {
  small_tuning t;
  t.lab.stops_after = 3;
  try {
    (void)t.found("S1L2");
    FAIL("not stopped");
  } catch (error const& e) {
    CHECK(e.code() == errc::interrupted);
  }
  t.lab.done.clear();
  CHECK(t.found("S1L2").points.size() == 4);
  CHECK(t.lab.done == std::vector<std::string>{"S1L2-p04 s1"});
}

TEST_CASE("the file holds every point and where its runs are, and is named by what was trained") {
  small_tuning t;
  auto const r = t.found("S1L2");
  layout const places(t.here.path());
  auto const file = write_tuning(r, places);
  CHECK(file == t.here / "tune" / ("S1L2-" + r.identity.short_hash() + ".json"));
  auto const j = nlohmann::json::parse(io::read_file<std::string>(file));
  CHECK(j["configuration"] == "S1L2");
  CHECK(j["validation_images"] == 32);
  CHECK(j["assignments"] == nlohmann::json(r.assignments()));
  REQUIRE(j["points"].size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    auto const& point = j["points"][i];
    CHECK(point["validation_accuracy"] == r.points[i].validation_accuracy);
    CHECK(point["tied"] == r.points[i].tied);
    CHECK(fs::exists(t.here.path() / point["runs"][0]["directory"].get<std::string>() / "result.json"));
  }
  CHECK(j["points"][0]["settings"]["train.learning_rate"] == "0.1");
  auto turned = two_by_two;
  std::ranges::reverse(turned[0].values);
  CHECK(t.found("S1L2", turned).identity.hash == r.identity.hash);
  turned[0].values.pop_back();
  CHECK(t.found("S1L2", turned).identity.hash != r.identity.hash);
}

TEST_CASE("a training without the accuracy of its best epoch is bad input") {
  small_tuning t;
  auto const r = t.found("S1L2");
  auto const file = r.points.front().runs.front().directory / "result.json";
  auto j = nlohmann::ordered_json::parse(io::read_file<std::string>(file));
  j["result"]["curve"]["validation_accuracy"] = nlohmann::ordered_json::array();
  io::write_atomically(file, j.dump());
  try {
    (void)t.found("S1L2");
    FAIL("no error");
  } catch (error const& e) {
    CHECK(e.code() == errc::bad_input);
    CHECK_THAT(e.what(), Contains(file.string()));
  }
}

TEST_CASE("what cannot be tuned is refused") {
  refuses("no '='", "S1L2", {"train.learning_rate"});
  refuses("no value", "S1L2", {"train.learning_rate="});
  refuses("did you mean 'train.learning_rate'", "S1L2", {"train.learningrate=0.1"});
  refuses("'fast' is no value for train.learning_rate", "S1L2", {"train.learning_rate=0.1,fast"});
  refuses(
      "train.learning_rate is an axis of the grid twice", "S1L2", {"train.learning_rate=1", "train.learning_rate=2"});
  refuses("data.subset cannot be tuned", "S1L2", {"data.subset=64,96"});
  refuses("study.seeds cannot be tuned", "S1L2", {"study.seeds=1;2"});
  refuses("did you mean 'S3L2'", "S3L4", {});
  refuses("configuration S1L2-p02: model.depth = 21", "S1L2", {"model.depth=20,21"});
  refuses("'train.batch=8' and 'train.batch=8' are the same training", "S1L2", {"train.batch=8,8"});
  refuses("are the same training of dense", "dense", {"prune.fraction=0.1,0.2"});
  refuses("are the same training", "S1L2", {"attack.epsilon=0.1,0.2"});
  refuses("data.validation = 0", "S1L2", {}, {"data.validation=0"});
  refuses("train.epochs = 0", "S1L2", {"train.epochs=2,0"});
  refuses("train.epochs = 0", "untrained", {});
  refuses("S1L2-p01 is described already", "S1L2", {}, {"configurations.S1L2-p01.train.batch=8"});
}
