// SPDX-License-Identifier: MIT
/// \file reference.hpp
/// The reference page of the configuration, Markdown, made from the schema and the presets:
/// docs/reference/configuration.md.
#pragma once

#include <string>

namespace papillon::study {

/// The whole page.
[[nodiscard]] std::string reference_page();

}  // namespace papillon::study
