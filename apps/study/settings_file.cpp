// SPDX-License-Identifier: MIT
#include <study/settings_file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <variant>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/read_file.hpp>

#include <study/assign.hpp>
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
  if (j.is_null()) return {};
  if (j.is_boolean()) return j.get<bool>();
  if (j.is_number_integer()) return j.get<std::int64_t>();
  if (j.is_number()) return j.get<double>();
  if (j.is_string()) return j.get<std::string>();
  if (j.is_array() && all([](auto const& item) { return item.is_number_integer(); })) return j.get<integers>();
  if (j.is_array() && all([](auto const& item) { return item.is_number(); })) return j.get<reals>();
  if (j.is_array() && all([](auto const& item) { return item.is_string(); })) return j.get<words>();
  throw error(errc::usage,
      message("'", j.dump(), "' is no value for ", name, " (a list has items of one kind) write numbers or words"));
}

void assign_object(settings& s, json const& object, std::string const& prefix) {
  for (auto const& [name, item] : object.items())
    if (item.is_object()) assign_object(s, item, prefix + name + ".");
    else set_value(s, prefix + name, from_json(item, prefix + name));
}

}  // namespace

void read_settings(std::string const& text, std::string const& name, settings& s) {
  json object;
  try {
    object = json::parse(text, nullptr, true, true);
  } catch (json::parse_error const& e) {
    auto const line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(e.byte, text.size())), '\n');
    throw error(
        errc::bad_input, message(name, " is not JSON (line ", line, ") compare it with what --print-config prints"));
  }
  if (!object.is_object())
    throw error(errc::bad_input,
        message(name, " is not a configuration (its JSON is no object) compare it with what --print-config prints"));
  settings changed = s;
  try {
    assign_object(changed, object, "");
  } catch (error const& e) {
    throw error(e.code(), name + ": " + e.what());
  }
  s = changed;
}

void read_settings_file(std::filesystem::path const& file, settings& s) {
  read_settings(io::read_file<std::string>(file), file.string(), s);
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
  return text + "\n}\n";
}

}  // namespace papillon::study
