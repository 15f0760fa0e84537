// SPDX-License-Identifier: MIT
/// \file table.hpp
/// An audit as text for a terminal: one line an attack, then the warnings.
#pragma once

#include <string>

#include <papillon/privacy/audit_result.hpp>

namespace papillon::audit {

[[nodiscard]] std::string table(privacy::audit_result const& found);

}  // namespace papillon::audit
