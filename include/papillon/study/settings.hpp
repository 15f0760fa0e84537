// SPDX-License-Identifier: MIT
/// \file settings.hpp
/// A value for every key of the schema. Starts as the paper's study; keys are set from text (`--set`, presets) or as
/// values (configuration files). An unknown key is an error that names the nearest one, an impossible value one that
/// names what is allowed; both leave the settings unchanged.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/study/schema.hpp>
#include <papillon/study/value.hpp>

namespace papillon::study {

namespace detail {

/// Levenshtein's distance: the fewest insertions, deletions and replacements of a character that turn a into b.
[[nodiscard]] inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      std::size_t const replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

/// The name nearest to `text`. A list's names must not be empty.
template <class Names>
[[nodiscard]] std::string nearest(std::string_view text, Names const& names) {
  auto const distance = [&](auto const& name) { return edit_distance(text, name); };
  return std::string(*std::min_element(names.begin(), names.end(),
                                       [&](auto const& a, auto const& b) { return distance(a) < distance(b); }));
}

[[nodiscard]] inline std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> items;
  while (!text.empty()) {
    auto const comma = text.find(',');
    items.push_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return items;
}

[[nodiscard]] inline bool read_scalar(std::string_view text, bool& x) {
  return x = text == "true", x || text == "false";
}
[[nodiscard]] inline bool read_scalar(std::string_view text, std::int64_t& x) { return read_number(text, x); }
[[nodiscard]] inline bool read_scalar(std::string_view text, double& x) { return read_number(text, x); }
[[nodiscard]] inline bool read_scalar(std::string_view text, std::string& x) { return x = text, !text.empty(); }

}  // namespace detail

/// The position of `name` in the schema; throws errc::usage with the nearest key if there is none.
[[nodiscard]] inline std::size_t key_index(std::string_view name) {
  auto const& keys = schema();
  auto const found = std::find_if(keys.begin(), keys.end(), [&](key const& k) { return k.name == name; });
  if (found != keys.end()) return static_cast<std::size_t>(found - keys.begin());
  std::vector<std::string_view> names;
  for (auto const& k : keys) names.push_back(k.name);
  throw error(errc::usage, "unknown key '" + std::string(name) +
                               "' (the configuration has no such key) did you mean '" + detail::nearest(name, names) +
                               "'?");
}

/// See the file's comment.
class settings {
 public:
  settings() {
    for (auto const& k : schema()) values_.push_back(k.standard);
  }

  /// The value of a key whose type is T.
  template <class T>
  [[nodiscard]] T const& get(std::string_view name) const {
    return std::get<T>(values_[key_index(name)]);
  }

  [[nodiscard]] value const& get(std::string_view name) const { return values_[key_index(name)]; }
  [[nodiscard]] bool flag(std::string_view name) const { return get<bool>(name); }
  [[nodiscard]] int integer(std::string_view name) const { return static_cast<int>(get<std::int64_t>(name)); }
  [[nodiscard]] double real(std::string_view name) const { return get<double>(name); }
  [[nodiscard]] std::string const& word(std::string_view name) const { return get<std::string>(name); }

  /// Sets a key from text, lists separated by commas. Throws errc::usage.
  void set(std::string_view name, std::string_view text) {
    auto const index = key_index(name);
    key const& k = schema()[index];
    assign(index, parse(k, text), text);
  }

  /// Sets a key from "key=value". Throws errc::usage.
  void set(std::string_view assignment) {
    auto const equals = assignment.find('=');
    if (equals == std::string_view::npos)
      throw error(errc::usage, "'" + std::string(assignment) + "' is no setting (there is no '=') write key=value");
    set(assignment.substr(0, equals), assignment.substr(equals + 1));
  }

  /// Sets a key to a value of its type; whole numbers serve as reals. Throws errc::usage.
  void set_value(std::string_view name, value v) {
    auto const index = key_index(name);
    auto const text = to_text(v);
    assign(index, std::move(v), text);
  }

  /// The keys that differ from their default.
  [[nodiscard]] std::vector<std::string_view> changed() const {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (values_[i] != schema()[i].standard) names.push_back(schema()[i].name);
    return names;
  }

  friend bool operator==(settings const& a, settings const& b) { return a.values_ == b.values_; }

 private:
  [[noreturn]] static void refuse(key const& k, std::string_view text, std::string const& why) {
    auto const allows = allowed(k);
    throw error(errc::usage, "'" + std::string(text) + "' is no value for " + std::string(k.name) + " (" + why +
                                 ") it takes " + (allows.empty() ? "a " + type_name(k) : allows) + ", for example " +
                                 to_text(k.standard));
  }

  [[nodiscard]] static value parse(key const& k, std::string_view text) {
    if (k.may_be_none && text == "none") return {};
    return std::visit(
        [&](auto const& standard) -> value {
          using type = std::decay_t<decltype(standard)>;
          if constexpr (std::is_same_v<type, std::monostate>) {
            double x{};
            if (!detail::read_scalar(text, x)) refuse(k, text, "not a " + type_name(k));
            return x;
          } else if constexpr (detail::is_list<type>) {
            type list;
            for (auto const item : detail::split_list(text)) {
              typename type::value_type x{};
              if (!detail::read_scalar(item, x)) refuse(k, text, "not a " + type_name(k));
              list.push_back(x);
            }
            return list;
          } else {
            type x{};
            if (!detail::read_scalar(text, x)) refuse(k, text, "not a " + type_name(k));
            return x;
          }
        },
        k.standard);
  }

  /// The value with the key's type, where it can be had without loss: files write 1 for 1.0 and [] for any empty list.
  [[nodiscard]] static value adapted(key const& k, value v) {
    bool const wants_real =
        std::holds_alternative<double>(k.standard) || std::holds_alternative<std::monostate>(k.standard);
    if (auto const* whole = std::get_if<std::int64_t>(&v); whole && wants_real) return static_cast<double>(*whole);
    if (auto const* list = std::get_if<integers>(&v)) {
      if (std::holds_alternative<reals>(k.standard)) return reals(list->begin(), list->end());
      if (list->empty() && std::holds_alternative<words>(k.standard)) return words{};
    }
    return v;
  }

  void assign(std::size_t index, value v, std::string_view text) {
    key const& k = schema()[index];
    v = adapted(k, std::move(v));
    bool const none = std::holds_alternative<std::monostate>(v);
    bool const optional_real = k.may_be_none && std::holds_alternative<double>(v);
    if (!(v.index() == k.standard.index() || optional_real) || (none && !k.may_be_none))
      refuse(k, text, "not a " + type_name(k));
    std::visit([&](auto const& x) { check(k, x, text); }, v);
    values_[index] = std::move(v);
  }

  template <class T>
  static void check(key const& k, T const& x, std::string_view text) {
    if constexpr (detail::is_list<T>) {
      for (auto const& item : x) check(k, item, text);
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (!k.choices.empty() && std::find(k.choices.begin(), k.choices.end(), x) == k.choices.end())
        refuse(k, text, "did you mean '" + detail::nearest(x, k.choices) + "'?");
    } else if constexpr (!std::is_same_v<T, std::monostate> && !std::is_same_v<T, bool>) {
      auto const number = static_cast<double>(x);
      if (!(number >= k.low && number <= k.high)) refuse(k, text, "out of range");
    }
  }

  std::vector<value> values_;
};

/// The hidden layers that a word of attack.hidden stands for: "30-30" is {30, 30}. Throws errc::usage.
[[nodiscard]] inline std::vector<int> hidden_layers(std::string_view word) {
  std::vector<int> layers;
  for (auto rest = word; layers.empty() || !rest.empty();) {
    auto const dash = rest.find('-');
    int neurons = 0;
    if (!detail::read_number(rest.substr(0, dash), neurons) || neurons < 1 || neurons > 10000 ||
        dash == rest.size() - 1)
      throw error(errc::usage, "'" + std::string(word) +
                                   "' is no value for attack.hidden (1 to 10000 neurons a layer, separated by '-') "
                                   "it takes for example 100-100-100");
    layers.push_back(neurons);
    rest = dash == std::string_view::npos ? std::string_view{} : rest.substr(dash + 1);
  }
  return layers;
}

/// Settings that are each allowed but do not go together are an error (errc::usage).
inline void check_together(settings const& s) {
  auto const refuse = [](std::string const& what) { throw error(errc::usage, what); };
  auto const text = [&](std::string_view name) { return std::string(name) + " = " + to_text(s.get(name)); };
  if ((s.integer("model.depth") - 2) % 6 != 0)
    refuse(text("model.depth") + " is no ResNet (a depth is 6 n + 2) take 8, 14, 20, 32, 44, 56 or 110");
  if (s.integer("data.validation") >= s.integer("data.subset"))
    refuse(text("data.validation") + " leaves no image to train on (" + text("data.subset") + ") take less");
  auto const& milestones = s.get<integers>("train.milestones");
  if (std::adjacent_find(milestones.begin(), milestones.end(), std::greater_equal<>{}) != milestones.end())
    refuse(text("train.milestones") + " does not increase (each is an epoch later than the one before) sort it");
  if (s.get<integers>("study.seeds").empty())
    refuse("study.seeds is empty (there would be no experiment) give at least one seed");
  for (auto const* name : {"study.seeds", "study.butterflies"}) {
    auto items = std::string(to_text(s.get(name)));
    auto list = detail::split_list(items);
    std::sort(list.begin(), list.end());
    if (std::adjacent_find(list.begin(), list.end()) != list.end())
      refuse(text(name) + " has an item twice (each is run once) remove it");
  }
  for (auto const* name : {"normalisation.mean", "normalisation.deviation"})
    if (s.get<reals>(name).size() != 3)
      refuse(text(name) + " has not three items (one for red, green and blue) give three");
  if (s.word("data.split") == "archive" && s.flag("study.attack"))
    refuse("data.split = archive has no shadow data (study.attack = true needs it) set study.attack=false");
  if (s.word("data.split") == "archive" && s.word("data.source") != "cifar10")
    refuse("data.split = archive is a split of CIFAR-10 (data.source = synthetic has none) set data.split=four");
  for (auto const& word : s.get<words>("attack.hidden")) (void)hidden_layers(word);
  for (auto const* name : {"attack.learning_rates", "attack.hidden"})
    if (to_text(s.get(name)).empty())
      refuse(std::string(name) + " is empty (there would be no discriminator) give at least one");
}

}  // namespace papillon::study
