// SPDX-License-Identifier: MIT
/// \file audit_report.hpp
/// An audit as a folder that a person reads: index.html, audit.json, scores/ with one npy file an attack, and figures/.
/// Files are written atomically; a figure that cannot be drawn is named on the page, and all else is written.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <papillon/privacy/audit_result.hpp>

#include <report/gnuplot.hpp>

namespace papillon::audit {

/// Writes into `folder`, which is made if need be, and gives the problems back, one line each. Throws papillon::error
/// (failed) if a file cannot be written.
[[nodiscard]] std::vector<std::string> write_report(privacy::audit_result const& found,
    std::filesystem::path const& folder, report::drawing_program const& gnuplot = {});

}  // namespace papillon::audit
