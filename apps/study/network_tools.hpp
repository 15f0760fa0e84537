// SPDX-License-Identifier: MIT
/// \file network_tools.hpp
/// What can be done with one trained network in a file (train/state_dict.hpp), whoever trained it: evaluate it, measure
/// what an attack looks at, replace its convolutions by chains. Apart from laboratory.hpp because no study is needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include <papillon/data/image_set.hpp>
#include <papillon/data/normalisation.hpp>
#include <papillon/nn/factorize_weights.hpp>
#include <papillon/privacy/features.hpp>
#include <papillon/privacy/samples.hpp>
#include <papillon/random/stream.hpp>
#include <papillon/train/evaluate.hpp>
#include <study/study_data.hpp>

namespace papillon::study {

/// Which chains replace the 3x3 convolutions, and where the new network goes.
struct factorize_order {
  std::filesystem::path network, out;  ///< safetensors files
  int segments = 3;                    ///< of the last so many segments
  int factors = 2;                     ///< a chain's
  split_order order = split_order::left_to_right;
  nn::unfolding unfolding = nn::unfolding::channel_major;
};

struct factorize_report {
  std::vector<nn::factorized_layer> layers;
  std::size_t parameters_before = 0, parameters_after = 0;
};

/// Each function throws papillon::error for files that do not hold a ResNet, or one that is not for the images'
/// channels and classes. before_batch(), if given, is called before each batch; what it throws ends the work.
class network_tools {
 public:
  virtual ~network_tools() = default;

  /// Loss and accuracy over the images that `indices` names.
  [[nodiscard]] virtual train::evaluation evaluate(std::filesystem::path const& network, data::image_set const& images,
      std::span<std::uint32_t const> indices, data::normalisation const&) const = 0;
  /// Logits [indices][classes] of the images that `indices` names.
  [[nodiscard]] virtual std::vector<float> outputs(std::filesystem::path const& network, data::image_set const& images,
      std::span<std::uint32_t const> indices, data::normalisation const&,
      std::function<void()> const& before_batch) const = 0;
  /// The attack's features of a network, for members and others.
  [[nodiscard]] virtual privacy::samples measure(std::filesystem::path const& network, data::image_set const& images,
      attacked_images const& attacked, data::normalisation const&, privacy::feature_settings const&,
      random::stream const& noise, std::function<void()> const& before_batch) const = 0;
  /// Writes the network with chains. A network that already has chains is refused (bad_input).
  [[nodiscard]] virtual factorize_report factorize(factorize_order const&) const = 0;
};

}  // namespace papillon::study
