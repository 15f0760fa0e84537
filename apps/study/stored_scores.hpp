// SPDX-License-Identifier: MIT
/// \file stored_scores.hpp
/// Scores of attacks of the list as a study has kept them: read only where the attack is finished, and compared with
/// what it sealed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <study/listed_attack.hpp>
#include <study/plan.hpp>

namespace papillon::study {

/// The scores of an attack of the list on the network of a role; nothing where there are none. Throws errc::bad_input
/// for damaged ones.
[[nodiscard]] std::optional<judged_images> stored_scores(
    plan const& p, layout const& places, experiment const& e, std::size_t item, std::string const& role);

}  // namespace papillon::study
