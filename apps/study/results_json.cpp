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
#include <papillon/io/json.hpp>

#include <study/fields.hpp>
#include <study/names.hpp>
#include <study/results_version_1.hpp>
#include <study/summary.hpp>
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
inline constexpr auto fields_of<network_quality> =
    std::tuple{field{"epoch", &network_quality::epoch}, field{"train_accuracy", &network_quality::train_accuracy},
        field{"validation_accuracy", &network_quality::validation_accuracy},
        field{"test_accuracy", &network_quality::test_accuracy}, field{"train_loss", &network_quality::train_loss},
        field{"test_loss", &network_quality::test_loss}};

template <>
inline constexpr auto fields_of<network_result> =
    std::tuple{field{"run", &network_result::run}, field{"epochs", &network_result::epochs},
        field{"best_epoch", &network_result::best_epoch}, field{"seconds", &network_result::seconds},
        field{"quality", &network_result::quality}, field{"curve", &network_result::curve}};

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
inline constexpr auto fields_of<kept_discriminator> =
    std::tuple{field{"result", &kept_discriminator::result}, field{"scores", &kept_discriminator::scores}};

template <>
inline constexpr auto fields_of<reading_result> = std::tuple{field{"discriminators", &reading_result::discriminators}};

template <>
inline constexpr auto fields_of<seed_result> =
    std::tuple{field{"seed", &seed_result::seed}, field{"target", &seed_result::target},
        field{"shadow", &seed_result::shadow}, field{"all", &seed_result::all}, field{"strict", &seed_result::strict}};

template <>
inline constexpr auto fields_of<operating_point> =
    std::tuple{field{"allowed", &operating_point::allowed}, field{"rate", &operating_point::rate},
        field{"found", &operating_point::found}, field{"mistakes", &operating_point::mistakes}};

template <>
inline constexpr auto fields_of<attack_experiment> = std::tuple{field{"seed", &attack_experiment::seed},
    field{"role", &attack_experiment::role}, field{"members", &attack_experiment::members},
    field{"others", &attack_experiment::others}, field{"holdout_accuracy", &attack_experiment::holdout_accuracy},
    field{"accuracy", &attack_experiment::accuracy}, field{"oracle_accuracy", &attack_experiment::oracle_accuracy},
    field{"auc", &attack_experiment::auc}, field{"auc_error", &attack_experiment::auc_error},
    field{"found", &attack_experiment::found}, field{"ruled_out", &attack_experiment::ruled_out}};

template <>
inline constexpr auto fields_of<estimate> = std::tuple{field{"count", &estimate::count}, field{"mean", &estimate::mean},
    field{"low", &estimate::low}, field{"high", &estimate::high}};

template <>
inline constexpr auto fields_of<operating_estimate> = std::tuple{field{"allowed", &operating_estimate::allowed},
    field{"rate", &operating_estimate::rate}, field{"mistakes", &operating_estimate::mistakes}};

template <>
inline constexpr auto fields_of<limits> = std::tuple{field{"low", &limits::low}, field{"high", &limits::high}};

template <>
inline constexpr auto fields_of<difference> = std::tuple{field{"change", &difference::change},
    field{"p", &difference::p}, field{"corrected_p", &difference::corrected_p},
    field{"sign_flip_p", &difference::sign_flip_p}, field{"over_images", &difference::over_images}};

template <>
inline constexpr auto fields_of<attack_summary> =
    std::tuple{field{"holdout_accuracy", &attack_summary::holdout_accuracy},
        field{"accuracy", &attack_summary::accuracy}, field{"defence", &attack_summary::defence},
        field{"auc", &attack_summary::auc}, field{"found", &attack_summary::found},
        field{"ruled_out", &attack_summary::ruled_out}, field{"defence_to_dense", &attack_summary::defence_to_dense},
        field{"defence_to_unpruned", &attack_summary::defence_to_unpruned}};

template <>
inline constexpr auto fields_of<listed_attack> =
    std::tuple{field{"name", &listed_attack::name}, field{"summary", &listed_attack::summary},
        field{"experiments", &listed_attack::experiments}, field{"roc", &listed_attack::roc}};

template <>
inline constexpr auto fields_of<score_histogram> =
    std::tuple{field{"low", &score_histogram::low}, field{"high", &score_histogram::high},
        field{"members", &score_histogram::members}, field{"others", &score_histogram::others}};

template <>
inline constexpr auto fields_of<memorisation_result> = std::tuple{field{"seed", &memorisation_result::seed},
    field{"references", &memorisation_result::references}, field{"mean", &memorisation_result::mean},
    field{"share_above", &memorisation_result::share_above}, field{"found_of_top", &memorisation_result::found_of_top}};

template <>
inline constexpr auto fields_of<overlap_result> =
    std::tuple{field{"seed", &overlap_result::seed}, field{"share", &overlap_result::share}};

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
        field{"oracle_defence", &reading_summary::oracle_defence}};

template <>
inline constexpr auto fields_of<matched_result> =
    std::tuple{field{"seed", &matched_result::seed}, field{"epoch", &matched_result::epoch},
        field{"accuracy", &matched_result::accuracy}, field{"partner_accuracy", &matched_result::partner_accuracy},
        field{"defence", &matched_result::defence}, field{"partner_defence", &matched_result::partner_defence}};

template <>
inline constexpr auto fields_of<matched_summary> = std::tuple{field{"accuracy", &matched_summary::accuracy},
    field{"partner_accuracy", &matched_summary::partner_accuracy}, field{"defence", &matched_summary::defence},
    field{"partner_defence", &matched_summary::partner_defence}, field{"change", &matched_summary::change}};

template <>
inline constexpr auto fields_of<course_point> =
    std::tuple{field{"validation_accuracy", &course_point::validation_accuracy}, field{"epoch", &course_point::epoch},
        field{"accuracy", &course_point::accuracy}, field{"defence", &course_point::defence}};

template <>
inline constexpr auto fields_of<course_result> =
    std::tuple{field{"seed", &course_result::seed}, field{"points", &course_result::points}};

template <>
inline constexpr auto fields_of<course_summary> =
    std::tuple{field{"accuracy", &course_summary::accuracy}, field{"defence", &course_summary::defence}};

template <>
inline constexpr auto fields_of<configuration_summary> = std::tuple{field{"accuracy", &configuration_summary::accuracy},
    field{"shadow_accuracy", &configuration_summary::shadow_accuracy},
    field{"mean_accuracy", &configuration_summary::mean_accuracy},
    field{"train_accuracy", &configuration_summary::train_accuracy},
    field{"accuracy_change", &configuration_summary::accuracy_change},
    field{"accuracy_differs", &configuration_summary::accuracy_differs}, field{"all", &configuration_summary::all},
    field{"strict", &configuration_summary::strict}, field{"strongest", &configuration_summary::strongest},
    field{"paper_defence", &configuration_summary::paper_defence},
    field{"gap_defence", &configuration_summary::gap_defence},
    field{"strongest_defence", &configuration_summary::strongest_defence},
    field{"strongest_accuracy", &configuration_summary::strongest_accuracy},
    field{"strongest_auc", &configuration_summary::strongest_auc},
    field{"strongest_found", &configuration_summary::strongest_found},
    field{"auc_over_images", &configuration_summary::auc_over_images},
    field{"found_over_images", &configuration_summary::found_over_images},
    field{"to_dense", &configuration_summary::to_dense}, field{"to_control", &configuration_summary::to_control},
    field{"matched", &configuration_summary::matched}, field{"course", &configuration_summary::course},
    field{"memorisation", &configuration_summary::memorisation},
    field{"memorised_share", &configuration_summary::memorised_share},
    field{"found_of_top", &configuration_summary::found_of_top}, field{"overlap", &configuration_summary::overlap}};

template <>
inline constexpr auto fields_of<audit_result> =
    std::tuple{field{"seed", &audit_result::seed}, field{"canaries", &audit_result::canaries},
        field{"included", &audit_result::included}, field{"epsilon", &audit_result::epsilon},
        field{"gaussian_epsilon", &audit_result::gaussian_epsilon}, field{"accuracy", &audit_result::accuracy}};

template <>
inline constexpr auto fields_of<privacy_result> =
    std::tuple{field{"epsilon", &privacy_result::epsilon}, field{"delta", &privacy_result::delta},
        field{"noise", &privacy_result::noise}, field{"clip", &privacy_result::clip},
        field{"audited", &privacy_result::audited}, field{"audited_gaussian", &privacy_result::audited_gaussian}};

template <>
inline constexpr auto fields_of<configuration_result> = std::tuple{field{"name", &configuration_result::name},
    field{"series", &configuration_result::series}, field{"control_of", &configuration_result::control_of},
    field{"isolates", &configuration_result::isolates}, field{"pruned_from", &configuration_result::pruned_from},
    field{"keys", &configuration_result::keys}, field{"nonzeros", &configuration_result::nonzeros},
    field{"nonzero_percent", &configuration_result::nonzero_percent},
    field{"total_epochs", &configuration_result::total_epochs},
    field{"learning_rate", &configuration_result::learning_rate},
    field{"weight_decay", &configuration_result::weight_decay}, field{"privacy", &configuration_result::privacy},
    field{"summary", &configuration_result::summary}, field{"seeds", &configuration_result::seeds},
    field{"attacks", &configuration_result::attacks}, field{"phi", &configuration_result::phi},
    field{"memorisation", &configuration_result::memorisation}, field{"overlap", &configuration_result::overlap},
    field{"matched", &configuration_result::matched}, field{"courses", &configuration_result::courses},
    field{"audits", &configuration_result::audits}};

template <>
inline constexpr auto fields_of<trade_off_line> =
    std::tuple{field{"slope", &trade_off_line::slope}, field{"slope_low", &trade_off_line::slope_low},
        field{"slope_high", &trade_off_line::slope_high}, field{"share_explained", &trade_off_line::share_explained},
        field{"points", &trade_off_line::points}, field{"paper_range_slope", &trade_off_line::paper_range_slope},
        field{"paper_range_points", &trade_off_line::paper_range_points},
        field{"mean_ratio", &trade_off_line::mean_ratio}, field{"median_ratio", &trade_off_line::median_ratio}};

template <>
inline constexpr auto fields_of<trade_off> =
    std::tuple{field{"all", &trade_off::all}, field{"strict", &trade_off::strict}};

template <>
inline constexpr auto fields_of<headline> = std::tuple{field{"better", &headline::better},
    field{"worse", &headline::worse}, field{"undecided", &headline::undecided}, field{"best", &headline::best}};

template <>
inline constexpr auto fields_of<paper_numbers> = std::tuple{field{"dense_accuracy", &paper_numbers::dense_accuracy},
    field{"dense_defence", &paper_numbers::dense_defence}, field{"slope", &paper_numbers::slope},
    field{"ratio", &paper_numbers::ratio}, field{"ratio_from_percent", &paper_numbers::ratio_from_percent},
    field{"ratio_to_percent", &paper_numbers::ratio_to_percent}};

template <>
inline constexpr auto fields_of<attack_check> = std::tuple{field{"control", &attack_check::control},
    field{"attack", &attack_check::attack}, field{"measure", &attack_check::measure},
    field{"expected", &attack_check::expected}, field{"value", &attack_check::value}, field{"low", &attack_check::low},
    field{"high", &attack_check::high}, field{"outcome", &attack_check::outcome}};

template <>
inline constexpr auto fields_of<maker_result> = std::tuple{field{"build", &maker_result::build},
    field{"device", &maker_result::device}, field{"results", &maker_result::tasks}};

template <>
inline constexpr auto fields_of<results> =
    std::tuple{field{"scale", &results::scale}, field{"warnings", &results::warnings},
        field{"headline", &results::headline}, field{"trade_off", &results::trade_off}, field{"paper", &results::paper},
        field{"provenance", &results::provenance}, field{"made_by", &results::makers},
        field{"attack_checks", &results::attack_checks}, field{"configurations", &results::configurations}};

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

template <class Part> json to_json(Part const& part) { return written(part); }
template <class Part> void read_json(json const& j, Part& part) { read(j, "", part); }

template json to_json(network_result const&);
template json to_json(network_quality const&);
template json to_json(kept_discriminator const&);
template json to_json(seed_result const&);
template json to_json(listed_attack const&);
template json to_json(attack_experiment const&);
template json to_json(score_histogram const&);
template json to_json(memorisation_result const&);
template json to_json(overlap_result const&);
template json to_json(matched_result const&);
template json to_json(course_result const&);
template json to_json(audit_result const&);

template void read_json(json const&, network_result&);
template void read_json(json const&, network_quality&);
template void read_json(json const&, kept_discriminator&);
template void read_json(json const&, seed_result&);
template void read_json(json const&, listed_attack&);
template void read_json(json const&, attack_experiment&);
template void read_json(json const&, score_histogram&);
template void read_json(json const&, memorisation_result&);
template void read_json(json const&, overlap_result&);
template void read_json(json const&, matched_result&);
template void read_json(json const&, course_result&);
template void read_json(json const&, audit_result&);

std::string document_text(json const& document) {
  std::string text;
  append(text, document, "");
  return text + "\n";
}

std::string results_text(results const& study) { return document_text(to_json(study)); }

results parse_results(std::string_view text) {
  auto document = io::parse_json(text, "results", "write the file anew with the study that made it");
  auto const format = document.is_object() ? document.find("format") : document.end();
  if (format == document.end() || *format != "papillon study results")
    throw error(errc::bad_input, "results: not the results of a study (no such \"format\"); give a results.json");
  auto const version = document.find("version");
  bool const old = version != document.end() && *version == 1;
  if (!old && (version == document.end() || *version != results_version))
    throw error(errc::bad_input, message("results: written by another version (this one reads versions 1 and ",
                                     results_version, "); write the file anew"));
  results study;
  if (!old) {
    read(document, "", study);
    return study;
  }
  try {
    rename_version_1(document);
  } catch (json::exception const& e) {
    refuse(e.what(), "");
  }
  read(document, "", study);
  list_attacks_of_version_1(study);
  summarise(study);  // what version 1 summed up is not all that there is to say of its numbers
  return study;
}

}  // namespace papillon::study
