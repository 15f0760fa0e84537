// SPDX-License-Identifier: MIT
/// \file outputs.hpp
/// The logits of one network for all asked images (asked_images in study_data.hpp), as attacks and accuracies use them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include <xtensor/xarray.hpp>

#include <papillon/privacy/outputs.hpp>

#include <study/results.hpp>
#include <study/study_data.hpp>

namespace papillon::study {

/// Outputs of a selection of images, with their labels: what a privacy::outputs_view looks at.
struct selected_outputs {
  std::vector<float> logits;         ///< [queries][images][classes]
  std::vector<std::uint8_t> labels;  ///< [images]
  int classes = 0, queries = 1;

  [[nodiscard]] privacy::outputs_view view() const& {
    return {std::span<float const>(logits), std::span<std::uint8_t const>(labels), classes, queries};
  }
  void view() const&& = delete;
};

class network_outputs {
 public:
  /// Throws errc::bad_input for a file that holds no outputs for these images.
  network_outputs(std::filesystem::path const& file, study_data const& data, std::uint64_t seed);

  [[nodiscard]] int classes() const { return static_cast<int>(logits_.shape(2)); }

  /// Those of images by their numbers in the collection, of all queries or of the image itself alone.
  [[nodiscard]] selected_outputs of(std::span<std::uint32_t const> images, bool all_queries = true) const;

 private:
  study_data const* data_;
  data::index_list asked_;
  xt::xarray<float> logits_;  // [queries][asked images][classes]
};

/// How good a network is, of weights at the end of `epoch`.
[[nodiscard]] network_quality quality_of(network_outputs const& outputs, cohort_images const& images, int epoch);

}  // namespace papillon::study
