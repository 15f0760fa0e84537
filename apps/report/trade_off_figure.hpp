// SPDX-License-Identifier: MIT
/// \file trade_off_figure.hpp
/// Figure 1 of the paper: every configuration at (mean accuracy, mean defence) with both deviations; IMP as stars with
/// blue percentages, butterflies as dots with red ones, colour = percentage of nonzero weights, and the line through
/// dense.
#pragma once

#include <string>

#include <report/figure.hpp>
#include <study/results.hpp>

namespace papillon::report {

/// The figure for one reading of "member".
[[nodiscard]] figure trade_off_figure(study::results const& study,
    study::reading_summary study::configuration_summary::*reading, std::string const& name, double slope);

}  // namespace papillon::report
