// SPDX-License-Identifier: MIT
/// \file scores_figure.hpp
/// Histograms of phi = log(p / (1 - p)), p the probability of the true class, of members and of others, for at most two
/// configurations of every series: what the networks themselves show of who was trained on.
#pragma once

#include <string>

#include <report/figure.hpp>
#include <study/results.hpp>

namespace papillon::report {

[[nodiscard]] figure scores_figure(study::results const& study, std::string const& name);

}  // namespace papillon::report
