// SPDX-License-Identifier: MIT
#include <papillon/data/mnist.hpp>

#include <catch2/catch.hpp>

#include "support/archive_files.hpp"
#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using data::mnist_counts;
using data::read_mnist;

namespace {
constexpr mnist_counts small{.train = 13, .test = 4};
}  // namespace

TEST_CASE("MNIST's images are one channel, padded with two black pixels a side") {
  test::temporary_directory const directory;
  test::write_mnist(directory / "MNIST" / "raw", 13, 4);
  for (auto const& path : {directory.path(), directory / "MNIST" / "raw"}) {
    auto const set = read_mnist(path, small);
    CHECK(set.classes == 10);
    CHECK(set.extent == shape{1, 32, 32});
    REQUIRE(set.size() == 17);
    REQUIRE(set.pixels.size() == 17 * 1024);
    for (std::size_t i = 0; i < set.size(); ++i) {
      CHECK(set.labels[i] == i % 10);
      auto const image = set.image(i);
      bool right = true;
      for (std::size_t y = 0; y < 32; ++y)
        for (std::size_t x = 0; x < 32; ++x) {
          bool const inside = y >= 2 && y < 30 && x >= 2 && x < 30;
          right = right && image[y * 32 + x] == (inside ? test::made_up_pixel(i, (y - 2) * 28 + x - 2) : 0);
        }
      CHECK(right);
    }
  }
}

TEST_CASE("MNIST's normalisation has one channel") {
  auto const n = data::mnist_normalisation();
  CHECK(n.table<double>().size() == 256);
  CHECK(n.apply<double>(0, 0) == Approx(-0.4242).margin(5e-5));
  CHECK(n.apply<double>(0, 255) == Approx(2.8215).margin(5e-5));
}

TEST_CASE("anything but the whole of MNIST is refused in one line that says what is wrong") {
  test::temporary_directory const directory;
  test::write_mnist(directory.path(), 13, 4);
  auto const refused = [&](mnist_counts const& counts = small) {
    auto const text = test::error_text(errc::bad_input, [&] { (void)read_mnist(directory.path(), counts); });
    CHECK_THAT(text, Catch::Contains(directory.path().string()));
    CHECK(text.find('\n') == std::string::npos);
    return text;
  };
  auto const images = directory / "train-images-idx3-ubyte", labels = directory / "t10k-labels-idx1-ubyte";
  auto const change = [](std::filesystem::path const& path, std::size_t at, int value) {
    auto bytes = io::read_file<std::string>(path);
    bytes[at] = static_cast<char>(value);
    io::write_atomically(path, bytes);
  };

  SECTION("missing altogether") {
    std::filesystem::remove(images);
    CHECK_THAT(refused(), Catch::Contains("no MNIST in") && Catch::Contains("unpack"));
  }
  SECTION("one file missing") {
    std::filesystem::remove(labels);
    CHECK_THAT(refused(), Catch::Contains("t10k-labels-idx1-ubyte") && Catch::Contains("no such file"));
  }
  SECTION("labels in the place of images") {
    change(images, 3, 1);
    CHECK_THAT(refused(), Catch::Contains("number 0 of its header is 2049 and should be 2051"));
  }
  SECTION("numbers of the other byte order") {
    change(images, 4, 13);
    change(images, 7, 0);
    CHECK_THAT(refused(), Catch::Contains("number 1 of its header is 218103808 and should be 13"));
  }
  SECTION("images of another size") {
    change(images, 11, 29);
    CHECK_THAT(refused(), Catch::Contains("number 2 of its header is 29 and should be 28"));
  }
  SECTION("truncated, or too long") {
    auto const bytes = io::read_file<std::string>(images);
    for (auto const& [damaged, size] : {std::pair(bytes.substr(0, bytes.size() - 1), "10207"),
             std::pair(bytes + "x", "10209"), std::pair(bytes.substr(0, 15), "15"), std::pair(std::string(), "0")}) {
      io::write_atomically(images, damaged);
      CHECK_THAT(refused(), Catch::Contains(message("has ", size, " bytes (it should have 10208)")));
    }
  }
  SECTION("a label that does not exist") {
    change(labels, 8 + 2, 10);
    CHECK_THAT(refused(), Catch::Contains("is damaged (image 2 has the label 10, labels are 0 to 9)"));
  }
  SECTION("a miniature in the place of the real one") {
    CHECK_THAT(refused({}), Catch::Contains("number 1 of its header is 13 and should be 60000"));
  }
}
