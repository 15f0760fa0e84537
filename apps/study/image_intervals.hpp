// SPDX-License-Identifier: MIT
/// \file image_intervals.hpp
/// Intervals that hold for other images as well as other seeds. All seeds of a study see the same images, so the two
/// are crossed, not nested: seeds and images are drawn independently (crossed.hpp of the library). Of one seed they are
/// about images alone: what these very networks would show on others. Read from the scores on disk.
#pragma once

#include <functional>

#include <study/plan.hpp>
#include <study/results.hpp>

namespace papillon::study {

/// Adds them to a summarised study: to the strongest attacks, by bootstrap, and to the differences of their defences.
/// before_part(), if given, is called before each resample and each file; what it throws ends the work.
void add_image_intervals(
    results& study, plan const& p, layout const& places, std::function<void()> const& before_part = {});

}  // namespace papillon::study
