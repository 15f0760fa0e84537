// SPDX-License-Identifier: MIT
#include <study/study_data.hpp>

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>
#include <papillon/data/cifar10.hpp>
#include <papillon/data/synthetic.hpp>

#include <study/assign.hpp>
#include <study/image_kind.hpp>
#include <study/presets.hpp>

#include "support/archive_files.hpp"
#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

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

TEST_CASE("every source is read from its own files, and refused if they are others'") {
  test::temporary_directory const here;
  test::write_cifar100(here / "cifar-100-binary", 150, 50);
  test::write_mnist(here.path(), 13, 4);
  for (auto const* source : {"cifar10", "cifar100", "mnist"}) {
    settings s;
    set(s, "data.source", source);
    auto const text = test::error_text(errc::bad_input, [&] { (void)load_images(s, here.path()); });
    if (s.data.source == image_source::cifar10) CHECK_THAT(text, Catch::Contains("no CIFAR-10 in"));
    if (s.data.source == image_source::cifar100) CHECK_THAT(text, Catch::Contains("50000 records of 3074 bytes"));
    if (s.data.source == image_source::mnist) CHECK_THAT(text, Catch::Contains("is 13 and should be 60000"));
  }
}

TEST_CASE("the kinds of images are those that are read") {
  test::temporary_directory const here;
  test::write_cifar100(here.path(), 150, 50);
  test::write_mnist(here.path(), 13, 4);
  auto const check = [](image_source source, data::image_set const& set) {
    CHECK(kind_of(source).extent == set.extent);
    CHECK(kind_of(source).classes == set.classes);
  };
  check(image_source::cifar100, data::read_cifar100(here.path(), {.train = 150, .test = 50, .per_class = 2}));
  check(image_source::mnist, data::read_mnist(here.path(), {.train = 13, .test = 4}));
  check(image_source::synthetic, data::synthetic_images(1, 0));
  CHECK(kind_of(image_source::cifar10).name == "CIFAR-10");
  CHECK(kind_of(image_source::mnist).training == static_cast<int>(data::mnist_counts{}.train));
}

TEST_CASE("images are called by the data set's name only where they are its own") {
  auto s = preset_settings("smoke");
  data::collection c;
  c.hash = std::string(64, 'a');
  CHECK(images_name(s, c) == "built-in images");
  s.data.source = image_source::cifar100;
  CHECK(images_name(s, c) == "CIFAR-100");
  s.data.source = image_source::cifar10;
  CHECK(images_name(s, c) == "other images in the form of CIFAR-10 (data hash aaaaaaaa..., not c6bbdb02...)");
  c.hash = data::cifar10_hash;
  CHECK(images_name(s, c) == "CIFAR-10");
}
