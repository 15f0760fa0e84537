// SPDX-License-Identifier: MIT
/// \file settings_file.hpp
/// Settings as a JSON file with comments: {"train.epochs": 60, "imp": {"rounds": 4}}. Dotted names and nested objects
/// mean the same; keys that are absent keep their value. What `print_settings` writes reads back as the same settings.
/// The functions are templates of the JSON type so that who only includes this file does not pay for the instantiation
/// of the JSON library.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/study/settings.hpp>

namespace papillon::study {

namespace detail {

template <class Json>
[[nodiscard]] Json to_json(value const& v) {
  return std::visit(
      [](auto const& x) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(x)>, std::monostate>) return nullptr;
        else return x;
      },
      v);
}

/// The value that a JSON value stands for; throws errc::usage where it stands for none.
template <class Json>
[[nodiscard]] value from_json(Json const& j, std::string const& name) {
  auto const all = [&](auto const& test) { return std::all_of(j.begin(), j.end(), test); };
  if (j.is_null()) return {};
  if (j.is_boolean()) return j.template get<bool>();
  if (j.is_number_integer()) return j.template get<std::int64_t>();
  if (j.is_number()) return j.template get<double>();
  if (j.is_string()) return j.template get<std::string>();
  if (j.is_array() && all([](auto const& item) { return item.is_number_integer(); })) return j.template get<integers>();
  if (j.is_array() && all([](auto const& item) { return item.is_number(); })) return j.template get<reals>();
  if (j.is_array() && all([](auto const& item) { return item.is_string(); })) return j.template get<words>();
  throw error(errc::usage,
              "'" + j.dump() + "' is no value for " + name + " (a list has items of one kind) write numbers or words");
}

template <class Json>
void assign_object(settings& s, Json const& object, std::string const& prefix) {
  for (auto const& [name, item] : object.items())
    if (item.is_object()) assign_object(s, item, prefix + name + ".");
    else s.set_value(prefix + name, from_json(item, prefix + name));
}

}  // namespace detail

/// Changes `s` by JSON text; `name` says in messages where the text is from. Throws errc::usage for keys and values,
/// errc::bad_input for text that is not JSON.
template <class Json = nlohmann::ordered_json>
void read_settings(std::string const& text, std::string const& name, settings& s) {
  Json object;
  try {
    object = Json::parse(text, nullptr, true, true);
  } catch (typename Json::parse_error const& e) {
    auto const line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(e.byte, text.size())), '\n');
    throw error(errc::bad_input,
                name + " is not JSON (line " + std::to_string(line) + ") compare it with what --print-config prints");
  }
  if (!object.is_object())
    throw error(errc::bad_input,
                name + " is not a configuration (its JSON is no object) compare it with what --print-config prints");
  settings changed = s;
  try {
    detail::assign_object(changed, object, "");
  } catch (error const& e) {
    throw error(e.code(), name + ": " + e.what());
  }
  s = changed;
}

/// Changes `s` by a file. Throws as read_settings, errc::bad_input for a file that cannot be read.
template <class Json = nlohmann::ordered_json>
void read_settings_file(std::filesystem::path const& file, settings& s) {
  read_settings<Json>(io::read_file<std::string>(file), file.string(), s);
}

/// All keys with their values, as JSON with a comment for every key.
template <class Json = nlohmann::ordered_json>
[[nodiscard]] std::string print_settings(settings const& s) {
  std::string text = "{";
  std::string_view group;
  for (std::size_t i = 0; i < schema().size(); ++i) {
    key const& k = schema()[i];
    auto const part = k.name.substr(0, k.name.find('.'));
    text += i == 0 ? "\n" : ",\n";
    if (part != group && i != 0) text += "\n";
    group = part;
    text += "  // " + std::string(k.help);
    if (auto const allows = allowed(k); !allows.empty()) text += " [" + allows + "]";
    if (s.get(k.name) != k.standard) text += " (default: " + to_text(k.standard) + ")";
    text += "\n  \"" + std::string(k.name) + "\": " + detail::to_json<Json>(s.get(k.name)).dump();
  }
  return text + "\n}\n";
}

}  // namespace papillon::study
