// SPDX-License-Identifier: MIT
#include <papillon/data/split.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <set>

#include <catch2/catch.hpp>
#include <papillon/data/cifar10.hpp>
#include <papillon/data/split_file.hpp>
#include <papillon/data/synthetic.hpp>

#include "support/cifar10_files.hpp"
#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using data::draw_split;
using data::index_list;
using data::split;

namespace {

data::collection const& images() {
  static auto const c = data::collect(data::synthetic_images(123, 9));
  return c;
}

void check_shape(split const& s, std::size_t n, std::size_t part, std::size_t validation) {
  std::vector<int> used(n);
  for (auto const& role : s.roles) {
    CHECK(role.trained.size() == part - validation);
    CHECK(role.validation.size() == validation);
    CHECK(role.test.size() == part);
    CHECK(role.strict_test.size() == part - validation);
    CHECK(role.train().size() == part);
    for (auto const* const list : {&role.trained, &role.validation, &role.test}) {
      CHECK(std::is_sorted(list->begin(), list->end()));
      for (auto const i : *list) {
        REQUIRE(i < n);
        ++used[i];
      }
    }
    CHECK(std::is_sorted(role.strict_test.begin(), role.strict_test.end()));
    CHECK(std::includes(role.test.begin(), role.test.end(), role.strict_test.begin(), role.strict_test.end()));
  }
  CHECK(*std::max_element(used.begin(), used.end()) == 1);
  CHECK(std::count(used.begin(), used.end(), 1) == static_cast<std::ptrdiff_t>(4 * part));
}

}  // namespace

TEST_CASE("four parts that do not meet, validation and strict selection of the right sizes") {
  check_shape(draw_split(images(), {.per_part = 30, .validation = 7}), 123, 30, 7);
  check_shape(draw_split(images(), {.per_part = 1, .validation = 0}), 123, 1, 0);
}

TEST_CASE("the seed decides the split, and roles have draws of their own") {
  data::split_options const o{.per_part = 30, .validation = 7, .seed = 3};
  auto const s = draw_split(images(), o);
  CHECK(s == draw_split(images(), o));
  auto other = o;
  other.seed = 4;
  CHECK(s.hash != draw_split(images(), other).hash);
  auto const places = [](index_list const& all, index_list const& some) {
    std::vector<std::ptrdiff_t> at;
    for (auto const i : some) at.push_back(std::lower_bound(all.begin(), all.end(), i) - all.begin());
    return at;
  };
  CHECK(places(s.target().train(), s.target().validation) != places(s.shadow().train(), s.shadow().validation));
  CHECK(places(s.target().test, s.target().strict_test) != places(s.shadow().test, s.shadow().strict_test));
}

TEST_CASE("validation does not move the four parts") {
  auto const a = draw_split(images(), {.per_part = 30, .validation = 7, .seed = 3});
  auto const b = draw_split(images(), {.per_part = 30, .validation = 2, .seed = 3});
  CHECK(a.target().train() == b.target().train());
  CHECK(a.shadow().test == b.shadow().test);
  CHECK(a.hash != b.hash);
}

TEST_CASE("over many seeds every image is in every part equally often") {
  int const seeds = 400;
  std::vector<double> count(123);
  for (int seed = 0; seed < seeds; ++seed) {
    auto const s = draw_split(images(), {.per_part = 30, .validation = 7, .seed = static_cast<std::uint64_t>(seed)});
    for (auto const i : s.shadow().test) count[i] += 1;
  }
  double const p = 30.0 / 123;
  for (double const c : count) CHECK(std::abs(c - seeds * p) < 5 * std::sqrt(seeds * p * (1 - p)));
}

TEST_CASE("the hash covers the images that are split, not their indices") {
  auto const s = draw_split(images(), {.per_part = 30, .validation = 7});
  auto changed = images().digests;
  auto const unused = [&] {  // an image in no part
    std::set<std::uint32_t> used;
    for (auto const& r : s.roles)
      for (auto const& list : {r.train(), r.test}) used.insert(list.begin(), list.end());
    std::uint32_t i = 0;
    while (used.contains(i)) ++i;
    return i;
  }();
  changed[unused][0] ^= 1;
  CHECK(split_hash(s, changed) == s.hash);
  changed[s.shadow().validation[0]][31] ^= 1;
  CHECK(split_hash(s, changed) != s.hash);
}

TEST_CASE("sizes that the images cannot fill are refused") {
  auto const refused = [](data::split_options const& o) {
    return test::error_text(errc::usage, [&] { (void)draw_split(images(), o); });
  };
  CHECK_THAT(refused({.per_part = 31, .validation = 1}), Catch::Contains("cannot split 123 images (4 parts of 31"));
  CHECK_THAT(refused({.per_part = 0, .validation = 0}), Catch::Contains("4 parts of 0"));
  CHECK_THAT(refused({.per_part = 30, .validation = 30}), Catch::Contains("30 validation images"));
}

TEST_CASE("the usual split trains on the first images of the source and tests on the others") {
  auto const s = data::usual_split(images(), 100, 9, 1);
  CHECK(s.target().trained.size() == 91);
  CHECK(s.target().validation.size() == 9);
  CHECK(s.target().test.size() == 23);
  CHECK(s.target().strict_test == s.target().test);
  CHECK(s.shadow() == split::role{});
  for (auto const i : s.target().train()) CHECK(images().source[i] < 100);
  for (auto const i : s.target().test) CHECK(images().source[i] >= 100);
  CHECK_THAT(test::error_text(
                 errc::usage, [] { (void)data::usual_split(images(), 124, 0); }),
      Catch::Contains("124"));
  CHECK_THAT(
      test::error_text(errc::usage, [] { (void)data::usual_split(images(), 9, 9); }), Catch::Contains("validation"));
}

TEST_CASE("a stored split comes back, for the same images only") {
  test::temporary_directory const directory;
  auto const path = directory / "split.safetensors";
  auto const s = draw_split(images(), {.per_part = 30, .validation = 7});
  write_split(path, s);
  CHECK(data::read_split(path, images()) == s);
  auto const others = data::collect(data::synthetic_images(123, 10));
  CHECK_THAT(test::error_text(errc::bad_input, [&] { (void)data::read_split(path, others); }),
      Catch::Contains("splits other images"));
}

TEST_CASE("a stored split that was tampered with is refused") {
  test::temporary_directory const directory;
  auto const path = directory / "split.safetensors";
  auto const s = draw_split(images(), {.per_part = 30, .validation = 7});
  auto const refused = [&](split const& bad) {
    write_split(path, bad);
    auto const text = test::error_text(errc::bad_input, [&] { (void)data::read_split(path, images()); });
    CHECK_THAT(text, Catch::StartsWith(path.string()));
    return text;
  };
  auto bad = s;
  bad.roles[0].test[29] = 123;
  CHECK_THAT(refused(bad), Catch::Contains("target.test names image 123 of 123"));
  bad = s;
  std::swap(bad.roles[1].trained[0], bad.roles[1].trained[1]);
  CHECK_THAT(refused(bad), Catch::Contains("shadow.trained is not in ascending order"));
  bad = s;
  bad.roles[1].test = bad.roles[0].test;
  CHECK_THAT(refused(bad), Catch::Contains("is in two parts"));
  bad = s;
  bad.roles[0].strict_test = bad.roles[0].trained;
  CHECK_THAT(refused(bad), Catch::Contains("not from D_test"));
  bad = s;
  bad.roles[0].validation.pop_back();
  CHECK_THAT(refused(bad), Catch::Contains("do not have the hash"));
  io::safetensors other;
  other.metadata = {{"format", "papillon checkpoint"}};
  other.write(path);
  CHECK_THAT(test::error_text(errc::bad_input, [&] { (void)data::read_split(path, images()); }),
      Catch::Contains("holds no split"));
}

TEST_CASE("the real CIFAR-10 is split into four parts of 15,000, the same ones for ever") {
  auto const path = test::real_cifar10();
  if (!path) return;
  auto const start = std::chrono::steady_clock::now();
  auto const c = data::collect(data::read_cifar10(*path));
  auto const s = draw_split(c);
  std::cout << "read, hash and split 60,000 images: "
            << std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() << " s\n";
  check_shape(s, 60000, 15000, 1000);
  // not stratified: the classes of a part of 15,000 are hypergeometric, 1500 +- 32
  for (auto const& list : {s.target().train(), s.target().test, s.shadow().train(), s.shadow().test}) {
    std::array<double, 10> count{};
    for (auto const i : list) count[c.images.labels[i]] += 1;
    for (double const k : count) CHECK(std::abs(k - 1500) < 5 * 31.9);
  }
  CHECK(c.hash == "c6bbdb02e54b3015490d04260327f5ba68ce7176dc8f2cafaf6eed09a788fd18");
  CHECK(s.hash == "39fdb8e758514ce10d54d317b8b0ed5a691ef1a96b0ac883acbdd19eac97fbce");
}
