// SPDX-License-Identifier: MIT
/// \file collection.hpp
/// A set of images in an order of its own: sorted by the SHA-256 of their records (label byte, then pixels), so that
/// any order of an archive gives the same collection. Everywhere else "index of an image" means its place here: in
/// splits, in batches and as the item of a random stream. The hash of the collection is the SHA-256 of its digests in
/// order.
#pragma once

#include <algorithm>
#include <utility>

#include <papillon/data/image_set.hpp>
#include <papillon/io/sha256.hpp>

namespace papillon::inline PAPILLON_ISA::data {

struct collection {
  image_set images;                        ///< ascending by digest
  std::vector<io::sha256_digest> digests;  ///< of the images' records
  std::vector<std::uint32_t> source;       ///< place of each image in the set it came from
  std::string hash;                        ///< 64 hexadecimal digits, "the data hash"
};

/// Sorts the images. Equal records keep their order, which nothing but `source` can tell.
[[nodiscard]] inline collection collect(image_set const& set) {
  io::sha256 hash;
  std::vector<std::pair<io::sha256_digest, std::uint32_t>> order;
  for (std::uint32_t i = 0; i < set.size(); ++i)
    order.emplace_back(hash.update(std::span(set.labels).subspan(i, 1)).update(set.image(i)).finish(), i);
  std::ranges::sort(order);

  collection c;
  c.images.extent = set.extent;
  c.images.classes = set.classes;
  c.images.labels.reserve(set.size());
  c.images.pixels.reserve(set.pixels.size());
  for (auto const& [digest, i] : order) {
    auto const image = set.image(i);
    c.images.labels.push_back(set.labels[i]);
    c.images.pixels.insert(c.images.pixels.end(), image.begin(), image.end());
    c.digests.push_back(digest);
    c.source.push_back(i);
    hash.update(std::span<std::uint8_t const>(digest));
  }
  c.hash = io::to_hex(hash.finish());
  return c;
}

}  // namespace papillon::data
