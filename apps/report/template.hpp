// SPDX-License-Identifier: MIT
/// \file template.hpp
/// The files of template/, which the build puts into the program: the page and its parts as Mustache templates, and its
/// style sheet.
#pragma once

#include <map>
#include <string>

namespace papillon::report {

/// By name without extension.
[[nodiscard]] std::map<std::string, std::string> const& template_parts();

}  // namespace papillon::report
