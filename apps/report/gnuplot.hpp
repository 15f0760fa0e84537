// SPDX-License-Identifier: MIT
/// \file gnuplot.hpp
/// Runs gnuplot on a script, as a process of its own whose working directory is the script's. The script and its data
/// stay where they are, so that anyone can draw the figure again, or another way, with `gnuplot NAME.gp`.
#pragma once

#include <filesystem>
#include <string>

namespace papillon::report {

/// A string as gnuplot reads it between single quotes; control characters become spaces.
[[nodiscard]] std::string gnuplot_quoted(std::string const& text);

/// Draws what `folder`/`script` says. Throws papillon::error (failed) where gnuplot is missing or reports an error.
/// \param program  the program to run, found along PATH
void run_gnuplot(
    std::filesystem::path const& folder, std::string const& script, std::string const& program = "gnuplot");

}  // namespace papillon::report
