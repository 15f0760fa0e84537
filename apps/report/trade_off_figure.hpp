// SPDX-License-Identifier: MIT
/// \file trade_off_figure.hpp
/// Every configuration by its test accuracy and its defence: a symbol and a colour of label for each series, colour of
/// the symbol = percentage of nonzero weights.
#pragma once

#include <string>

#include <report/figure.hpp>
#include <study/results.hpp>

namespace papillon::report {

/// Figure 1 of the paper: the paper's attack under the study's reading of "member", means and deviations, and, where it
/// explains half of the squares about dense or more, the line through dense. Controls are left out.
[[nodiscard]] figure papers_trade_off_figure(study::results const& study, std::string const& name);

/// The strongest attack of each configuration, with the 95 % intervals of the defence.
[[nodiscard]] figure strongest_trade_off_figure(study::results const& study, std::string const& name);

}  // namespace papillon::report
