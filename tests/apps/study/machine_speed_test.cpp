// SPDX-License-Identifier: MIT
#include <study/machine_speed.hpp>

#include <utility>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;
using papillon::test::temporary_directory;

namespace {

std::vector<std::pair<int, int>> numbers(std::vector<way_to_share> const& ways) {
  std::vector<std::pair<int, int>> all;
  for (auto const& way : ways) all.emplace_back(way.workers, way.threads);
  return all;
}

/// Two networks: four workers train the first fastest, two the second.
machine_speed measured() {
  return {"papillon 1, this compiler", 4, {"dense", "S3L2"},
      {{1, 4, {1000, 2000}}, {2, 2, {1100, 2600}}, {4, 1, {1200, 2300}}}};
}

}  // namespace

TEST_CASE("a machine is shared out by halves, down to a thread a worker") {
  using pairs = std::vector<std::pair<int, int>>;
  CHECK(numbers(ways_to_share(1)) == pairs{{1, 1}});
  CHECK(numbers(ways_to_share(2)) == pairs{{1, 2}, {2, 1}});
  CHECK(numbers(ways_to_share(6)) == pairs{{1, 6}, {2, 3}, {4, 1}, {6, 1}});
  CHECK(numbers(ways_to_share(8)) == pairs{{1, 8}, {2, 4}, {4, 2}, {8, 1}});
}

TEST_CASE("the fastest way is so for all networks together, among those that fit") {
  auto m = measured();
  CHECK(fastest_way(m, 4).workers == 2);  // 1100 * 2600 > 1200 * 2300
  CHECK(fastest_way(m, 1).workers == 1);
  CHECK_THROWS_AS(fastest_way(m, 0), error);
  m.ways[2].images_per_second = {1100, 2600};
  CHECK(fastest_way(m, 4).workers == 2);  // of equally fast ones that of the fewest
  m.ways[2].images_per_second = {1100, 2601};
  CHECK(fastest_way(m, 4).workers == 4);
}

TEST_CASE("what was measured is kept, and is of the program, processors and networks that it names") {
  temporary_directory const here;
  auto const file = speed_file(here.path(), "node-3");
  CHECK(file.filename() == "speed-node-3.json");
  CHECK_FALSE(read_machine_speed(file));
  write_machine_speed(file, measured());
  auto const kept = read_machine_speed(file);
  REQUIRE(kept);
  CHECK(*kept == measured());

  auto now = measured();
  now.ways.clear();
  CHECK(is_of(*kept, now));
  for (int what = 0; what < 3; ++what) {
    auto other = now;
    if (what == 0) other.build += "2";
    if (what == 1) other.processors = 2;
    if (what == 2) other.networks.pop_back();
    CHECK_FALSE(is_of(*kept, other));
  }
}

TEST_CASE("a file of speeds that cannot be used is as none") {
  temporary_directory const here;
  auto const file = speed_file(here.path(), "h");
  for (auto const* text :
      {"", "[]", "{}", R"({"build": "b", "processors": 1, "networks": ["n"], "ways": []})",
          R"({"build": "b", "processors": 1, "networks": ["n"], "ways": [{"workers": 1, "threads": 1, "images_per_second": []}]})",
          R"({"build": "b", "processors": 1, "networks": ["n"], "ways": [{"workers": 1, "threads": 1, "images_per_second": [0]}]})",
          R"({"build": "b", "processors": 1, "networks": ["n"], "ways": [{"workers": 0, "threads": 1, "images_per_second": [1]}]})",
          R"({"build": "b", "processors": "1", "networks": ["n"], "ways": [{"workers": 1, "threads": 1, "images_per_second": [1]}]})"}) {
    io::write_atomically(file, std::string(text));
    CHECK_FALSE(read_machine_speed(file));
  }
  io::write_atomically(file,
      std::string(
          R"({"build": "b", "processors": 1, "networks": ["n"], "ways": [{"workers": 1, "threads": 1, "images_per_second": [1]}]})"));
  CHECK(read_machine_speed(file));
}
