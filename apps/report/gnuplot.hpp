// SPDX-License-Identifier: MIT
/// \file gnuplot.hpp
/// Runs gnuplot on a script, as a process of its own whose working directory is the script's. The script and its data
/// stay where they are, so that anyone can draw the figure again, or another way, with `gnuplot NAME.gp`.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>

namespace papillon::report {

/// A string as gnuplot reads it between single quotes; control characters become spaces.
[[nodiscard]] std::string gnuplot_quoted(std::string const& text);

/// What draws, and when it has to end.
struct drawing_program {
  std::string name = "gnuplot";             ///< found along PATH
  std::chrono::seconds limit{120};          ///< of a figure
  std::atomic<bool> const* stop = nullptr;  ///< ends it at once when true
};

/// Draws what `folder`/`script` says. It is a process group of its own and reads no settings of the user's; it ends
/// with this program, whatever ends that. Throws papillon::error (failed) where it is missing, reports an error or
/// takes too long, (interrupted) where it was stopped.
void run_gnuplot(std::filesystem::path const& folder, std::string const& script, drawing_program const& program = {});

}  // namespace papillon::report
