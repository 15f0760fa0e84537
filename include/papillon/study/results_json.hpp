// SPDX-License-Identifier: MIT
/// \file results_json.hpp
/// results.json: the results of a study as JSON, every number that a report shows in full precision.
/// A missing number is null, and null or an absent key reads as missing; numbers survive a round trip bit by bit.
/// Text that is no such document is an error of code bad_input that says where.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/study/results.hpp>

namespace papillon::study {

/// Version of the document; raised when a key changes its meaning.
inline constexpr int results_version = 1;

namespace detail {

using json = nlohmann::ordered_json;

inline constexpr std::array family_names{"dense", "imp", "butterfly"};
inline constexpr std::array significance_names{"unknown", "no", "yes"};

inline std::string where(std::string_view path) { return path.empty() ? "at the top" : "at " + std::string(path); }

[[noreturn]] inline void bad_results(std::string const& problem, std::string_view path) {
  throw error(errc::bad_input,
              "results: " + problem + " (" + where(path) + "); write the file anew with the study that made it");
}

/// Writes members of a struct as members of a JSON object.
class writer {
 public:
  explicit writer(json& object) : object_(object) { object_ = json::object(); }

  void operator()(char const* key, double& value) const {
    object_[key] = std::isfinite(value) ? json(value) : json(nullptr);
  }
  void operator()(char const* key, int& value) const { object_[key] = value; }
  void operator()(char const* key, std::int64_t& value) const { object_[key] = value; }
  void operator()(char const* key, std::uint64_t& value) const { object_[key] = value; }
  void operator()(char const* key, std::string& value) const { object_[key] = value; }
  template <class Enum, std::size_t N>
  void name_of(char const* key, Enum& value, std::array<char const*, N> const& names) const {
    object_[key] = names[static_cast<std::size_t>(value)];
  }
  template <class T>
  void operator()(char const* key, T& members) const {
    describe(writer(object_[key]), members);
  }
  void operator()(char const* key, std::vector<double>& values) const {
    json& list = object_[key] = json::array();
    for (double v : values) list.push_back(std::isfinite(v) ? json(v) : json(nullptr));
  }
  void operator()(char const* key, std::vector<std::uint64_t>& values) const { object_[key] = values; }
  template <class T>
  void operator()(char const* key, std::vector<T>& values) const {
    json& list = object_[key] = json::array();
    for (T& v : values) describe(writer(list.emplace_back()), v);
  }
  void operator()(char const* key, std::vector<std::pair<std::string, std::string>>& values) const {
    json& object = object_[key] = json::object();
    for (auto const& [name, text] : values) object[name] = text;
  }

 private:
  json& object_;
};

/// Reads members of a JSON object into members of a struct; what is absent keeps its value.
class reader {
 public:
  reader(json const& object, std::string path) : object_(object), path_(std::move(path)) {
    if (!object.is_object()) bad_results("expected an object, found " + std::string(object.type_name()), path_);
  }

  void operator()(char const* key, double& value) const {
    if (json const* j = find(key)) value = number(*j, key);
  }
  void operator()(char const* key, int& value) const { whole(key, value); }
  void operator()(char const* key, std::int64_t& value) const { whole(key, value); }
  void operator()(char const* key, std::uint64_t& value) const { whole(key, value); }
  void operator()(char const* key, std::string& value) const {
    if (json const* j = find(key)) value = text(*j, key);
  }
  template <class Enum, std::size_t N>
  void name_of(char const* key, Enum& value, std::array<char const*, N> const& names) const {
    json const* j = find(key);
    if (!j) return;
    std::string const name = text(*j, key);
    for (std::size_t i = 0; i < N; ++i)
      if (name == names[i]) {
        value = static_cast<Enum>(i);
        return;
      }
    bad_results("unknown word '" + name + "'", path_of(key));
  }
  template <class T>
  void operator()(char const* key, T& members) const {
    if (json const* j = find(key)) describe(reader(*j, path_of(key)), members);
  }
  void operator()(char const* key, std::vector<double>& values) const {
    values.clear();
    for (json const& j : list(key)) values.push_back(number(j, key));
  }
  void operator()(char const* key, std::vector<std::uint64_t>& values) const {
    values.clear();
    for (json const& j : list(key)) {
      if (!j.is_number_unsigned()) bad_results("expected whole numbers", path_of(key));
      values.push_back(j.get<std::uint64_t>());
    }
  }
  template <class T>
  void operator()(char const* key, std::vector<T>& values) const {
    values.clear();
    for (json const& j : list(key)) {
      std::string const path = path_of(key) + "/" + std::to_string(values.size());
      describe(reader(j, path), values.emplace_back());
    }
  }
  void operator()(char const* key, std::vector<std::pair<std::string, std::string>>& values) const {
    values.clear();
    json const* object = find(key);
    if (!object) return;
    if (!object->is_object()) bad_results("expected an object", path_of(key));
    for (auto const& [name, value] : object->items()) values.emplace_back(name, text(value, key));
  }

 private:
  std::string path_of(char const* key) const { return path_ + "/" + key; }
  json const* find(char const* key) const {
    auto const at = object_.find(key);
    return at == object_.end() ? nullptr : &*at;
  }
  json const& list(char const* key) const {
    static json const none = json::array();
    json const* j = find(key);
    if (!j) return none;
    if (!j->is_array()) bad_results("expected a list", path_of(key));
    return *j;
  }
  double number(json const& j, char const* key) const {
    if (j.is_null()) return missing;
    if (!j.is_number()) bad_results("expected a number", path_of(key));
    return j.get<double>();
  }
  std::string text(json const& j, char const* key) const {
    if (!j.is_string()) bad_results("expected a text", path_of(key));
    return j.get<std::string>();
  }
  template <class Integer>
  void whole(char const* key, Integer& value) const {
    json const* j = find(key);
    if (!j) return;
    if (!j->is_number_integer()) bad_results("expected a whole number", path_of(key));
    value = j->get<Integer>();
    if (json(value) != *j) bad_results("a whole number is out of range", path_of(key));
  }

  json const& object_;
  std::string path_;
};

// Each struct is described once, for writing and reading alike: `io` takes a key and a member.

template <class Io>
void describe(Io const& io, study_scale& v) {
  io("preset", v.preset);
  io("data", v.data);
  io("architecture", v.architecture);
  io("members", v.members);
  io("part_images", v.part_images);
  io("trained_images", v.trained_images);
  io("validation_images", v.validation_images);
  io("epochs", v.epochs);
  io("seeds", v.seeds);
  io("configurations", v.configurations);
  io("trainings", v.trainings);
  io("trainings_done", v.trainings_done);
}

template <class Io>
void describe(Io const& io, training_curve& v) {
  io("train_loss", v.train_loss);
  io("train_accuracy", v.train_accuracy);
  io("validation_loss", v.validation_loss);
  io("validation_accuracy", v.validation_accuracy);
}

template <class Io>
void describe(Io const& io, network_result& v) {
  io("run", v.run);
  io("epochs", v.epochs);
  io("best_epoch", v.best_epoch);
  io("train_accuracy", v.train_accuracy);
  io("validation_accuracy", v.validation_accuracy);
  io("test_accuracy", v.test_accuracy);
  io("train_loss", v.train_loss);
  io("test_loss", v.test_loss);
  io("seconds", v.seconds);
  io("curve", v.curve);
}

template <class Io>
void describe(Io const& io, privacy::attack_metrics& v) {
  io("accuracy", v.accuracy);
  io("balanced_accuracy", v.balanced_accuracy);
  io("auc", v.auc);
  io("true_positive_rate", v.true_positive_rate);
}

template <class Io>
void describe(Io const& io, discriminator_result& v) {
  io("name", v.name);
  io("holdout_accuracy", v.holdout_accuracy);
  io("shadow_accuracy", v.shadow_accuracy);
  io("target", v.target);
}

template <class Io>
void describe(Io const& io, threshold_result& v) {
  io("target", v.target);
  io("oracle_accuracy", v.oracle_accuracy);
}

template <class Io>
void describe(Io const& io, reading_result& v) {
  io("discriminators", v.discriminators);
  io("loss_threshold", v.loss);
  io("confidence_threshold", v.confidence);
}

template <class Io>
void describe(Io const& io, seed_result& v) {
  io("seed", v.seed);
  io("target", v.target);
  io("shadow", v.shadow);
  io("all", v.all);
  io("strict", v.strict);
}

template <class Io>
void describe(Io const& io, spread& v) {
  io("count", v.count);
  io("mean", v.mean);
  io("deviation", v.deviation);
}

template <class Io>
void describe(Io const& io, reading_summary& v) {
  io("reported", v.reported);
  io("reported_name", v.reported_name);
  io("holdout_accuracy", v.holdout_accuracy);
  io("attack_accuracy", v.attack_accuracy);
  io("above_guessing", v.above_guessing);
  io("defence", v.defence);
  io("defence_change", v.defence_change);
  io.name_of("defence_differs", v.defence_differs, significance_names);
  io("ratio", v.ratio);
  io("oracle_attack_accuracy", v.oracle_attack_accuracy);
  io("oracle_defence", v.oracle_defence);
  io("loss_attack_accuracy", v.loss_attack_accuracy);
  io("loss_defence", v.loss_defence);
  io("loss_oracle_attack_accuracy", v.loss_oracle_attack_accuracy);
  io("confidence_attack_accuracy", v.confidence_attack_accuracy);
}

template <class Io>
void describe(Io const& io, configuration_summary& v) {
  io("accuracy", v.accuracy);
  io("shadow_accuracy", v.shadow_accuracy);
  io("train_accuracy", v.train_accuracy);
  io("accuracy_change", v.accuracy_change);
  io.name_of("accuracy_differs", v.accuracy_differs, significance_names);
  io("all", v.all);
  io("strict", v.strict);
}

template <class Io>
void describe(Io const& io, configuration_result& v) {
  io("name", v.name);
  io.name_of("family", v.family, family_names);
  io("round", v.round);
  io("segments", v.segments);
  io("factors", v.factors);
  io("nonzeros", v.nonzeros);
  io("nonzero_percent", v.nonzero_percent);
  io("summary", v.summary);
  io("seeds", v.seeds);
}

template <class Io>
void describe(Io const& io, trade_off& v) {
  io("slope", v.slope);
  io("strict_slope", v.strict_slope);
  io("points", v.points);
}

template <class Io>
void describe(Io const& io, paper_numbers& v) {
  io("dense_accuracy", v.dense_accuracy);
  io("dense_defence", v.dense_defence);
  io("slope", v.slope);
  io("ratio", v.ratio);
  io("ratio_from_percent", v.ratio_from_percent);
  io("ratio_to_percent", v.ratio_to_percent);
}

template <class Io>
void describe(Io const& io, results& v) {
  io("scale", v.scale);
  io("trade_off", v.trade_off);
  io("paper", v.paper);
  io("provenance", v.provenance);
  io("configurations", v.configurations);
}

/// Objects and lists of objects over several lines, lists of numbers on one: a person can read and compare it.
inline void print(json const& j, std::string const& indent, std::string& out) {
  bool const list = j.is_array();
  bool const spread_out = (j.is_object() && !j.empty()) || (list && !j.empty() && j.front().is_structured());
  if (!spread_out) {
    out += j.dump(-1, ' ', false, json::error_handler_t::replace);
    return;
  }
  std::string const inner = indent + "  ";
  out += list ? '[' : '{';
  char const* separator = "\n";
  for (auto const& [key, value] : j.items()) {
    out.append(separator).append(inner);
    if (!list) out.append(json(key).dump(-1, ' ', false, json::error_handler_t::replace)).append(": ");
    print(value, inner, out);
    separator = ",\n";
  }
  out.append("\n").append(indent);
  out += list ? ']' : '}';
}

}  // namespace detail

/// The document, in the order of the structs; numbers that are missing are null.
[[nodiscard]] inline nlohmann::ordered_json to_json(results study) {
  nlohmann::ordered_json document;
  document["format"] = "papillon study results";
  document["version"] = results_version;
  nlohmann::ordered_json body;
  detail::describe(detail::writer(body), study);
  document.update(body);
  return document;
}

/// The text of results.json.
[[nodiscard]] inline std::string results_text(results const& study) {
  std::string text;
  detail::print(to_json(study), "", text);
  return text + "\n";
}

/// The results that a text holds; throws papillon::error (bad_input) where it is no results.json of this version.
[[nodiscard]] inline results parse_results(std::string_view text) {
  nlohmann::ordered_json document;
  try {
    document = nlohmann::ordered_json::parse(text);
  } catch (nlohmann::ordered_json::parse_error const& e) {
    throw error(errc::bad_input,
                "results: no valid JSON (at byte " + std::to_string(e.byte) + "); the file is cut off or damaged");
  }
  auto const format = document.is_object() ? document.find("format") : document.end();
  if (format == document.end() || *format != "papillon study results")
    throw error(errc::bad_input, "results: not the results of a study (no such \"format\"); give a results.json");
  auto const version = document.find("version");
  if (version == document.end() || *version != results_version)
    throw error(errc::bad_input, "results: written by another version (this one reads version " +
                                     std::to_string(results_version) + "); write the file anew");
  results study;
  detail::describe(detail::reader(document, ""), study);
  return study;
}

}  // namespace papillon::study
