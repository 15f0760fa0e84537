// SPDX-License-Identifier: MIT
/// \file changed_settings.hpp
/// Settings as a user changes them: "key=value", one after the other.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <study/assign.hpp>
#include <study/settings.hpp>

namespace papillon::study {

inline settings with(std::vector<std::string> const& changes, settings s = {}) {
  for (auto const& change : changes) set(s, change);
  return s;
}

}  // namespace papillon::study
