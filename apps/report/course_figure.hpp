// SPDX-License-Identifier: MIT
/// \file course_figure.hpp
/// Accuracy against defence on the way of trainings: a line a configuration, from near chance to its end.
#pragma once

#include <string>

#include <report/figure.hpp>
#include <study/results.hpp>

namespace papillon::report {

[[nodiscard]] figure course_figure(study::results const& study, std::string const& name);

}  // namespace papillon::report
