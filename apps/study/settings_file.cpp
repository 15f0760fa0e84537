// SPDX-License-Identifier: MIT
#include <study/settings_file.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/json.hpp>
#include <papillon/io/read_file.hpp>

#include <study/assign.hpp>
#include <study/configuration.hpp>
#include <study/schema.hpp>
#include <study/value.hpp>

namespace papillon::study {

namespace {

using json = nlohmann::ordered_json;

json to_json(value const& v) {
  return std::visit(
      [](auto const& x) -> json {
        if constexpr (std::is_same_v<std::decay_t<decltype(x)>, std::monostate>) return nullptr;
        else return x;
      },
      v);
}

/// The value that a JSON value stands for; throws errc::usage where it stands for none.
value from_json(json const& j, std::string const& name) {
  auto const all = [&](auto const& test) { return std::all_of(j.begin(), j.end(), test); };
  auto const fits = [](json const& n) {  // the library reads larger ones as negative
    return n.is_number_integer() &&
           (!n.is_number_unsigned() || n.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max());
  };
  if (j.is_null()) return {};
  if (j.is_boolean()) return j.get<bool>();
  if (fits(j)) return j.get<std::int64_t>();
  if (j.is_number()) return j.get<double>();
  if (j.is_string()) return j.get<std::string>();
  if (j.is_array() && all(fits)) return j.get<integers>();
  if (j.is_array() && all([](auto const& item) { return item.is_number(); })) return j.get<reals>();
  if (j.is_array() && all([](auto const& item) { return item.is_string(); })) return j.get<words>();
  auto text = j.dump();
  if (text.size() > 60) text = text.substr(0, 60) + "...";
  throw error(errc::usage,
      message("'", text, "' is no value for ", name, " (a list has items of one kind) write numbers or words"));
}

json overlays_json(settings const& s) {
  json all = json::object();
  for (auto const& o : s.configurations) {
    json& j = all[o.name] = json::object();
    if (!o.like.empty()) j["like"] = o.like;
    if (!o.series.empty()) j["series"] = o.series;
    if (!o.control_of.empty()) j["control_of"] = o.control_of;
    settings scratch;
    for (auto const& [name, text] : o.changes) {
      set(scratch, name, text);
      j[name] = to_json(get(scratch, name));
    }
  }
  return all;
}

using assignments = std::vector<std::pair<std::string, json>>;

/// What nested objects say, by dotted names.
void flatten(json const& object, std::string const& prefix, assignments& all) {
  for (auto const& [name, item] : object.items())
    if (item.is_object()) flatten(item, prefix + name + ".", all);
    else all.emplace_back(prefix + name, item);
}

// --- files of version 0.1, where kinds of networks had keys of their own --------------------

bool is_of_version_1(std::string const& name) {
  return name == "study.butterflies" || name.starts_with("imp.") || name.starts_with("learning_rate.") ||
         name.starts_with("weight_decay.");
}

json value_in(assignments const& all, std::string const& name, json standard) {
  auto const found = std::ranges::find(all, name, &assignments::value_type::first);
  return found == all.end() ? standard : found->second;
}

/// The list of configurations that study.butterflies and imp.rounds stood for.
json listed_in_version_1(assignments const& old) {
  json list{"dense"};
  int const rounds = value_in(old, "imp.rounds", 24).get<int>();
  if (rounds > 0) list.push_back(rounds == 1 ? "imp-01" : "imp-01.." + round_name("", rounds).substr(1));
  for (auto const& b : value_in(old, "study.butterflies", {"S1L2", "S1L3", "S2L2", "S2L3", "S3L2", "S3L3"}))
    list.push_back(b);
  return list;
}

/// The same settings as they are written now. Throws errc::usage where they cannot be.
assignments translated(assignments const& old) {
  assignments all;
  if (std::ranges::none_of(old, is_of_version_1, &assignments::value_type::first)) return old;
  auto const has = [&](char const* name) { return !value_in(old, name, {}).is_null(); };
  if (has("study.butterflies") || has("imp.rounds")) all.emplace_back("study.configurations", listed_in_version_1(old));
  for (auto const& [name, item] : old) {
    auto const dot = name.find('.');
    auto const group = name.substr(0, dot), kind = name.substr(dot + 1);
    if (!is_of_version_1(name)) all.emplace_back(name, item);
    else if (group == "imp" && kind != "rounds") all.emplace_back("prune." + kind, item);
    else if (kind == "dense") all.emplace_back("train." + group, item);
    else if (kind == "imp" && item != value_in(old, group + ".dense", item))
      throw error(errc::usage, message(name,
                                   " has no counterpart (a round of pruning is trained as the dense network "
                                   "is) describe the rounds in \"configurations\""));
    else if (kind.size() == 4 &&
             to_text(get(resolve({}, kind).settings, "train." + group)) != to_text(from_json(item, name)))
      all.emplace_back("configurations." + kind + ".train." + group, item);
  }
  return all;
}

void assign_object(settings& s, json const& object) {
  assignments all;
  flatten(object, "", all);
  for (auto const& [name, item] : translated(all)) set_value(s, name, from_json(item, name));
}

}  // namespace

void read_settings(std::string const& text, std::string const& name, settings& s) {
  auto const object =
      io::parse_json(text, name, "compare it with what --print-config prints", {.values = 10'000, .comments = true});
  if (!object.is_object())
    throw error(errc::bad_input,
        message(name, " is not a configuration (its JSON is no object) compare it with what --print-config prints"));
  settings changed = s;
  try {
    assign_object(changed, object);
  } catch (error const& e) {
    throw error(e.code(), name + ": " + e.what());
  } catch (json::exception const& e) {  // of keys of version 0.1
    throw error(
        errc::bad_input, message(name, " cannot be used (", e.what(), ") compare it with what --print-config prints"));
  }
  s = changed;
}

void read_settings_file(std::filesystem::path const& file, settings& s) {
  read_settings(io::read_file<std::string>(file, io::largest::settings), file.string(), s);
}

std::string print_settings(settings const& s) {
  std::string text = "{";
  std::string group;
  for (key const& k : schema()) {
    auto const part = k.name.substr(0, k.name.find('.'));
    text += group.empty() ? "\n" : part == group ? ",\n" : ",\n\n";
    group = part;
    text += "  // " + k.help;
    if (auto const allows = allowed(k); !allows.empty()) text += " [" + allows + "]";
    if (is_changed(s, k)) text += " (default: " + to_text(k.standard) + ")";
    text += "\n  \"" + k.name + "\": " + to_json(k.get(s)).dump();
  }
  text +=
      ",\n\n  // configurations of one's own, or changes of built-in ones: what each is like, and keys in which it "
      "differs";
  text += "\n  \"configurations\": " + overlays_json(s).dump();
  return text + "\n}\n";
}

}  // namespace papillon::study
