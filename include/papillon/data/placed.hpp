// SPDX-License-Identifier: MIT
/// \file placed.hpp
/// Images shifted and mirrored as augmentation does it (data/augmentation.hpp), as a set of their own: what an attacker
/// shows a network instead of the image itself.
#pragma once

#include <papillon/data/augmentation.hpp>
#include <papillon/data/image_set.hpp>
#include <papillon/error.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// The images that `indices` names, in that order, each at the same placement; black where nothing of the image is.
[[nodiscard]] inline image_set placed(
    image_set const& set, std::span<std::uint32_t const> indices, augmentation::placement const& p) {
  image_set out{.extent = set.extent, .classes = set.classes};
  out.pixels.assign(indices.size() * set.image_bytes(), 0);
  int const height = set.extent.height, width = set.extent.width;
  std::size_t at = 0;
  for (auto const index : indices) {
    out.labels.push_back(set.labels[index]);
    auto const image = set.image(index);
    for (int c = 0; c < set.extent.channels; ++c)
      for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x, ++at) {
          int const from_y = y + p.dy, from_x = (p.mirrored ? width - 1 - x : x) + p.dx;
          if (from_y < 0 || from_y >= height || from_x < 0 || from_x >= width) continue;
          out.pixels[at] = image[static_cast<std::size_t>((c * height + from_y) * width + from_x)];
        }
  }
  return out;
}

/// What an attacker asks about each image of a network trained with augmentation: 1 the image; 2 its mirror image as
/// well; 18 both, shifted by -padding, 0 and padding in both directions. Any other number is errc::usage.
[[nodiscard]] inline std::vector<augmentation::placement> query_placements(int queries) {
  if (queries != 1 && queries != 2 && queries != 18)
    throw error(errc::usage, message("attack.queries = ", queries, " is no set of queries (1, 2 and 18 are) take 2"));
  if (queries < 18)
    return queries == 1 ? std::vector<augmentation::placement>{{}}
                        : std::vector<augmentation::placement>{{}, {0, 0, true}};
  std::vector<augmentation::placement> all;
  for (int const dy : {0, -augmentation::padding, augmentation::padding})
    for (int const dx : {0, -augmentation::padding, augmentation::padding})
      for (bool const mirrored : {false, true}) all.push_back({dy, dx, mirrored});
  return all;
}

}  // namespace papillon::data
