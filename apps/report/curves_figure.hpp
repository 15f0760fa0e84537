// SPDX-License-Identifier: MIT
/// \file curves_figure.hpp
/// Training curves: loss and accuracy by epoch, on the training images (thin) and on the validation images (thick), of
/// one target network for at most four configurations of every series.
#pragma once

#include <string>

#include <report/figure.hpp>
#include <study/results.hpp>

namespace papillon::report {

[[nodiscard]] figure curves_figure(study::results const& study, std::string const& name);

}  // namespace papillon::report
