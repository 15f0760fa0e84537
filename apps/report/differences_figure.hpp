// SPDX-License-Identifier: MIT
/// \file differences_figure.hpp
/// Forest plot of the differences in defence to the dense network against the strongest attack: a row a configuration
/// with its 95 % interval and the p value after Holm; filled where that is below the level of the tests.
#pragma once

#include <string>

#include <report/figure.hpp>
#include <study/results.hpp>

namespace papillon::report {

[[nodiscard]] figure differences_figure(study::results const& study, std::string const& name);

}  // namespace papillon::report
