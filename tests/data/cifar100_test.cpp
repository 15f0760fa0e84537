// SPDX-License-Identifier: MIT
#include <papillon/data/cifar100.hpp>

#include <catch2/catch.hpp>
#include <papillon/io/read_file.hpp>

#include "support/archive_files.hpp"
#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using data::cifar100_counts;
using data::read_cifar100;

namespace {
constexpr cifar100_counts small{.train = 150, .test = 50, .per_class = 2};
}  // namespace

TEST_CASE("the fine labels are the classes, training images come first") {
  test::temporary_directory const directory;
  test::write_cifar100(directory / "cifar-100-binary", 150, 50);
  for (auto const& path : {directory.path(), directory / "cifar-100-binary"}) {
    auto const set = read_cifar100(path, small);
    CHECK(set.classes == 100);
    CHECK(set.extent == data::cifar_extent);
    REQUIRE(set.size() == 200);
    REQUIRE(set.pixels.size() == 200 * 3072);
    for (std::size_t const i : {0U, 99U, 149U, 150U, 199U}) {
      CHECK(set.labels[i] == i % 100);
      CHECK(set.image(i)[0] == test::made_up_pixel(i, 0));
      CHECK(set.image(i)[3071] == test::made_up_pixel(i, 3071));
    }
  }
}

TEST_CASE("anything but the whole of CIFAR-100 is refused in one line that says what is wrong") {
  test::temporary_directory const directory;
  test::write_cifar100(directory.path(), 150, 50);
  auto const refused = [&](cifar100_counts const& counts = small) {
    auto const text = test::error_text(errc::bad_input, [&] { (void)read_cifar100(directory.path(), counts); });
    CHECK_THAT(text, Catch::Contains(directory.path().string()) && Catch::Contains("cifar-100-binary"));
    CHECK(text.find('\n') == std::string::npos);
    return text;
  };
  auto const train = directory / "train.bin";
  auto bytes = io::read_file<std::string>(train);

  SECTION("missing altogether") {
    std::filesystem::remove(train);
    CHECK_THAT(refused(), Catch::Contains("no CIFAR-100 in"));
  }
  SECTION("truncated") {
    io::write_atomically(train, bytes.substr(1));
    CHECK_THAT(refused(), Catch::Contains("train.bin has 461099 bytes (150 records of 3074 bytes are 461100)"));
  }
  SECTION("a coarse label that does not exist") {
    bytes[2 * 3074] = 20;
    io::write_atomically(train, bytes);
    CHECK_THAT(refused(), Catch::Contains("record 2 has the label 20, labels are 0 to 19"));
  }
  SECTION("a class that does not exist") {
    bytes[3 * 3074 + 1] = 100;
    io::write_atomically(train, bytes);
    CHECK_THAT(refused(), Catch::Contains("record 3 has the label 100, labels are 0 to 99"));
  }
  SECTION("a class that is another's") {
    bytes[1] = 7;
    io::write_atomically(train, bytes);
    CHECK_THAT(refused(), Catch::Contains("are not CIFAR-100's (class 0 has 1 images and should have 2)"));
  }
  SECTION("a miniature in the place of the real one") {
    CHECK_THAT(refused({}), Catch::Contains("50000 records of 3074 bytes are 153700000"));
  }
}
