// SPDX-License-Identifier: MIT
#include <audit/table.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <papillon/error.hpp>

#include <audit/audit_json.hpp>

namespace papillon::audit {

namespace {

/// A number, or as wide a dash.
std::string cell(double x, int width, int decimals) {
  char text[64];
  if (std::isnan(x)) std::snprintf(text, sizeof text, "%*s", width, "-");
  else std::snprintf(text, sizeof text, "%*.*f", width, decimals, x);
  return text;
}

std::string range(privacy::interval const& i, double factor, int decimals) {
  if (std::isnan(i.low)) return "";
  return "[" + cell(factor * i.low, 0, decimals) + ", " + cell(factor * i.high, 0, decimals) + "]";
}

std::string found_at(privacy::operating_point const& p) {
  if (!p.shown) return "- (too few others)";
  return cell(100 * p.found.rate(), 0, 2) + " (" + std::to_string(p.wrong.count) + ")";
}

}  // namespace

std::string table(privacy::audit_result const& found) {
  auto const members = static_cast<std::size_t>(std::count(found.members.begin(), found.members.end(), 1));
  std::string text = message(members, " members and ", found.members.size() - members, " others\n");
  char line[512];
  auto const add = [&](std::string const& name, std::string const& auc, std::string const& one,
                       std::string const& tenth, std::string const& accuracy, std::string const& source) {
    std::snprintf(line, sizeof line, "%-36s %-22s %-20s %-20s %-21s %s\n", name.c_str(), auc.c_str(), one.c_str(),
        tenth.c_str(), accuracy.c_str(), source.c_str());
    text += line;
  };
  add("attack", "AUC", "% found at 1 % FPR", "% found at 0.1 %", "accuracy, %", "threshold");
  for (auto const& a : found.attacks)
    add(a.name, cell(a.auc.value, 0, 3) + " " + range(a.auc.limits(), 1, 3), found_at(a.at_one_percent),
        found_at(a.at_tenth), cell(100 * a.accuracy(), 0, 1) + " " + range(a.accuracy_limits(), 100, 1),
        std::string(name_of(a.source)));
  text += "In brackets: 95 % intervals; in parentheses: others taken for members. Accuracy is balanced.\n";
  for (auto const& warning : found.warnings) text += "Warning: " + warning + "\n";
  return text;
}

}  // namespace papillon::audit
