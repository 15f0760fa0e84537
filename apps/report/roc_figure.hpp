// SPDX-License-Identifier: MIT
/// \file roc_figure.hpp
/// ROC curves, linear and with logarithmic axes: mean over the experiments, the line of an attack that can only guess,
/// and around the first curve the limits of Clopper and Pearson (95 %, of the members of one experiment).
#pragma once

#include <string>

#include <report/figure.hpp>
#include <study/results.hpp>

namespace papillon::report {

/// The strongest attack on at most two configurations of every series.
[[nodiscard]] figure roc_of_configurations(study::results const& study, std::string const& name);

/// Every attack on the dense network.
[[nodiscard]] figure roc_of_attacks(study::results const& study, std::string const& name);

}  // namespace papillon::report
