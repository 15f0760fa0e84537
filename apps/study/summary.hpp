// SPDX-License-Identifier: MIT
/// \file summary.hpp
/// From the measured numbers of a study to its summary: which discriminator is reported, means and deviations over the
/// seeds, significance against the dense network, the ratio, the oracle, and the slope of the trade-off.
/// The discriminator is chosen by its hold-out accuracy on the shadow's data; the target is never looked at for a
/// choice, except in the fields that are called oracle.
#pragma once

#include <vector>

#include <study/results.hpp>

namespace papillon::study {

/// Index of the discriminator whose hold-out accuracy, averaged over the seeds, is the best; ties: the first in the
/// list. Only discriminators that have a hold-out accuracy for every seed that was attacked take part; -1 if there is
/// none.
[[nodiscard]] int select_discriminator(std::vector<seed_result> const& seeds, reading_result seed_result::*reading);

/// The summary of one reading, without what needs the dense network.
[[nodiscard]] reading_summary summarise_reading(
    std::vector<seed_result> const& seeds, reading_result seed_result::*reading);

/// Computes every summary, the comparison with the dense network and the slope; what was there before is replaced.
/// Configurations without any number, and studies without a dense network, leave missing numbers, never an error.
void summarise(results& study);

}  // namespace papillon::study
