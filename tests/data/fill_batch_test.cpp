// SPDX-License-Identifier: MIT
#include <papillon/data/batches.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <vector>

#include <catch2/catch.hpp>
#include <papillon/data/epoch_order.hpp>
#include <papillon/data/synthetic.hpp>

using namespace papillon;
using data::augmentation;
using data::fill_batch;
using data::image_set;
using data::normalisation;

namespace {

image_set const& images() {
  static auto const set = data::synthetic_images(61, 2);
  return set;
}

std::vector<std::uint32_t> some_indices(std::size_t n) {
  std::vector<std::uint32_t> indices(n);
  for (std::size_t i = 0; i < n; ++i) indices[i] = static_cast<std::uint32_t>((i * 23 + 5) % images().size());
  return indices;
}

augmentation some_augmentation(std::uint32_t epoch = 3) {
  return {{.seed = 8, .role = 1, .what = random::purpose::augmentation, .round = 2}, epoch};
}

/// A tensor of NaN, so that what is not written shows.
template <class T, int Lanes> tensor<T, Lanes> unwritten(std::size_t n) {
  tensor<T, Lanes> x(data::cifar_extent, static_cast<int>(n));
  std::ranges::fill(x.storage(), std::numeric_limits<T>::quiet_NaN());
  return x;
}

template <class T, int Lanes> void check_policies_agree() {
  for (std::size_t const n : {1u, 17u, 40u}) {
    auto const indices = some_indices(n);
    for (bool const augmented : {false, true}) {
      auto const augment = augmented ? std::optional(some_augmentation()) : std::nullopt;
      auto a = unwritten<T, Lanes>(n);
      fill_batch(exec::seq{}, images(), indices, {}, augment, a.view());
      for (int const threads : {1, 2, 5}) {
        auto b = unwritten<T, Lanes>(n);
        fill_batch(exec::omp{.threads = threads}, images(), indices, {}, augment, b.view());
        CHECK(std::ranges::equal(a.storage(), b.storage()));
      }
      auto one_lane = unwritten<T, 1>(n);
      fill_batch(exec::seq{}, images(), indices, {}, augment, one_lane.view());
      for (int i = 0; i < static_cast<int>(n); ++i)
        for (int r = 0; r < data::cifar_extent.size(); ++r) REQUIRE(a.view().at(i, r) == one_lane.view().at(i, r));
      for (int i = static_cast<int>(n); i < a.view().blocks() * Lanes; ++i)
        for (int r = 0; r < data::cifar_extent.size(); ++r) REQUIRE(a.view().at(i, r) == T(0));
    }
  }
}

}  // namespace

TEST_CASE("every policy, lane count and number of threads writes the same bits, and zero into padding lanes") {
  check_policies_agree<float, 4>();
  check_policies_agree<float, 8>();
  check_policies_agree<float, 16>();
  check_policies_agree<float, 32>();
  check_policies_agree<double, 2>();
  check_policies_agree<double, 8>();
}

TEST_CASE("images of any width are filled alike by every policy") {
  for (shape const extent : {shape{3, 5, 3}, shape{1, 2, 33}, shape{2, 1, 260}}) {
    image_set set{.extent = extent, .classes = 1};
    std::size_t const n = 9;
    set.labels.resize(n);
    for (std::size_t i = 0; i < n * set.image_bytes(); ++i)
      set.pixels.push_back(static_cast<std::uint8_t>(i * 37 + 11));
    std::vector<std::uint32_t> const indices{8, 1, 1, 0, 5};
    for (auto const& augment : {std::optional<augmentation>(), std::optional(some_augmentation())}) {
      tensor<float, 4> a(extent, 5), b(extent, 5);
      std::ranges::fill(b.storage(), std::numeric_limits<float>::quiet_NaN());
      fill_batch(exec::seq{}, set, indices, {}, augment, a.view());
      fill_batch(exec::omp{.threads = 2}, set, indices, {}, augment, b.view());
      CHECK(std::ranges::equal(a.storage(), b.storage()));
    }
  }
}

TEST_CASE("a row-major feature x image matrix is filled in place and not beyond") {
  std::size_t const n = 5, leading = 7;
  auto const indices = some_indices(n);
  auto const rows = static_cast<std::size_t>(data::cifar_extent.size());
  auto x = unwritten<float, 4>(n);
  fill_batch(exec::seq{}, images(), indices, {}, some_augmentation(), x.view());
  auto const check = [&](auto policy) {
    std::vector<float> matrix(rows * leading, -77.F);
    tensor_view<float, 4> const view(matrix.data(), data::cifar_extent, static_cast<int>(n), leading, 4, false);
    fill_batch(policy, images(), indices, {}, some_augmentation(), view);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t i = 0; i < leading; ++i)
        REQUIRE(matrix[r * leading + i] == (i < n ? x.at(static_cast<int>(i), static_cast<int>(r / 1024),
                                                        static_cast<int>(r / 32 % 32), static_cast<int>(r % 32))
                                                  : -77.F));
  };
  check(exec::seq{});
  check(exec::omp{.threads = 2});
}

TEST_CASE("without augmentation a value is (byte / 255 - mean) / deviation of its channel") {
  normalisation const norm{{0.5, 0.25, 0.125}, {0.25, 0.5, 2.0}};
  std::vector<std::uint32_t> const indices{60, 0};
  auto x = unwritten<double, 8>(2);
  fill_batch(exec::omp{}, images(), indices, norm, std::nullopt, x.view());
  auto const byte = [&](std::size_t i, std::size_t c, std::size_t y, std::size_t column) {
    return double(images().pixels[i * 3072 + c * 1024 + y * 32 + column]);
  };
  CHECK(x.at(0, 0, 3, 31) == Approx((byte(60, 0, 3, 31) / 255 - 0.5) / 0.25).epsilon(1e-14));
  CHECK(x.at(0, 1, 31, 0) == Approx((byte(60, 1, 31, 0) / 255 - 0.25) / 0.5).epsilon(1e-14));
  CHECK(x.at(1, 2, 7, 9) == Approx((byte(0, 2, 7, 9) / 255 - 0.125) / 2).epsilon(1e-14));
}

TEST_CASE("a window that leaves the image sees normalised black, and mirroring comes after the crop") {
  image_set ramp;  // red = 10 + column, green = 10 + row, blue = 200
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < 32; ++y)
      for (int column = 0; column < 32; ++column)
        ramp.pixels.push_back(static_cast<std::uint8_t>(c == 0 ? 10 + column : c == 1 ? 10 + y : 200));
  }
  ramp.labels = {0};
  std::vector<std::uint32_t> const indices{0};
  std::set<std::tuple<int, int, bool>> seen;
  for (std::uint32_t epoch = 0; epoch < 2000; ++epoch) {
    auto const augment = some_augmentation(epoch);
    auto const p = augment.of(0);
    if (!seen.insert({p.dy, p.dx, p.mirrored}).second) continue;
    auto x = unwritten<float, 4>(1);
    fill_batch(exec::omp{.threads = 1}, ramp, indices, {}, augment, x.view());
    for (int y = 0; y < 32; ++y) {
      for (int column = 0; column < 32; ++column) {
        int const from_y = y + p.dy, from_x = (p.mirrored ? 31 - column : column) + p.dx;
        bool const black = from_y < 0 || from_y > 31 || from_x < 0 || from_x > 31;
        float const red = static_cast<float>(((black ? 0 : 10 + from_x) / 255.0 - 0.4914) / 0.2470);
        float const green = static_cast<float>(((black ? 0 : 10 + from_y) / 255.0 - 0.4822) / 0.2435);
        REQUIRE(x.at(0, 0, y, column) == red);
        REQUIRE(x.at(0, 1, y, column) == green);
      }
    }
  }
  CHECK(seen.size() == 9 * 9 * 2);  // every placement occurs: 2000 draws miss one of 162 with probability below 0.001
}

TEST_CASE("placements are uniform, and independent from image to image and epoch to epoch") {
  int const n = 16200;
  std::vector<double> count(162);
  int same_next_image = 0, same_next_epoch = 0;
  auto const key = [](augmentation::placement p) {
    return static_cast<std::size_t>(((p.dy + 4) * 9 + p.dx + 4) * 2 + p.mirrored);
  };
  for (int i = 0; i < n; ++i) {
    auto const image = static_cast<std::uint64_t>(i);
    auto const k = key(some_augmentation().of(image));
    count[k] += 1;
    same_next_image += k == key(some_augmentation().of(image + 1));
    same_next_epoch += k == key(some_augmentation(4).of(image));
  }
  double chi2 = 0;
  for (double const c : count) chi2 += (c - 100) * (c - 100) / 100;
  CHECK(std::abs(chi2 - 161) < 5 * std::sqrt(2.0 * 161));
  CHECK(std::abs(same_next_image - 100) < 50);  // 5 sqrt(n / 162)
  CHECK(std::abs(same_next_epoch - 100) < 50);
}

TEST_CASE("an image is augmented alike in whatever batch and place it comes") {
  auto const all = some_indices(40);
  auto whole = unwritten<float, 16>(40);
  fill_batch(exec::omp{.threads = 2}, images(), all, {}, some_augmentation(), whole.view());
  auto part = unwritten<float, 8>(3);
  fill_batch(exec::omp{.threads = 2}, images(), std::span(all).subspan(21, 3), {}, some_augmentation(), part.view());
  for (int i = 0; i < 3; ++i)
    for (int r = 0; r < data::cifar_extent.size(); ++r) REQUIRE(part.view().at(i, r) == whole.view().at(21 + i, r));
}

TEST_CASE("an epoch's order is a permutation of its images, another one each epoch and role") {
  std::vector<std::uint32_t> list(101);
  std::iota(list.begin(), list.end(), 1000u);
  random::stream const s{.seed = 1, .what = random::purpose::order};
  auto const a = data::epoch_order(s, 0, list), b = data::epoch_order(s, 1, list);
  CHECK(a == data::epoch_order(s, 0, list));
  CHECK(a != b);
  auto shadow = s;
  shadow.role = 1;
  CHECK(a != data::epoch_order(shadow, 0, list));
  CHECK(std::is_permutation(a.begin(), a.end(), list.begin()));
  CHECK(std::is_permutation(b.begin(), b.end(), list.begin()));
  CHECK(data::epoch_order(s, 0, {}).empty());
}
