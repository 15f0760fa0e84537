// SPDX-License-Identifier: MIT
#include <papillon/data/cifar10.hpp>

#include <string>

#include <catch2/catch.hpp>
#include <papillon/data/collection.hpp>
#include <papillon/data/synthetic.hpp>
#include <papillon/io/read_file.hpp>

#include "support/cifar10_files.hpp"
#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using data::cifar10_counts;
using data::read_cifar10;

namespace {
constexpr cifar10_counts small{.per_file = 5, .per_class = 3};

data::image_set thirty() { return data::synthetic_images(30, 1, {.label_noise = 0}); }
}  // namespace

TEST_CASE("the files are read in order, from their folder or the one above") {
  test::temporary_directory const directory;
  auto const set = thirty();
  test::write_cifar10(directory / "cifar-10-batches-bin", set, 5);
  for (auto const& path : {directory.path(), directory / "cifar-10-batches-bin"}) {
    auto const read = read_cifar10(path, small);
    CHECK(read.labels == set.labels);
    CHECK(read.pixels == set.pixels);
  }
}

TEST_CASE("anything but the whole data set is refused in one line that says what is wrong") {
  test::temporary_directory const directory;
  auto set = thirty();
  test::write_cifar10(directory.path(), set, 5);
  auto const refused = [&](cifar10_counts const& counts = small) {
    auto const text = test::error_text(errc::bad_input, [&] { (void)read_cifar10(directory.path(), counts); });
    CHECK_THAT(text, Catch::Contains(directory.path().string()));
    CHECK(text.find('\n') == std::string::npos);
    return text;
  };
  auto const third = directory / "data_batch_3.bin";
  auto const whole = io::read_file<std::string>(third);

  SECTION("missing altogether") {
    std::filesystem::remove(directory / "data_batch_1.bin");
    CHECK_THAT(refused(), Catch::Contains("no CIFAR-10 in") && Catch::Contains("scripts/fetch-cifar10"));
  }
  SECTION("one file missing") {
    std::filesystem::remove(third);
    CHECK_THAT(refused(), Catch::Contains("data_batch_3.bin") && Catch::Contains("no such file"));
  }
  SECTION("truncated") {
    io::write_atomically(third, whole.substr(0, whole.size() - 1));
    CHECK_THAT(refused(), Catch::Contains("data_batch_3.bin has 15364 bytes (5 records of 3073 bytes are 15365)"));
  }
  SECTION("a record short") {
    io::write_atomically(third, whole.substr(3073));
    CHECK_THAT(refused(), Catch::Contains("data_batch_3.bin has 12292 bytes"));
  }
  SECTION("empty") {
    io::write_atomically(third, "");
    CHECK_THAT(refused(), Catch::Contains("has 0 bytes"));
  }
  SECTION("too long") {
    io::write_atomically(third, whole + "x");
    CHECK_THAT(refused(), Catch::Contains("has 15366 bytes"));
  }
  SECTION("a label that does not exist") {
    auto bytes = whole;
    bytes[2 * 3073] = 10;
    io::write_atomically(third, bytes);
    CHECK_THAT(
        refused(), Catch::Contains("data_batch_3.bin is damaged (record 2 has the label 10, labels are 0 to 9)"));
  }
  SECTION("a label that is another's") {
    auto bytes = whole;
    bytes[0] = static_cast<char>((bytes[0] + 1) % 10);
    io::write_atomically(third, bytes);
    CHECK_THAT(refused(), Catch::Contains("class 0 has 2 images and should have 3"));
  }
  SECTION("a miniature in the place of the real one") {
    CHECK_THAT(refused({}), Catch::Contains("10000 records of 3073 bytes are 30730000"));
  }
}

TEST_CASE("the real CIFAR-10 is read, whole") {
  auto const path = test::real_cifar10();
  if (!path) return;
  auto const set = read_cifar10(*path);
  CHECK(set.size() == 60000);
  CHECK(set.pixels.size() == 60000u * 3072u);
  // The mean of the training images is what normalisation subtracts, to its four digits.
  double mean[3] = {};
  for (std::size_t i = 0; i < 50000; ++i) {
    auto const image = set.image(i);
    for (std::size_t k = 0; k < image.size(); ++k) mean[k / 1024] += image[k] / (255.0 * 1024 * 50000);
  }
  CHECK(mean[0] == Approx(0.4914).margin(6e-5));
  CHECK(mean[1] == Approx(0.4822).margin(6e-5));
  CHECK(mean[2] == Approx(0.4465).margin(6e-5));
  CHECK(data::collect(set).hash == data::cifar10_hash);
}
