// SPDX-License-Identifier: MIT
/// \file leakage_index.hpp
/// An epsilon that members found and others taken for members would speak for: log((TPR_low - delta) / FPR_high), the
/// two ends by Clopper and Pearson. It is not a bound: the images of one training are no independent repetitions of it,
/// and an attack may have been chosen by its success on them. For comparing attacks alone; what holds with a known
/// chance is one_run_audit.hpp.
#pragma once

#include <papillon/privacy/intervals.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// `found` of the members, `false_alarms` of the others; each end holds with the chance (1 + level) / 2. At least 0.
/// 0 <= delta < 1, else an error.
[[nodiscard]] inline double leakage_index(
    proportion found, proportion false_alarms, double delta = 0, double level = 0.95) {
  if (!(delta >= 0 && delta < 1))
    throw error(errc::usage, message("no leakage index with delta ", delta, " (a probability below 1)"));
  double const low = found.limits(level).low - delta, high = false_alarms.limits(level).high;
  return low > high ? std::log(low / high) : 0;
}

}  // namespace papillon::privacy
