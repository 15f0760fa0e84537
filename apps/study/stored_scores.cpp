// SPDX-License-Identifier: MIT
#include <study/stored_scores.hpp>

#include <study/directories.hpp>
#include <study/part_file.hpp>

namespace papillon::study {

std::optional<judged_images> stored_scores(
    plan const& p, layout const& places, experiment const& e, std::size_t item, std::string const& role) {
  auto const part = places.attack(p, e, item), file = places.scores(p, e, item, role);
  if (!is_there(part) || !is_there(file)) return {};
  require_part(part, e.listed[item].second);
  return read_scores(file);
}

}  // namespace papillon::study
