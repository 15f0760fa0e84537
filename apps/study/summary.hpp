// SPDX-License-Identifier: MIT
/// \file summary.hpp
/// From the measured numbers of a study to its summary over seeds: the paper's own (which discriminator is reported,
/// its rule of significance, ratio, trade-off line), and estimates, the strongest attack and differences with a
/// correction for their number. A choice is made on the shadow's held-out images; the target is never looked at for
/// one, except in the fields that are called oracle.
#pragma once

#include <string_view>
#include <vector>

#include <study/results.hpp>

namespace papillon::study {

/// The level of all tests and corrected differences.
inline constexpr double test_level = 0.05;

/// Whether a configuration is there to explain another's change: controls are no points of the trade-off and no part of
/// the headline.
[[nodiscard]] bool is_control(configuration_result const& c) noexcept;

/// The configuration of this name; null: none. The one called "dense" is what all others are compared with.
[[nodiscard]] configuration_result const* find_configuration(results const& study, std::string_view name) noexcept;

/// Whether a configuration has as many weights as those of which the paper states one ratio; the paper rounds
/// percentages to one decimal.
[[nodiscard]] bool in_papers_range(configuration_result const& c, paper_numbers const& paper) noexcept;

/// Index of the discriminator whose hold-out accuracy, averaged over the seeds, is the best; ties: the first in the
/// list. Only discriminators that have a hold-out accuracy for every seed that was attacked take part; -1 if there is
/// none.
[[nodiscard]] int select_discriminator(std::vector<seed_result> const& seeds, reading_result seed_result::*reading);

/// The summary of one reading, without what needs the dense network.
[[nodiscard]] reading_summary summarise_reading(
    std::vector<seed_result> const& seeds, reading_result seed_result::*reading);

/// The attack of best hold-out accuracy on the shadow, averaged over the seeds, by the same rules; null: none. Of two
/// configurations that are compared, only attacks that both went through take part: those that are `also` listed.
[[nodiscard]] listed_attack const* strongest_attack(std::vector<listed_attack> const& attacks);
[[nodiscard]] listed_attack const* strongest_attack(
    std::vector<listed_attack> const& attacks, std::vector<listed_attack> const& also);

/// Whether a control is there to explain another configuration's change; the others test the attacks themselves.
[[nodiscard]] bool explains_another(configuration_result const& c) noexcept;

/// Computes everything that follows from measured numbers: summaries, comparisons, the lines, the headline and the
/// warnings; what was there before is replaced. Configurations without any number, and studies without a dense network,
/// leave missing numbers, never an error.
void summarise(results& study);

}  // namespace papillon::study
