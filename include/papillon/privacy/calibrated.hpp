// SPDX-License-Identifier: MIT
/// \file calibrated.hpp
/// The loss, less how hard the image is: log p_y of the target minus the mean log p_y of references that were not
/// trained on the image. Watson et al. 2022, "On the importance of difficulty calibration in membership inference
/// attacks".
#pragma once

#include <papillon/privacy/reference_statistics.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Scores [images] of a target's log p_y [queries][images] and the references'; mean over the queries. NaN, so never a
/// member, where an image has no OUT reference. Throws papillon::error (usage) if target and references differ in size.
[[nodiscard]] inline std::vector<double> calibrated_scores(
    std::span<double const> log_probabilities, references_view const& references) {
  auto const scores_of = [&](std::size_t q, std::span<double const> of_query) {
    auto scores = reference_statistics(references, q, reference_side::out).mean;
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = of_query[i] - scores[i];
    return scores;
  };
  return detail::average_queries(log_probabilities, references, scores_of);
}

}  // namespace papillon::privacy
