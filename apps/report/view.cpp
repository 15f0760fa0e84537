// SPDX-License-Identifier: MIT
#include <report/view.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include <report/html.hpp>

#include <papillon/error.hpp>

namespace papillon::report {

namespace {

using json = nlohmann::ordered_json;

view view_of_value(json const& j, std::string const& pointer);

/// Decimals that a p value needs: three, or two digits of a small one.
int p_decimals(double p) {
  return p >= 0.001 || !(p > 0) ? 3 : std::min(1 - static_cast<int>(std::floor(std::log10(p))), 12);
}

/// Decimals, at most six, that a number has.
int own_decimals(double number) {
  auto const text = fixed(number, 6);
  auto const last = text.find_last_not_of('0'), point = text.find('.');
  return static_cast<int>(last - point);
}

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
  v["p"] = shown(p_decimals(number));
  v["short"] = shown(own_decimals(number));
  return v;
}

view list_view(json const& j, std::string const& pointer) {
  view list{view::type::list};
  for (std::size_t i = 0; i < j.size(); ++i) {
    auto item = view_of_value(j[i], message(pointer, "/", i));
    if (item.is_object()) item["first"] = view(i == 0);
    list.push_back(item);
  }
  return list;
}

/// A mean, and what goes with it in small print: the deviation, or the ends of the interval.
void add_means(view& v, json const& j) {
  auto const part = [&](char const* name, std::string const& form) { return v.get(name)->get(form)->string_value(); };
  for (std::string const form : {"1", "2", "3", "+1"}) {
    auto text = part("mean", form);
    if (j.contains("deviation") && j["deviation"].is_number())
      text += " <small>± " + part("deviation", form == "+1" ? "1" : form) + "</small>";
    if (j.contains("low") && j["low"].is_number())
      text += " <small>[" + part("low", form) + ", " + part("high", form) + "]</small>";
    v[form] = text;
  }
}

/// An interval by itself.
void add_limits(view& v, json const& j) {
  auto const part = [&](char const* name, std::string const& form) { return v.get(name)->get(form)->string_value(); };
  for (std::string const form : {"1", "2", "3", "+1"})
    v[form] = j["low"].is_number() ? "[" + part("low", form) + ", " + part("high", form) + "]" : std::string(dash);
}

/// A rate, and behind it in small print how many mistakes it costs.
void add_rate(view& v, json const& j) {
  auto text = v.get("rate")->get("1")->string_value();
  if (j["mistakes"].is_number()) text += " <small>(" + v.get("mistakes")->get("fine")->string_value() + ")</small>";
  v["1"] = text;
}

view object_view(json const& j, std::string const& pointer) {
  view v;
  for (auto const& [key, member] : j.items()) {
    if (key == "curve" || key == "roc" || key == "experiments") continue;  // drawn or summed up, not listed
    v[key] = view_of_value(member, pointer + "/" + key);
    if (member.is_string()) v[key + "=" + member.get<std::string>()] = view(true);
  }
  if (j.contains("mean") && (j.contains("deviation") || j.contains("low"))) add_means(v, j);
  if (j.size() == 2 && j.contains("low") && j.contains("high")) add_limits(v, j);
  if (j.contains("rate") && j.contains("mistakes")) add_rate(v, j);
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

}  // namespace papillon::report
