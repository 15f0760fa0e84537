// SPDX-License-Identifier: MIT
#include <study/study_data.hpp>

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include <study/assign.hpp>
#include <study/presets.hpp>

using namespace papillon;
using namespace papillon::study;

TEST_CASE("the built-in images are drawn and split as the settings say") {
  auto s = preset_settings("smoke");
  set(s, "data.subset=41");
  set(s, "data.validation=7");
  auto const d = load_study_data(s, "not used");
  CHECK(d.images().size() == 164);
  for (auto const& r : d.split.roles) {
    CHECK(r.trained.size() == 34);
    CHECK(r.validation.size() == 7);
    CHECK(r.test.size() == 41);
  }
  CHECK(load_study_data(s, "").identity().split == d.identity().split);
  set(s, "data.split_seed=2");
  CHECK(load_study_data(s, "").identity().split != d.identity().split);
  CHECK(load_study_data(s, "").identity().images == d.identity().images);
  set(s, "data.synthetic_noise=0.2");
  CHECK(load_study_data(s, "").identity().images != d.identity().images);
}

TEST_CASE("an attack looks at D_train and D_test, and strictly at the trained images and as many of D_test") {
  auto s = preset_settings("smoke");
  set(s, "data.subset=41");
  set(s, "data.validation=7");
  auto const d = load_study_data(s, "");
  data::split::role const& r = d.split.shadow();
  auto const [images, members] = attacked_images_of(r);
  CHECK(members == 41);
  REQUIRE(images.size() == 82);
  auto const is_in = [](data::index_list const& list, std::uint32_t i) {
    return std::find(list.begin(), list.end(), i) != list.end();
  };
  for (std::size_t i = 0; i < images.size(); ++i) CHECK(is_in(r.test, images[i]) == (i >= members));

  auto const rows = strict_rows(r);
  CHECK(rows.size() == 68);
  CHECK(std::count_if(rows.begin(), rows.end(), [&](std::uint32_t row) { return row < 41; }) == 34);
  for (auto const row : rows) CHECK(is_in(row < 41 ? r.trained : r.strict_test, images[row]));
  CHECK(std::set(rows.begin(), rows.end()).size() == rows.size());
}

TEST_CASE("normalisation is what the settings say") {
  settings s;
  set(s, "normalisation.mean=0,0.25,0.5");
  set(s, "normalisation.deviation=1,0.5,0.25");
  auto const n = normalisation_of(s);
  CHECK(n.apply<double>(1, 255) == 1.5);
  CHECK(n.apply<double>(2, 0) == -2);
}
