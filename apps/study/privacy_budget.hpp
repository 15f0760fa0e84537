// SPDX-License-Identifier: MIT
/// \file privacy_budget.hpp
/// What a differentially private training is given and what it spends: settings dp.* in numbers.
#pragma once

#include <cstddef>
#include <optional>

#include <study/settings.hpp>

namespace papillon::study {

struct privacy_budget {
  double clip = 1;
  double noise = 0;  ///< sigma, in units of `clip`
  double delta = 0;
  double epsilon = 0;  ///< of all epochs; infinite without noise
  std::size_t steps = 0;
};

/// Of a training on `trained` images; nothing where it is not private. With dp.epsilon the least noise that keeps to
/// it. Throws papillon::error (usage) where no noise does.
[[nodiscard]] std::optional<privacy_budget> budget_of(settings const& s, std::size_t trained);

}  // namespace papillon::study
