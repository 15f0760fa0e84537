// SPDX-License-Identifier: MIT
/// \file blind.hpp
/// Attacks that never ask the network, as a check of the split: with members drawn at random, labels and brightness
/// tell nothing and these attacks guess; if one does not, the split leaks, and no attack on a network that was trained
/// on it means anything. Samples are rows of the attack features (privacy/features.hpp) as of a network that says
/// nothing; scores learn from the shadow and judge any samples of that form. Such attacks expose the data sets of many
/// studies: Das, Zhang and Tramer, "Blind baselines beat membership inference attacks for foundation models", 2024.
#pragma once

#include <array>
#include <cmath>
#include <numeric>

#include <papillon/data/image_set.hpp>
#include <papillon/privacy/samples.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// What a blind attack knows of an image.
enum class blind_knowledge { label, label_and_mean_pixel };

/// Mean of an image's bytes, from 0 (black) to 1 (white).
[[nodiscard]] inline double mean_pixel(data::image_set const& set, std::size_t i) {
  auto const image = set.image(i);
  return std::accumulate(image.begin(), image.end(), 0.0) / (255.0 * static_cast<double>(image.size()));
}

/// Samples of the images that `images` names, in that order, the first `members` of them members. Of C classes the rows
/// have 3 C columns: zeros, but for the mean pixel in column 0 where it is known, and the class, one-hot, in the last
/// C. Throws papillon::error (usage) for images that the set has not got.
[[nodiscard]] inline samples blind_samples(data::image_set const& set, std::span<std::uint32_t const> images,
    std::size_t members, blind_knowledge knowledge = blind_knowledge::label) {
  auto const classes = static_cast<std::size_t>(set.classes);
  samples s{
      xt::xtensor<float, 2>(std::array{images.size(), 3 * classes}, 0.0f), std::vector<std::uint8_t>(images.size())};
  for (std::size_t k = 0; k < images.size(); ++k) {
    std::size_t const i = images[k];
    if (i >= set.size() || set.labels[i] >= classes)
      throw error(errc::usage, message("blind attack: image ", i, " (the set has ", set.size(), " images of ", classes,
                                   " classes, not this one) name images by their positions in the set"));
    if (knowledge == blind_knowledge::label_and_mean_pixel) s.features(k, 0) = static_cast<float>(mean_pixel(set, i));
    s.features(k, 2 * classes + set.labels[i]) = 1;
    s.members[k] = k < members;
  }
  return s;
}

/// By class frequencies: log((m + 1) / (o + 1)) of the class's m members and o others among the shadow's samples.
[[nodiscard]] inline std::vector<double> class_frequency_scores(samples const& shadow, samples const& judged) {
  std::size_t const classes = judged.width() / 3;
  auto const class_of = [&](samples const& s, std::size_t i) {
    auto const one_hot = s.row(i).last(classes);
    return static_cast<std::size_t>(std::ranges::max_element(one_hot) - one_hot.begin());
  };
  std::vector<double> members(classes, 1.0), others(classes, 1.0), scores(judged.size());
  for (std::size_t i = 0; i < shadow.size(); ++i) ++(shadow.members[i] != 0 ? members : others)[class_of(shadow, i)];
  for (std::size_t i = 0; i < scores.size(); ++i) {
    std::size_t const c = class_of(judged, i);
    scores[i] = std::log(members[c] / others[c]);
  }
  return scores;
}

/// By the mean pixel, in column 0: the brighter the higher, or, if the shadow's members are the darker ones, the lower.
[[nodiscard]] inline std::vector<double> mean_pixel_scores(samples const& shadow, samples const& judged) {
  double sums[2] = {}, counts[2] = {};
  for (std::size_t i = 0; i < shadow.size(); ++i) {
    std::size_t const member = shadow.members[i] != 0;
    sums[member] += static_cast<double>(shadow.features(i, 0));
    ++counts[member];
  }
  double const direction = sums[1] * counts[0] < sums[0] * counts[1] ? -1.0 : 1.0;
  std::vector<double> scores(judged.size());
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = direction * static_cast<double>(judged.features(i, 0));
  return scores;
}

}  // namespace papillon::privacy
