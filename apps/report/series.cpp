// SPDX-License-Identifier: MIT
#include <report/series.hpp>

#include <algorithm>
#include <array>

namespace papillon::report {

namespace {

constexpr std::array<std::string_view, 8> colours{
    "#222222", "#1f4fbf", "#c0261c", "#2a8f4f", "#d98200", "#7d3ac1", "#128a9c", "#8b5a2b"};
constexpr std::array<std::string_view, 8> points{"pt 13 ps 1.5", "pt 3 ps 1.3 lw 2", "pt 7 ps 1.15", "pt 5 ps 1.05",
    "pt 9 ps 1.25", "pt 11 ps 1.25", "pt 15 ps 1.25", "pt 2 ps 1.2 lw 2"};

}  // namespace

std::string_view curve_colour(std::size_t i) noexcept { return colours[i % colours.size()]; }
std::size_t curve_dash(std::size_t i) noexcept { return 1 + i / colours.size(); }

std::vector<series_style> series_styles(std::vector<std::string> const& series_in_order) {
  std::vector<series_style> styles;
  for (auto const& name : series_in_order) {
    if (std::ranges::find(styles, name, &series_style::name) != styles.end()) continue;
    auto const i = styles.size();
    styles.push_back({name, curve_colour(i), points[i % points.size()]});
  }
  return styles;
}

std::vector<series_style> series_styles(study::results const& study) {
  std::vector<std::string> names;
  for (auto const& c : study.configurations) names.push_back(c.series);
  return series_styles(names);
}

std::vector<study::configuration_result const*> select_of_series(study::results const& study, std::size_t each,
    std::function<bool(study::configuration_result const&)> const& eligible) {
  std::vector<study::configuration_result const*> selected;
  for (auto const& series : series_styles(study)) {
    std::vector<study::configuration_result const*> all;
    for (auto const& c : study.configurations)
      if (c.series == series.name && eligible(c)) all.push_back(&c);
    auto const count = std::min(each, all.size());
    for (std::size_t i = 1; i <= count; ++i) selected.push_back(all[i * all.size() / count - 1]);
  }
  return selected;
}

}  // namespace papillon::report
