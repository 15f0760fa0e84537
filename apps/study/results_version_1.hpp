// SPDX-License-Identifier: MIT
/// \file results_version_1.hpp
/// Results that version 1 of the file holds, as those of today. It told configurations apart by family, round, segments
/// and factors, kept a network's quality among its other numbers, and had two threshold attacks beside the
/// discriminators; they were judged on the target only, and not on held-out images of the shadow.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <study/results.hpp>

namespace papillon::study {

/// Gives a document of version 1 the keys of today: names and series, quality, and the thresholds of the strict reading
/// as attacks "loss" and "confidence". What is no such value is left for the reader to refuse.
void rename_version_1(nlohmann::ordered_json& document);

/// Lists the two attacks that follow from other numbers of version 1: "gap" from accuracies on trained images and on
/// D_test, and "nine", the discriminator that was reported under the strict reading.
void list_attacks_of_version_1(results& study);

}  // namespace papillon::study
