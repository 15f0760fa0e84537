// SPDX-License-Identifier: MIT
/// \file report.hpp
/// From the results of a study to a folder that a person reads: index.html, results.json, and figures/ with each figure
/// as SVG and PNG beside the gnuplot script and the CSV it was drawn from. Files are written atomically; a figure that
/// cannot be drawn is a problem that is handed back and named on the page, and everything else is written all the same.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <report/gnuplot.hpp>
#include <study/results.hpp>

namespace papillon::report {

/// What was written, and what could not be.
struct written_report {
  std::filesystem::path index;        ///< index.html
  std::vector<std::string> problems;  ///< one line each, with a suggestion
};

/// Writes the report into `folder`, which is made if need be. `fence`, if given, is called before every file that is
/// written or removed; what it throws ends the report there. Throws papillon::error (failed) if a file cannot be
/// written, (interrupted) if its drawing was stopped.
written_report write_report(study::results const& study, std::filesystem::path const& folder,
    drawing_program const& gnuplot = {}, std::function<void()> const& fence = {});

}  // namespace papillon::report
