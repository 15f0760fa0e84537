// SPDX-License-Identifier: MIT
// Attacks of the list on outputs that are made up.
#include <study/listed_attack.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <papillon/io/npy.hpp>
#include <papillon/random/distributions.hpp>
#include <xtensor/xtensor.hpp>

#include <study/presets.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// A study's images, and networks whose logits are noise, higher by `lead` at the label of an image they were trained
/// on.
struct made_up_networks {
  test::temporary_directory here;
  settings s = preset_settings("smoke");
  study_data data = load_study_data(s, "");
  attack_inputs in;

  explicit made_up_networks(float lead, std::uint64_t draw = 0) : draw_(draw) {
    in.settings = &s;
    in.data = &data;
    in.seed = 1;
    for (std::size_t r = 0; r < 2; ++r) {
      in.outputs[r] = answer(static_cast<role>(r) == role::target ? "target" : "shadow", {static_cast<role>(r)}, lead);
      in.of_role[r] = {in.outputs[r]};
    }
    for (int k = 0; k < 8; ++k) in.references.push_back(answer(message("reference-", k), {role::target, k}, lead));
  }
  fs::path answer(std::string const& name, cohort const& who, float lead) const {
    auto const images = asked_images(data.split);
    auto const trained = images_of(data, who, 1).trained;
    auto logits = xt::xtensor<float, 3>::from_shape({1, images.size(), 10});
    random::engine noise(
        {static_cast<std::uint64_t>(who.reference + 2) + 100 * draw_, static_cast<std::uint32_t>(who.role)});
    for (std::size_t i = 0; i < images.size(); ++i) {
      for (std::size_t c = 0; c < 10; ++c) logits(0, i, c) = static_cast<float>(random::normal<double>(noise));
      if (std::ranges::binary_search(trained, images[i])) logits(0, i, data.images().labels[images[i]]) += lead;
    }
    fs::create_directories(here / name);
    auto const file = here / name / "outputs.npy";
    io::write_npy(file, logits);
    return file;
  }

 private:
  std::uint64_t draw_;
};

}  // namespace

TEST_CASE("thresholds for every class are judged on images that had no say in them") {
  // Of networks that know nothing. Ten thresholds that are best on six members and six others each look right on over
  // 60 % of these very images.
  constexpr int draws = 8;
  double sum = 0;
  for (std::uint64_t draw = 1; draw <= draws; ++draw) {
    made_up_networks guessing(0, draw);
    guessing.s.attack.fit_fraction = 0.5;
    auto const found = run_listed_attack("class-loss", guessing.in).result.experiments;
    for (auto const& e : found) sum += e.holdout_accuracy;
  }
  double const three_sigma = 3 * 50 / std::sqrt(2.0 * draws * 64);  // 64 images judge on each side
  CHECK(std::abs(sum / (2 * draws) - 50) < three_sigma);
}

TEST_CASE("a reference that is the attacked network is named, and LiRA finds what it was told") {
  auto const lira = [](made_up_networks const& t) { return run_listed_attack("lira-online", t.in); };
  auto const make_copy = [](made_up_networks& t) {
    auto const half = images_of(t.data, {role::target, 0}, 1);
    auto& target = t.data.split.roles[0];
    target.trained = half.trained;
    target.validation = half.validation;
    target.test = half.test;
    target.strict_test.assign(half.test.begin(), half.test.begin() + static_cast<std::ptrdiff_t>(half.trained.size()));
    REQUIRE(images_of(t.data, {role::target, 0}, 1).trained == half.trained);
    t.in.outputs[0] = t.in.references[0];
  };
  auto const area = [](attack_outcome const& found) { return found.result.experiments.at(0).auc; };

  made_up_networks forgetful(0);
  auto const honest = lira(forgetful);
  CHECK(honest.notes.empty());
  CHECK(std::abs(area(honest) - 0.5) < 3 * honest.result.experiments.at(0).auc_error);
  make_copy(forgetful);
  auto const told = lira(forgetful);
  REQUIRE(told.notes.size() == 1);
  CHECK_THAT(told.notes[0], Contains("reference 0 (reference-0)") && Contains("the same network"));
  CHECK(area(told) > 0.5 + 3 * told.result.experiments.at(0).auc_error);

  made_up_networks mindful(4);
  make_copy(mindful);
  CHECK(area(lira(mindful)) > 0.98);
}

TEST_CASE("a network of the other role that is the attacked network is named") {
  made_up_networks t(2);
  for (auto const* name : {"calibrated", "rmia", "lira-offline"}) CHECK(run_listed_attack(name, t.in).notes.empty());
  t.in.of_role[1].push_back(t.in.outputs[0]);
  for (auto const* name : {"calibrated", "rmia", "lira-offline"}) {
    auto const notes = run_listed_attack(name, t.in).notes;
    REQUIRE(notes.size() == 1);
    CHECK_THAT(notes[0], Contains("reference 1 (target)"));
  }
}

TEST_CASE("the threshold of an attack with references is learned where two of either side are left for it") {
  made_up_networks t(2);
  CHECK(run_listed_attack("student", t.in).result.experiments.at(0).holdout_accuracy > 60);
  t.in.references.resize(4);
  for (auto const* name : {"lira-online", "student", "rmia-online"}) {
    auto const e = run_listed_attack(name, t.in).result.experiments.at(0);
    CHECK(is_missing(e.holdout_accuracy));
    CHECK(e.accuracy > 60);
  }
}
