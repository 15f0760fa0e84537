// SPDX-License-Identifier: MIT
/// The laboratory under the reference policy: the sizes it gives and the estimate made from them; the tools for single
/// networks (in this file, so that the reference's networks are compiled once); the reference page.
#include <study/laboratory_on.hpp>
#include <study/network_tools_on.hpp>

#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <papillon/data/synthetic.hpp>

#include <study/assign.hpp>
#include <study/estimate.hpp>
#include <study/presets.hpp>
#include <study/reference.hpp>
#include <study/schema.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;

TEST_CASE("the paper's networks have the sizes of the study") {
  settings const s;
  laboratory_on<exec::seq> const lab{exec::seq{}, "reference"};
  auto const all = estimate_time(s, lab, 100.0);
  REQUIRE(all.size() == 31);
  auto const of = [&](std::string const& name) {
    for (auto const& e : all)
      if (e.configuration.name == name) return e;
    return configuration_estimate{};
  };
  CHECK(of("dense").size.parameters == 272474);
  CHECK(of("dense").size.nonzeros == 272474);
  CHECK(of("dense").size.multiply_adds == 40813184);
  CHECK(of("S3L3").size.nonzeros == 23162);
  CHECK(of("imp-24").size.nonzeros == 1278 + 272474 - 270896);
  CHECK(of("dense").trainings == 6);
  // 300 epochs of 14,000 images and a third of 1,000, six evaluations of 30,000 and two of 60,000 at a third, at 100
  // images a second.
  CHECK(of("dense").seconds == Approx(6 * (300 * (14000 + 1000 / 3.0) + 6 * 30000 / 3.0 + 2 * 60000 / 3.0) / 100));
}

TEST_CASE("networks have the inputs and classes of the study's images") {
  laboratory_on<exec::seq> const lab{exec::seq{}, "reference"};
  settings s;
  set(s, "data.source=cifar100");
  CHECK(lab.size_of(s, dense_configuration()).parameters == 278324);
  set(s, "data.source=mnist");
  CHECK(lab.size_of(s, dense_configuration()).parameters == 272474 - 2 * 9 * 16);  // two channels less
  // The archive's own images, none held back: three trainings of 300 epochs on 50,000 or 60,000 images.
  for (auto const& [source, images] : {std::pair("cifar100", 50000), std::pair("mnist", 60000)}) {
    auto archive = preset_settings("he2016");
    set(archive, "data.source", source);
    CHECK(estimate(archive, lab, 100.0).at(0).seconds == Approx(3.0 * 300 * images / 100));
  }
}

TEST_CASE("a training without validation images ends with its last epoch and states no validation accuracy") {
  auto s = preset_settings("smoke");
  for (auto const* change : {"data.subset=6", "data.validation=0", "train.batch=4", "data.source=synthetic"})
    set(s, change);
  laboratory_on<exec::seq> const lab{exec::seq{}, "reference"};
  auto const data = load_study_data(s, "");
  CHECK(data.split.target().trained.size() == 6);
  auto const plan = make_plan(s, data.identity());
  test::temporary_directory const here;
  observer watcher;
  auto const result = lab.train({&s, &plan.runs[0], &data, here.path(), {}, here / "features.npy"}, watcher, nullptr);
  CHECK(result.best_epoch == s.train.epochs - 1);
  CHECK(std::isnan(result.validation_accuracy));
  CHECK(result.curve.validation_accuracy.empty());
  CHECK(result.curve.train_accuracy.size() == 2);
  CHECK(result.train_loss > 0);
}

TEST_CASE("a network saved by PyTorch is evaluated, measured and made a butterfly") {
  test::temporary_directory const here;
  network_tools_on<exec::seq> const tools{exec::seq{}};
  auto const saved = std::filesystem::path(PAPILLON_GOLDEN_DIR) / "state_dict_projection.safetensors";
  auto const images = data::synthetic_images(6, 0);
  std::vector<std::uint32_t> some(images.size());
  std::iota(some.begin(), some.end(), 0u);
  auto const before = tools.evaluate(saved, images, some, {});
  CHECK(before.loss > 0);

  // Chains of one factor are the weights, in either order of the columns.
  for (auto const order : {nn::unfolding::channel_major, nn::unfolding::tap_major}) {
    auto const report = tools.factorize({saved, here / "one.safetensors", 3, 1, split_order::left_to_right, order});
    CHECK(report.layers.size() == 18);
    CHECK(report.parameters_after == report.parameters_before);
    for (auto const& layer : report.layers) CHECK(layer.relative_error < 1e-7);
    CHECK(tools.evaluate(here / "one.safetensors", images, some, {}).loss == Approx(before.loss).epsilon(1e-5));
  }
  auto const report = tools.factorize({saved, here / "two.safetensors", 1, 2});
  CHECK(report.layers.size() == 6);
  CHECK(report.parameters_after < report.parameters_before);
  for (auto const& layer : report.layers) CHECK(layer.relative_error == Approx(layer.least_error).epsilon(1e-6));
  CHECK_THROWS_WITH(
      tools.factorize({here / "two.safetensors", here / "again.safetensors"}), Catch::Contains("already has chains"));

  auto const samples = tools.measure(saved, images, {some, 4}, {}, {}, {1, 0, random::purpose::noise, 0});
  CHECK(samples.members == std::vector<std::uint8_t>{1, 1, 1, 1, 0, 0});
  CHECK(samples.width() == 30);

  auto hundred = images;
  hundred.classes = 100;
  CHECK_THROWS_WITH(tools.evaluate(saved, hundred, some, {}),
      Catch::Contains("is a network for other images (of 3 channels and 10 classes, these have 3 and 100)"));
}

TEST_CASE("the reference page names every key, its default and every preset") {
  std::string const page = reference_page();
  for (key const& k : schema()) CHECK_THAT(page, Catch::Contains("| `" + std::string(k.name) + "` |"));
  for (preset const& p : presets()) CHECK_THAT(page, Catch::Contains("### " + std::string(p.name)));
}
