// SPDX-License-Identifier: MIT
#include <papillon/data/collection.hpp>

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>
#include <papillon/data/synthetic.hpp>

using namespace papillon;
using data::collect;
using data::image_set;

namespace {
image_set reordered(image_set const& set, std::vector<std::size_t> const& order) {
  image_set out;
  for (std::size_t const i : order) {
    out.labels.push_back(set.labels[i]);
    auto const image = set.image(i);
    out.pixels.insert(out.pixels.end(), image.begin(), image.end());
  }
  return out;
}
}  // namespace

TEST_CASE("any order of the images gives the same collection, and source leads back") {
  auto const set = data::synthetic_images(37, 5);
  auto const c = collect(set);
  CHECK(std::is_sorted(c.digests.begin(), c.digests.end()));
  std::vector<std::size_t> order(set.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = (i * 11 + 3) % order.size();
  auto const d = collect(reordered(set, order));
  CHECK(d.images.labels == c.images.labels);
  CHECK(d.images.pixels == c.images.pixels);
  CHECK(d.digests == c.digests);
  CHECK(d.hash == c.hash);
  for (std::size_t i = 0; i < set.size(); ++i) {
    CHECK(std::ranges::equal(c.images.image(i), set.image(c.source[i])));
    CHECK(c.images.labels[i] == set.labels[c.source[i]]);
    CHECK(order[d.source[i]] == c.source[i]);
  }
}

TEST_CASE("a digest is that of the label byte and the pixels; the hash that of the digests in order") {
  auto const c = collect(data::synthetic_images(2, 5));
  std::vector<std::uint8_t> record{c.images.labels[1]};
  record.insert(record.end(), c.images.pixels.begin() + 3072, c.images.pixels.end());
  CHECK(c.digests[1] == io::sha256_of(std::span<std::uint8_t const>(record)));
  std::vector<std::uint8_t> all(c.digests[0].begin(), c.digests[0].end());
  all.insert(all.end(), c.digests[1].begin(), c.digests[1].end());
  CHECK(c.hash == io::sha256_hex(std::span<std::uint8_t const>(all)));
}

TEST_CASE("one changed pixel or label changes the hash; no images and equal images are allowed") {
  auto const set = data::synthetic_images(11, 5);
  auto const hash = collect(set).hash;
  auto changed = set;
  changed.pixels.back() ^= 1;
  CHECK(collect(changed).hash != hash);
  changed = set;
  changed.labels[4] = static_cast<std::uint8_t>((changed.labels[4] + 1) % 10);
  CHECK(collect(changed).hash != hash);
  CHECK(collect({}).images.size() == 0);
  CHECK(collect(reordered(set, {1, 1, 1})).source == std::vector<std::uint32_t>{0, 1, 2});
}

TEST_CASE("a collection has the shape and the classes of its images") {
  data::image_set set{.extent = {1, 2, 3}, .classes = 100, .pixels = std::vector<std::uint8_t>(12), .labels = {99, 0}};
  set.pixels[4] = 1;
  auto const c = collect(set);
  CHECK(c.images.extent == set.extent);
  CHECK(c.images.classes == 100);
  for (std::size_t i = 0; i < 2; ++i) CHECK(std::ranges::equal(c.images.image(i), set.image(c.source[i])));
}
