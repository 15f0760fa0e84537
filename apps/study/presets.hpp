// SPDX-License-Identifier: MIT
/// \file presets.hpp
/// Named sets of changed keys: the scales at which the study can be run.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include <study/settings.hpp>

namespace papillon::study {

/// A scale of the study: what it is good for, and the keys in which it differs from the paper's.
struct preset {
  std::string_view name;
  std::string_view help;
  std::vector<std::pair<std::string_view, std::string_view>> changes;
};

/// All presets, smallest first.
[[nodiscard]] std::vector<preset> const& presets();

/// The settings of a preset; throws errc::usage with the nearest name if there is none.
[[nodiscard]] settings preset_settings(std::string_view name);

}  // namespace papillon::study
