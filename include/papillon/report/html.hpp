// SPDX-License-Identifier: MIT
/// \file html.hpp
/// Text and numbers for an HTML page. Every number that a page shows is looked up in the document of results.json by
/// its JSON pointer, and the pointer stands beside it (attribute data-from): no number is shown that the file does not
/// hold.
#pragma once

#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace papillon::report {

/// Text as it may stand in an element or in a quoted attribute; control characters other than tab and newline become
/// spaces.
[[nodiscard]] inline std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char const c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return out;
}

/// A number with a fixed number of decimals and a typographic minus; -0.0 is 0.0.
[[nodiscard]] inline std::string fixed(double value, int decimals) {
  char text[400];  // the longest double has 309 digits before the point
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string out(text);
  if (out.front() != '-') return out;
  bool const zero = out.find_first_not_of("-0.") == std::string::npos;
  return zero ? out.substr(1) : "\u2212" + out.substr(1);
}

/// The numbers and words of a results document, as HTML.
class shown {
 public:
  explicit shown(nlohmann::ordered_json const& document) : document_(document) {}

  /// The number at a pointer, rounded to `decimals`; a dash where it is missing.
  [[nodiscard]] std::string number(std::string const& pointer, int decimals) const {
    auto const* j = find(pointer);
    return j && j->is_number() ? span(pointer, fixed(j->get<double>(), decimals)) : dash;
  }
  /// The same with its sign, for a change.
  [[nodiscard]] std::string change(std::string const& pointer, int decimals) const {
    auto const* j = find(pointer);
    if (!j || !j->is_number()) return dash;
    auto text = fixed(j->get<double>(), decimals);
    if (j->get<double>() > 0) text.insert(0, 1, '+');
    return span(pointer, text);
  }
  /// "mean ± deviation" of the spread at a pointer; the mean alone where there is no deviation.
  [[nodiscard]] std::string spread(std::string const& pointer, int decimals) const {
    auto const* deviation = find(pointer + "/deviation");
    auto text = number(pointer + "/mean", decimals);
    if (deviation && deviation->is_number())
      text += " <small>± " + number(pointer + "/deviation", decimals) + "</small>";
    return text;
  }
  /// The text at a pointer, escaped; empty where there is none.
  [[nodiscard]] std::string text(std::string const& pointer) const {
    auto const* j = find(pointer);
    return j && j->is_string() ? escape(j->get<std::string>()) : "";
  }
  /// The number at a pointer, NaN where it is missing: for decisions, not for showing.
  [[nodiscard]] double value(std::string const& pointer) const {
    auto const* j = find(pointer);
    return j && j->is_number() ? j->get<double>() : std::nan("");
  }

  static constexpr char const* dash = "<span class=\"none\" title=\"missing\">\u2013</span>";

 private:
  nlohmann::ordered_json const* find(std::string const& pointer) const {
    nlohmann::ordered_json::json_pointer const p(pointer);
    return document_.contains(p) ? &document_.at(p) : nullptr;
  }
  static std::string span(std::string const& pointer, std::string const& content) {
    return "<span data-from=\"" + pointer + "\">" + content + "</span>";
  }

  nlohmann::ordered_json const& document_;
};

}  // namespace papillon::report
