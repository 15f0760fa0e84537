// SPDX-License-Identifier: MIT
/// \file results_json.hpp
/// results.json: the results of a study as JSON, every number that a report shows in full precision. Parts of them are
/// files of their own. A missing number is null, and null or an absent key reads as missing; numbers survive a round
/// trip bit by bit. Text that is no such document is an error of code bad_input that says where.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include <study/results.hpp>

namespace papillon::study {

/// Version of the document; raised when a key changes its meaning.
inline constexpr int results_version = 2;

/// The document, in the order of the structs; numbers that are missing are null.
[[nodiscard]] nlohmann::ordered_json to_json(results const& study);

/// A part of it, and the part that a JSON value holds; what is absent has its default. Throws errc::bad_input. Parts
/// are: network_result, network_quality, kept_discriminator, seed_result, listed_attack, attack_experiment,
/// score_histogram, memorisation_result, overlap_result, matched_result, course_result, audit_result.
template <class Part> [[nodiscard]] nlohmann::ordered_json to_json(Part const& part);
template <class Part> void read_json(nlohmann::ordered_json const& j, Part& part);

/// A document as text that a person can read and compare: objects and lists of objects over several lines, lists of
/// numbers on one.
[[nodiscard]] std::string document_text(nlohmann::ordered_json const& document);

/// The text of results.json.
[[nodiscard]] std::string results_text(results const& study);

/// The results that a text holds; of version 1 with the summary of today. Throws papillon::error (bad_input) where it
/// is no results.json of either version.
[[nodiscard]] results parse_results(std::string_view text);

}  // namespace papillon::study
