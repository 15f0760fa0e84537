// SPDX-License-Identifier: MIT
/// \file draw_figure.hpp
/// A figure written, drawn and handed back for a page: script and data lie beside the SVG and PNG. One that cannot be
/// drawn is a problem, named on the page in its place.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <report/figure.hpp>
#include <report/gnuplot.hpp>
#include <report/page.hpp>

namespace papillon::report {

/// An SVG document as an element of a page: without what stands before <svg.
[[nodiscard]] std::string inline_svg(std::string const& document);

/// Draws into `folder`, which exists and lies beside the page under its own name. Pictures are drawn in a folder of
/// their own, and come beside the page when they are whole. `fence` as of write_report: where it throws claim_lost,
/// that is no problem of the figure. Throws papillon::error (failed) if a file cannot be written, (interrupted) if the
/// drawing was stopped.
[[nodiscard]] page_figure draw_figure(figure const& f, std::string title, std::filesystem::path const& folder,
    drawing_program const& gnuplot, std::vector<std::string>& problems, std::function<void()> const& fence = {});

}  // namespace papillon::report
