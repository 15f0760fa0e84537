// SPDX-License-Identifier: MIT
#include <report/view.hpp>

#include <cstddef>
#include <utility>

#include <report/html.hpp>

#include <papillon/error.hpp>

namespace papillon::report {

namespace {

using json = nlohmann::ordered_json;

view view_of_value(json const& j, std::string const& pointer);

/// The forms in which a number is shown.
view number_view(json const& j, std::string const& pointer) {
  double const number = j.is_number() ? j.get<double>() : 0.0;
  auto const shown = [&](int decimals, char const* sign = "") {
    return j.is_number() ? "<span data-from=\"" + pointer + "\">" + sign + fixed(number, decimals) + "</span>"
                         : std::string(dash);
  };
  view v;
  for (int const decimals : {0, 1, 2, 3}) v[std::to_string(decimals)] = shown(decimals);
  v["+1"] = shown(1, number > 0 ? "+" : "");
  v["fine"] = shown(number < 1 ? 2 : 1);
  return v;
}

view list_view(json const& j, std::string const& pointer) {
  view list{view::type::list};
  for (std::size_t i = 0; i < j.size(); ++i) {
    auto item = view_of_value(j[i], message(pointer, "/", i));
    if (!j[i].is_string()) item["first"] = view(i == 0);  // text has no members
    list.push_back(item);
  }
  return list;
}

view object_view(json const& j, std::string const& pointer) {
  view v;
  for (auto const& [key, member] : j.items()) {
    if (key == "curve") continue;  // drawn, not listed
    v[key] = view_of_value(member, pointer + "/" + key);
    if (member.is_string()) v[key + "=" + member.get<std::string>()] = view(true);
  }
  if (!j.contains("mean") || !j.contains("deviation")) return v;
  auto const part = [&](char const* name) { return v.get(name)->get("1")->string_value(); };
  v["1"] = j["deviation"].is_number() ? part("mean") + " <small>± " + part("deviation") + "</small>" : part("mean");
  return v;
}

view view_of_value(json const& j, std::string const& pointer) {
  if (j.is_object()) return object_view(j, pointer);
  if (j.is_array()) return list_view(j, pointer);
  if (j.is_string()) return j.get<std::string>();
  return number_view(j, pointer);
}

}  // namespace

view view_of(json const& document, std::string const& pointer) {
  return view_of_value(document.at(json::json_pointer(pointer)), pointer);
}

view figures_view(std::vector<page_figure> const& figures) {
  view list{view::type::list};
  for (auto const& f : figures) {
    view v;
    v["title"] = f.title;
    v["caption"] = f.caption;
    v["svg"] = f.svg;
    v["why_not"] = f.why_not;
    v["files"] = f.files.empty() ? "" : " " + f.files;
    v["drawn"] = view(!f.svg.empty());
    list.push_back(v);
  }
  return list;
}

}  // namespace papillon::report
