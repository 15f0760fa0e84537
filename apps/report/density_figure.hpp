// SPDX-License-Identifier: MIT
/// \file density_figure.hpp
/// How well the strongest attack does by the percentage of nonzero weights: area under the ROC curve, and members found
/// at one false alarm in a hundred others, with 95 % intervals.
#pragma once

#include <string>

#include <report/figure.hpp>
#include <study/results.hpp>

namespace papillon::report {

[[nodiscard]] figure density_figure(study::results const& study, std::string const& name);

}  // namespace papillon::report
