// SPDX-License-Identifier: MIT
/// \file networks.hpp
/// The networks of the study: ResNet-20 dense, with chains in the last S segments (L factors), and pruned. A pruned
/// network "imp-08" keeps what eight rounds of global magnitude pruning (20 % each) leave of normally distributed
/// weights with the deviations of the initial ones: small layers keep more than large ones, as trained networks do.
/// "pruned17.3%" keeps the same share of every layer.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <papillon/nn/models/resnet.hpp>
#include <papillon/prune/magnitude.hpp>
#include <papillon/random/distributions.hpp>

namespace bench {

struct named_network {
  std::string name;
  papillon::nn::resnet_options options;
  std::vector<std::uint8_t> mask;  ///< empty: not pruned

  [[nodiscard]] papillon::nn::network<float> make() const {
    auto o = options;
    o.mask = mask;
    return papillon::nn::make_resnet<float>(o);
  }
};

/// Rounds of pruning that are timed; a study has all from 1 to 24.
inline constexpr int timed_rounds[] = {1, 2, 4, 6, 8, 10, 12, 16, 20, 24};

/// Keeps convolutions and the fully connected layer's weights with the given probability, all else.
[[nodiscard]] inline std::vector<std::uint8_t> random_mask(double density) {
  auto const net = papillon::nn::make_resnet<float>({});
  std::vector<std::uint8_t> keep(net.parameter_count(), 1);
  papillon::random::engine draw({.what = papillon::random::purpose::test}, 0, 4);
  for (auto const& s : net.parameters())
    if (papillon::prune::prunable(s))
      for (std::size_t i = 0; i < s.size; ++i)
        keep[s.offset + i] = papillon::random::uniform<double>(draw, 0.0, 1.0) < density ? 1 : 0;
  return keep;
}

/// What `rounds` rounds of magnitude pruning keep of normally distributed weights.
[[nodiscard]] inline std::vector<std::uint8_t> magnitude_mask(int rounds) {
  auto const net = papillon::nn::make_resnet<float>({});
  std::vector<float> weights(net.parameter_count());
  papillon::random::engine draw({.what = papillon::random::purpose::test}, 0, 5);
  for (auto const& s : net.parameters()) {
    auto const values = std::span(weights).subspan(s.offset, s.size);
    papillon::random::fill_normal<float>(draw, values);
    if (s.fan_in > 0)
      for (float& w : values) w /= std::sqrt(3.0f * static_cast<float>(s.fan_in));
  }
  auto mask = papillon::prune::dense_mask(weights.size());
  for (int r = 0; r < rounds; ++r)
    mask = papillon::prune::prune_smallest<float>(net.parameters(), weights, {.fraction = 0.2}, std::move(mask));
  return mask.keep;
}

[[nodiscard]] inline std::vector<named_network> study_networks() {
  std::vector<named_network> all{
      {"dense", {}, {}}, {"dense-direct", {.algorithm = papillon::nn::convolution_algorithm::direct}, {}}};
  for (int segments = 1; segments <= 3; ++segments)
    for (int factors = 2; factors <= 3; ++factors)
      all.push_back({"S" + std::to_string(segments) + "L" + std::to_string(factors),
          {.butterfly_segments = segments, .butterfly_factors = factors}, {}});
  all.push_back({"pruned17.3%", {}, random_mask(0.173)});
  all.push_back({"pruned3.4%", {}, random_mask(0.034)});
  for (int const round : timed_rounds) {
    char name[16];
    std::snprintf(name, sizeof name, "imp-%02d", round);
    all.push_back({name, {}, magnitude_mask(round)});
  }
  return all;
}

}  // namespace bench
