// SPDX-License-Identifier: MIT
#include <study/results_json.hpp>

#include <cmath>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>

#include <study/fields.hpp>
#include <study/names.hpp>
#include <study/value.hpp>

namespace papillon::study {

// --- what is in a results.json ----------------------------------------------------------

template <>
inline constexpr auto fields_of<study_scale> =
    std::tuple{field{"preset", &study_scale::preset}, field{"data", &study_scale::data},
        field{"architecture", &study_scale::architecture}, field{"members", &study_scale::members},
        field{"part_images", &study_scale::part_images}, field{"trained_images", &study_scale::trained_images},
        field{"validation_images", &study_scale::validation_images}, field{"epochs", &study_scale::epochs},
        field{"seeds", &study_scale::seeds}, field{"configurations", &study_scale::configurations},
        field{"trainings", &study_scale::trainings}, field{"trainings_done", &study_scale::trainings_done}};

template <>
inline constexpr auto fields_of<training_curve> = std::tuple{field{"train_loss", &training_curve::train_loss},
    field{"train_accuracy", &training_curve::train_accuracy},
    field{"validation_loss", &training_curve::validation_loss},
    field{"validation_accuracy", &training_curve::validation_accuracy}};

template <>
inline constexpr auto fields_of<network_result> =
    std::tuple{field{"run", &network_result::run}, field{"epochs", &network_result::epochs},
        field{"best_epoch", &network_result::best_epoch}, field{"train_accuracy", &network_result::train_accuracy},
        field{"validation_accuracy", &network_result::validation_accuracy},
        field{"test_accuracy", &network_result::test_accuracy}, field{"train_loss", &network_result::train_loss},
        field{"test_loss", &network_result::test_loss}, field{"seconds", &network_result::seconds},
        field{"curve", &network_result::curve}};

template <>
inline constexpr auto fields_of<privacy::attack_metrics> =
    std::tuple{field{"accuracy", &privacy::attack_metrics::accuracy},
        field{"balanced_accuracy", &privacy::attack_metrics::balanced_accuracy},
        field{"auc", &privacy::attack_metrics::auc},
        field{"true_positive_rate", &privacy::attack_metrics::true_positive_rate}};

template <>
inline constexpr auto fields_of<discriminator_result> = std::tuple{field{"name", &discriminator_result::name},
    field{"holdout_accuracy", &discriminator_result::holdout_accuracy},
    field{"shadow_accuracy", &discriminator_result::shadow_accuracy}, field{"target", &discriminator_result::target}};

template <>
inline constexpr auto fields_of<threshold_result> = std::tuple{
    field{"target", &threshold_result::target}, field{"oracle_accuracy", &threshold_result::oracle_accuracy}};

template <>
inline constexpr auto fields_of<reading_result> = std::tuple{field{"discriminators", &reading_result::discriminators},
    field{"loss_threshold", &reading_result::loss}, field{"confidence_threshold", &reading_result::confidence}};

template <>
inline constexpr auto fields_of<seed_result> =
    std::tuple{field{"seed", &seed_result::seed}, field{"target", &seed_result::target},
        field{"shadow", &seed_result::shadow}, field{"all", &seed_result::all}, field{"strict", &seed_result::strict}};

template <>
inline constexpr auto fields_of<spread> =
    std::tuple{field{"count", &spread::count}, field{"mean", &spread::mean}, field{"deviation", &spread::deviation}};

template <>
inline constexpr auto fields_of<reading_summary> =
    std::tuple{field{"reported", &reading_summary::reported}, field{"reported_name", &reading_summary::reported_name},
        field{"holdout_accuracy", &reading_summary::holdout_accuracy},
        field{"attack_accuracy", &reading_summary::attack_accuracy},
        field{"above_guessing", &reading_summary::above_guessing}, field{"defence", &reading_summary::defence},
        field{"defence_change", &reading_summary::defence_change},
        field{"defence_differs", &reading_summary::defence_differs}, field{"ratio", &reading_summary::ratio},
        field{"oracle_attack_accuracy", &reading_summary::oracle_attack_accuracy},
        field{"oracle_defence", &reading_summary::oracle_defence},
        field{"loss_attack_accuracy", &reading_summary::loss_attack_accuracy},
        field{"loss_defence", &reading_summary::loss_defence},
        field{"loss_oracle_attack_accuracy", &reading_summary::loss_oracle_attack_accuracy},
        field{"confidence_attack_accuracy", &reading_summary::confidence_attack_accuracy}};

template <>
inline constexpr auto fields_of<configuration_summary> = std::tuple{field{"accuracy", &configuration_summary::accuracy},
    field{"shadow_accuracy", &configuration_summary::shadow_accuracy},
    field{"train_accuracy", &configuration_summary::train_accuracy},
    field{"accuracy_change", &configuration_summary::accuracy_change},
    field{"accuracy_differs", &configuration_summary::accuracy_differs}, field{"all", &configuration_summary::all},
    field{"strict", &configuration_summary::strict}};

template <>
inline constexpr auto fields_of<configuration_result> =
    std::tuple{field{"name", &configuration_result::name}, field{"family", &configuration_result::family},
        field{"round", &configuration_result::round}, field{"segments", &configuration_result::segments},
        field{"factors", &configuration_result::factors}, field{"nonzeros", &configuration_result::nonzeros},
        field{"nonzero_percent", &configuration_result::nonzero_percent},
        field{"summary", &configuration_result::summary}, field{"seeds", &configuration_result::seeds}};

template <>
inline constexpr auto fields_of<trade_off> = std::tuple{field{"slope", &trade_off::slope},
    field{"strict_slope", &trade_off::strict_slope}, field{"points", &trade_off::points}};

template <>
inline constexpr auto fields_of<paper_numbers> = std::tuple{field{"dense_accuracy", &paper_numbers::dense_accuracy},
    field{"dense_defence", &paper_numbers::dense_defence}, field{"slope", &paper_numbers::slope},
    field{"ratio", &paper_numbers::ratio}, field{"ratio_from_percent", &paper_numbers::ratio_from_percent},
    field{"ratio_to_percent", &paper_numbers::ratio_to_percent}};

template <>
inline constexpr auto fields_of<results> = std::tuple{field{"scale", &results::scale},
    field{"trade_off", &results::trade_off}, field{"paper", &results::paper}, field{"provenance", &results::provenance},
    field{"configurations", &results::configurations}};

namespace {

using json = nlohmann::ordered_json;
using named_texts = std::vector<std::pair<std::string, std::string>>;

// --- writing -----------------------------------------------------------------------------

template <class T> json written(T const& x) {
  if constexpr (std::is_same_v<T, double>) {
    return std::isfinite(x) ? json(x) : json(nullptr);
  } else if constexpr (std::is_enum_v<T>) {
    return std::string(name_of(x));
  } else if constexpr (described<T>) {
    json object = json::object();
    for_each_field(x, [&](char const* name, auto const& member) { object[name] = written(member); });
    return object;
  } else if constexpr (std::is_same_v<T, named_texts>) {
    json object = json::object();
    for (auto const& [name, text] : x) object[name] = text;
    return object;
  } else if constexpr (is_list<T>) {
    json list = json::array();
    for (auto const& item : x) list.push_back(written(item));
    return list;
  } else {
    return x;
  }
}

/// Appends `j`; see document_text.
void append(std::string& out, json const& j, std::string const& indent) {
  auto const on_one_line = [](json const& x) { return x.dump(-1, ' ', false, json::error_handler_t::replace); };
  bool const list = j.is_array();
  bool const spread_out = !j.empty() && (j.is_object() || (list && j.front().is_structured()));
  if (!spread_out) {
    out += on_one_line(j);
    return;
  }
  std::string const inner = indent + "  ";
  out += list ? '[' : '{';
  char const* separator = "\n";
  for (auto const& [key, item] : j.items()) {
    out.append(separator).append(inner);
    if (!list) out.append(on_one_line(key)).append(": ");
    append(out, item, inner);
    separator = ",\n";
  }
  out.append("\n").append(indent);
  out += list ? ']' : '}';
}

// --- reading -----------------------------------------------------------------------------

[[noreturn]] void refuse(std::string const& problem, std::string const& path) {
  throw error(errc::bad_input, message("results: ", problem, " (", (path.empty() ? "at the top" : "at " + path),
                                   "); write the file anew with the study that made it"));
}

std::string text_of(json const& j, std::string const& path) {
  if (!j.is_string()) refuse("expected a text", path);
  return j.get<std::string>();
}

/// Reads a member from the value at `path` of a document; what is absent keeps its value.
template <class T> void read(json const& j, std::string const& path, T& x) {
  if constexpr (std::is_same_v<T, double>) {
    if (!j.is_null() && !j.is_number()) refuse("expected a number", path);
    x = j.is_null() ? missing : j.get<double>();
  } else if constexpr (std::is_integral_v<T>) {
    if (!j.is_number_integer()) refuse("expected a whole number", path);
    x = j.get<T>();
    if (json(x) != j) refuse("a whole number is out of range", path);
  } else if constexpr (std::is_same_v<T, std::string>) {
    x = text_of(j, path);
  } else if constexpr (std::is_enum_v<T>) {
    auto const word = text_of(j, path);
    auto const found = from_name<T>(word);
    if (!found) refuse("unknown word '" + word + "'", path);
    x = *found;
  } else if constexpr (described<T>) {
    if (!j.is_object()) refuse("expected an object, found " + std::string(j.type_name()), path);
    for_each_field(x, [&](char const* name, auto& member) {
      if (auto const at = j.find(name); at != j.end()) read(*at, path + "/" + name, member);
    });
  } else if constexpr (std::is_same_v<T, named_texts>) {
    if (!j.is_object()) refuse("expected an object", path);
    x.clear();
    for (auto const& [name, text] : j.items()) x.emplace_back(name, text_of(text, path));
  } else {
    using item = typename T::value_type;
    if (!j.is_array()) refuse("expected a list", path);
    x.clear();
    for (json const& each : j) {
      if (std::is_integral_v<item> && !each.is_number_unsigned()) refuse("expected whole numbers", path);
      auto const at = described<item> ? message(path, "/", x.size()) : path;
      read(each, at, x.emplace_back());
    }
  }
}

}  // namespace

json to_json(results const& study) {
  json document;
  document["format"] = "papillon study results";
  document["version"] = results_version;
  document.update(written(study));
  return document;
}

json to_json(network_result const& part) { return written(part); }
json to_json(seed_result const& part) { return written(part); }

void read_json(json const& j, network_result& part) { read(j, "", part); }
void read_json(json const& j, seed_result& part) { read(j, "", part); }

std::string document_text(json const& document) {
  std::string text;
  append(text, document, "");
  return text + "\n";
}

std::string results_text(results const& study) { return document_text(to_json(study)); }

results parse_results(std::string_view text) {
  json document;
  try {
    document = json::parse(text);
  } catch (json::parse_error const& e) {
    throw error(
        errc::bad_input, message("results: no valid JSON (at byte ", e.byte, "); the file is cut off or damaged"));
  }
  auto const format = document.is_object() ? document.find("format") : document.end();
  if (format == document.end() || *format != "papillon study results")
    throw error(errc::bad_input, "results: not the results of a study (no such \"format\"); give a results.json");
  auto const version = document.find("version");
  if (version == document.end() || *version != results_version)
    throw error(errc::bad_input, message("results: written by another version (this one reads version ",
                                     results_version, "); write the file anew"));
  results study;
  read(document, "", study);
  return study;
}

}  // namespace papillon::study
