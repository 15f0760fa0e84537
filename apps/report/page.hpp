// SPDX-License-Identifier: MIT
/// \file page.hpp
/// The report as one HTML page that stands alone: main finding, figures, tables, scale, how to read it. Its text is the
/// template in template/, its numbers are those of the document of results.json, each with its place in it (see
/// view.hpp): no number is shown that the file does not hold. The page says what is missing (seeds, configurations,
/// figures) instead of leaving it out.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace papillon::report {

/// A figure on the page.
struct page_figure {
  std::string title, caption;  ///< plain HTML, written by this program
  std::string svg;             ///< inline; empty: not drawn
  std::string why_not;         ///< shown instead, escaped
  std::string files;           ///< links to the figure's files; may be empty
};

/// The page. `document` is a results.json; `problems` are shown on top, escaped.
[[nodiscard]] std::string page(nlohmann::ordered_json const& document, std::vector<page_figure> const& figures,
    std::vector<std::string> const& problems = {});

}  // namespace papillon::report
