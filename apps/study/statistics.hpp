// SPDX-License-Identifier: MIT
/// \file statistics.hpp
/// From numbers of single seeds to what the study reports of them: the paper's own rule (mean and sample deviation,
/// significant where the intervals are disjoint), and the library's estimates and paired tests as plain values.
/// Missing numbers (NaN) are left out; a result that is not defined is missing.
#pragma once

#include <span>
#include <vector>

#include <papillon/privacy/statistics.hpp>

#include <study/results.hpp>

namespace papillon::study {

using privacy::defence;

/// Mean and sample standard deviation sqrt(sum (x - mean)^2 / (n - 1)) of the values that are not missing.
[[nodiscard]] spread spread_of(std::span<double const> values) noexcept;

/// Whether the closed intervals mean +- deviation of `a` and `b` are disjoint; unknown where one has no deviation.
[[nodiscard]] significance differs(spread const& a, spread const& b) noexcept;

/// Mean and 95 % interval of one value a seed.
[[nodiscard]] estimate estimate_of(std::span<double const> values);

/// values[s] - others[s], paired by the seed s, with its tests; sign flips from six seeds on, of which they can say
/// something at all. Not corrected.
[[nodiscard]] difference difference_of(std::span<double const> values, std::span<double const> others);

/// Fills in corrected_p of differences that are tested together; those without a p do not count.
void correct_together(std::span<difference* const> tests);

}  // namespace papillon::study
