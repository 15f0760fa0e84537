// SPDX-License-Identifier: MIT
/// \file attack_checks.hpp
/// Checks of a study's attacks where the answer is known beforehand. Nothing is to be found, and guessing has 50 % or
/// an area of 1/2, where membership is permuted, where the network is never asked (privacy/blind.hpp: otherwise the
/// split leaks), and on an untrained network; nearly everything is, on random labels that were learned by heart. A
/// check fails where guessing lies beyond three standard errors: DeLong's of an area, the binomial ones of an accuracy.
#pragma once

#include <vector>

#include <study/listed_attack.hpp>
#include <study/plan.hpp>
#include <study/results.hpp>
#include <study/study_data.hpp>

namespace papillon::study {

/// Of an attack's scores: the area once their owners are permuted, always in the same way.
[[nodiscard]] attack_check check_permuted(std::string attack, judged_images const& judged);

/// Of a split of images: blind attacks by class frequencies and by the mean pixel, which learn from the shadow's images
/// and judge the target's, under the strict reading.
[[nodiscard]] std::vector<attack_check> check_blind(data::image_set const& set, data::split const& split);

/// Of a configuration whose networks were not trained: every attack of its list.
[[nodiscard]] std::vector<attack_check> check_untrained(configuration_result const& c);

/// Of a configuration that was trained on random labels: the attacks that find what was learned by heart. None where
/// it was not: where a target is right on less than 99 % of its trained images.
[[nodiscard]] std::vector<attack_check> check_random_labels(configuration_result const& c);

/// All that a study has, as far as it is there. Permuted are the scores of the dense network, first seed. `configured`
/// are the results of the plan's configurations.
[[nodiscard]] std::vector<attack_check> check_attacks(
    plan const& p, study_data const& data, layout const& places, std::vector<configuration_result> const& configured);

}  // namespace papillon::study
