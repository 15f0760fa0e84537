// SPDX-License-Identifier: MIT
/// \file page.hpp
/// The report as one HTML page that stands alone: what can be said in a sentence, warnings, figures and tables, what
/// was run, how to read it. Its text, captions included, are the templates in template/; its numbers are those of
/// results.json, each with its place in it (see view.hpp): no number is shown that the file does not hold. Parts
/// without data are left out, and the page says which and what they need.
#pragma once

#include <string>
#include <vector>

#include <study/results.hpp>

namespace papillon::report {

/// A figure of the page; the templates say where it stands.
struct page_figure {
  std::string name;             ///< as in figures/NAME.svg and in the templates
  std::string title;            ///< plain text
  std::string svg;              ///< inline; empty: not drawn
  std::string files;            ///< links to the figure's files; may be empty
  std::string failure;          ///< why it could not be drawn; shown in its place, escaped
  std::string nothing_to_draw;  ///< why there is nothing to draw: the figure is left out
};

/// The page; `problems` are shown on top, escaped, after the study's own warnings.
[[nodiscard]] std::string page(study::results const& study, std::vector<page_figure> const& figures,
    std::vector<std::string> const& problems = {});

}  // namespace papillon::report
