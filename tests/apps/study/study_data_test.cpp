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

TEST_CASE("references are trained on complementary halves of all images of their role, as many as a target") {
  auto s = preset_settings("smoke");
  set(s, "data.subset=41");
  set(s, "data.validation=7");
  auto const d = load_study_data(s, "");
  auto const target = images_of(d, {role::target}, 1);
  CHECK(target.trained == d.split.target().trained);
  CHECK(target.test == d.split.target().test);
  auto pool = d.split.target().train();
  pool.insert(pool.end(), d.split.target().test.begin(), d.split.target().test.end());
  std::ranges::sort(pool);
  auto const all_of = [](cohort_images const& images) {
    auto all = images.trained;
    all.insert(all.end(), images.validation.begin(), images.validation.end());
    std::ranges::sort(all);
    return all;
  };
  std::set<data::index_list> halves;
  for (int k = 0; k < 4; k += 2) {
    auto const even = images_of(d, {role::target, k}, 1), odd = images_of(d, {role::target, k + 1}, 1);
    for (auto const* half : {&even, &odd}) {
      CHECK(half->trained.size() == 34);
      CHECK(half->validation.size() == 7);
      CHECK(std::ranges::is_sorted(half->trained));
      halves.insert(half->trained);
    }
    CHECK(even.test == all_of(odd));
    CHECK(odd.test == all_of(even));
    auto both = all_of(even);
    both.insert(both.end(), even.test.begin(), even.test.end());
    std::ranges::sort(both);
    CHECK(both == pool);
  }
  CHECK(halves.size() == 4);
  CHECK(images_of(d, {role::target, 0}, 2).trained != images_of(d, {role::target, 0}, 1).trained);
}

TEST_CASE("networks are asked about all images of the four parts, in order") {
  auto s = preset_settings("smoke");
  set(s, "data.subset=41");
  set(s, "data.validation=7");
  auto const d = load_study_data(s, "");
  auto const asked = asked_images(d.split);
  CHECK(asked.size() == 164);
  CHECK(std::ranges::is_sorted(asked));
  CHECK(std::set(asked.begin(), asked.end()).size() == 164);
}

TEST_CASE("normalisation is what the settings say") {
  settings s;
  set(s, "normalisation.mean=0,0.25,0.5");
  set(s, "normalisation.deviation=1,0.5,0.25");
  auto const n = normalisation_of(s);
  CHECK(n.apply<double>(1, 255) == 1.5);
  CHECK(n.apply<double>(2, 0) == -2);
}
