// SPDX-License-Identifier: MIT
#include <study/assign.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>

#include <study/text.hpp>

namespace papillon::study {

namespace {

constexpr std::string_view any_name = "NAME";

constexpr replaced_key replaced[] = {{"study.butterflies", "study.configurations=dense,S3L2"},
    {"imp.rounds", "study.configurations=dense,imp-01..08"}, {"imp.fraction", "prune.fraction"},
    {"imp.fc_fraction", "prune.fc_fraction"}, {"learning_rate.dense", "train.learning_rate"},
    {"learning_rate.imp", "train.learning_rate"}, {"learning_rate.NAME", "configurations.NAME.train.learning_rate"},
    {"weight_decay.dense", "train.weight_decay"}, {"weight_decay.imp", "train.weight_decay"},
    {"weight_decay.NAME", "configurations.NAME.train.weight_decay"}};

/// What says the same as a key of version 0.1 did; empty: the name is none of those.
std::string replacement_of(std::string_view name) {
  for (auto const& r : replaced) {
    if (name == r.name) return std::string(r.now);
    auto const stem = r.name.substr(0, r.name.find(any_name));
    if (stem == r.name || !name.starts_with(stem) || name == stem) continue;
    std::string now(r.now);
    return now.replace(now.find(any_name), any_name.size(), name.substr(stem.size()));
  }
  return {};
}

/// The key of a name; throws errc::usage with what replaced it, or the nearest one, if there is none.
key const& find_key(std::string_view name) {
  auto const& keys = schema();
  auto const found = std::ranges::find(keys, name, &key::name);
  if (found != keys.end()) return *found;
  if (auto const now = replacement_of(name); !now.empty())
    throw error(
        errc::usage, message("'", name, "' is a key of version 0.1 (the same is said in another way now) write ", now));
  std::vector<std::string_view> names;
  for (auto const& k : keys) names.push_back(k.name);
  throw error(errc::usage, "unknown key '" + std::string(name) +
                               "' (the configuration has no such key) did you mean '" + nearest(name, names) + "'?");
}

[[noreturn]] void refuse(key const& k, std::string_view text, std::string const& why) {
  auto const allows = allowed(k), standard = to_text(k.standard);
  throw error(errc::usage,
      message("'", text, "' is no value for ", k.name, " (", why, ") it takes ",
          (allows.empty() ? "a " + type_name(k) : allows), (standard.empty() ? "" : ", for example " + standard)));
}

bool read_scalar(std::string_view text, bool& x) { return x = text == "true", x || text == "false"; }
bool read_scalar(std::string_view text, std::int64_t& x) { return read_number(text, x); }
bool read_scalar(std::string_view text, double& x) { return read_number(text, x); }
bool read_scalar(std::string_view text, std::string& x) { return x = text, !text.empty(); }

template <class T> T parse_as(key const& k, std::string_view item, std::string_view text) {
  T x{};
  if (!read_scalar(item, x)) refuse(k, text, "not a " + type_name(k));
  return x;
}

value parse(key const& k, std::string_view text) {
  if (k.may_be_none && text == "none") return {};
  return std::visit(
      [&](auto const& standard) -> value {
        using type = std::decay_t<decltype(standard)>;
        if constexpr (std::is_same_v<type, std::monostate>) {
          return parse_as<double>(k, text, text);
        } else if constexpr (is_list<type>) {
          type list;
          for (auto const item : split_list(text)) list.push_back(parse_as<typename type::value_type>(k, item, text));
          return list;
        } else {
          if constexpr (std::is_same_v<type, std::string>)
            if (text == standard) return standard;  // a word is empty only where that is the default
          return parse_as<type>(k, text, text);
        }
      },
      k.standard);
}

/// The value with the key's type, where it can be had without loss: files write 1 for 1.0 and [] for any empty list.
value adapted(key const& k, value v) {
  bool const wants_real =
      std::holds_alternative<double>(k.standard) || std::holds_alternative<std::monostate>(k.standard);
  if (auto const* whole = std::get_if<std::int64_t>(&v); whole && wants_real) return static_cast<double>(*whole);
  if (auto const* list = std::get_if<integers>(&v)) {
    if (std::holds_alternative<reals>(k.standard)) return reals(list->begin(), list->end());
    if (list->empty() && std::holds_alternative<words>(k.standard)) return words{};
  }
  return v;
}

template <class T> void check(key const& k, T const& x, std::string_view text) {
  if constexpr (is_list<T>) {
    for (auto const& item : x) check(k, item, text);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!k.choices.empty() && std::ranges::find(k.choices, x) == k.choices.end())
      refuse(k, text, "did you mean '" + nearest(x, k.choices) + "'?");
  } else if constexpr (!std::is_same_v<T, std::monostate> && !std::is_same_v<T, bool>) {
    auto const number = static_cast<double>(x);
    if (!(number >= k.within.low && number <= k.within.high)) refuse(k, text, "out of range");
  }
}

void assign(settings& s, key const& k, value v, std::string_view text) {
  v = adapted(k, std::move(v));
  bool const none = std::holds_alternative<std::monostate>(v);
  bool const optional_real = k.may_be_none && std::holds_alternative<double>(v);
  if (!(v.index() == k.standard.index() || optional_real) || (none && !k.may_be_none))
    refuse(k, text, "not a " + type_name(k));
  std::visit([&](auto const& x) { check(k, x, text); }, v);
  k.set(s, v);
}

// --- settings of one configuration -------------------------------------------------------

constexpr std::string_view overlay_prefix = "configurations.";

/// The parts of "configurations.NAME.KEY".
struct overlay_key {
  std::string name, key;
};

overlay_key split_overlay_key(std::string_view name) {
  auto const rest = name.substr(overlay_prefix.size());
  auto const dot = rest.find('.');
  auto const configuration = rest.substr(0, dot);
  bool const plain = std::ranges::all_of(configuration,
      [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; });
  if (dot == std::string_view::npos || configuration.empty() || !plain)
    throw error(errc::usage, message("'", name,
                                 "' is no setting of a configuration (its form is configurations.NAME.KEY, "
                                 "NAME of letters, digits and '-') write for example "
                                 "configurations.narrow-6.model.width=6"));
  return {std::string(configuration), std::string(rest.substr(dot + 1))};
}

overlay& overlay_of(settings& s, std::string const& name) {
  auto const found = std::ranges::find(s.configurations, name, &overlay::name);
  if (found != s.configurations.end()) return *found;
  s.configurations.emplace_back().name = name;
  return s.configurations.back();
}

/// The word that an overlay has itself; nullptr: the name is that of a setting.
std::string* own_word(overlay& o, std::string_view name) {
  if (name == "like") return &o.like;
  if (name == "series") return &o.series;
  if (name == "control_of") return &o.control_of;
  return nullptr;
}

void set_overlaid(settings& s, overlay_key const& at, std::string_view text) {
  overlay probe;
  if (own_word(probe, at.key)) {
    *own_word(overlay_of(s, at.name), at.key) = text;
    return;
  }
  key const& k = find_key(at.key);
  if (!may_be_overlaid(k))
    throw error(errc::usage, message(k.name,
                                 " cannot differ between configurations (it is the whole study's) set it "
                                 "without configurations.",
                                 at.name));
  settings scratch;
  assign(scratch, k, parse(k, text), text);
  auto const canonical = to_text(k.get(scratch));
  auto& changes = overlay_of(s, at.name).changes;
  auto const found = std::ranges::find(changes, at.key, &std::pair<std::string, std::string>::first);
  if (found != changes.end()) found->second = canonical;
  else changes.emplace_back(at.key, canonical);
}

}  // namespace

std::span<replaced_key const> replaced_keys() noexcept { return replaced; }

value get(settings const& s, std::string_view name) { return find_key(name).get(s); }

bool may_be_overlaid(key const& k) noexcept { return k.part_of != concern::selection && k.part_of != concern::data; }

void set(settings& s, std::string_view name, std::string_view text) {
  if (name.starts_with(overlay_prefix)) return set_overlaid(s, split_overlay_key(name), text);
  key const& k = find_key(name);
  assign(s, k, parse(k, text), text);
}

void set(settings& s, std::string_view assignment) {
  try {
    (void)nlohmann::json(assignment).dump();
  } catch (nlohmann::json::type_error const&) {
    throw error(errc::usage, message("'", assignment, "' is no setting (it is not UTF-8) write it in plain text"));
  }
  auto const equals = assignment.find('=');
  if (equals == std::string_view::npos)
    throw error(errc::usage, message("'", assignment, "' is no setting (there is no '=') write key=value"));
  set(s, assignment.substr(0, equals), assignment.substr(equals + 1));
}

void set_value(settings& s, std::string_view name, value v) {
  auto const text = to_text(v);
  if (name.starts_with(overlay_prefix)) return set_overlaid(s, split_overlay_key(name), text);
  assign(s, find_key(name), std::move(v), text);
}

bool is_changed(settings const& s, key const& k) { return k.get(s) != k.standard; }

std::vector<std::string_view> changed(settings const& s) {
  std::vector<std::string_view> names;
  for (key const& k : schema())
    if (is_changed(s, k)) names.push_back(k.name);
  return names;
}

std::vector<std::pair<std::string, std::string>> differences(settings const& s, settings const& from) {
  std::vector<std::pair<std::string, std::string>> all;
  for (key const& k : schema())
    if (auto const own = k.get(s); own != k.get(from)) all.emplace_back(k.name, to_text(own));
  return all;
}

}  // namespace papillon::study
