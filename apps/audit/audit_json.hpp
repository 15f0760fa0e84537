// SPDX-License-Identifier: MIT
/// \file audit_json.hpp
/// An audit as the document that audit.json holds and the page shows; docs/reference/files.md says what its members
/// are. Rates are in percent with the limits of their 95 % intervals; what does not exist is null.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <papillon/privacy/audit_result.hpp>

namespace papillon::audit {

[[nodiscard]] nlohmann::ordered_json to_json(privacy::audit_result const& found);

/// "transferred", "cross-validated", ...
[[nodiscard]] std::string_view name_of(privacy::threshold_source s);

/// An attack's name as the name of a file.
[[nodiscard]] std::string file_name(std::string_view attack);

}  // namespace papillon::audit
