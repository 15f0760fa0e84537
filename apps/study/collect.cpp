// SPDX-License-Identifier: MIT
#include <study/collect.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include <study/assign.hpp>
#include <study/attack_checks.hpp>
#include <study/attack_names.hpp>
#include <study/directories.hpp>
#include <study/failure.hpp>
#include <study/image_intervals.hpp>
#include <study/image_kind.hpp>
#include <study/labelled_data.hpp>
#include <study/listed_attack.hpp>
#include <study/part_file.hpp>
#include <study/presets.hpp>
#include <study/privacy_budget.hpp>
#include <study/provenance.hpp>
#include <study/stored_scores.hpp>
#include <study/summary.hpp>

#include <papillon/error.hpp>

namespace papillon::study {

part_check check_task(plan const& p, layout const& places, task const& t, look how) {
  auto const* const work = p.identity_of(t);
  return work ? check_part(places.part(p, t), *work, how) : part_check{};
}

bool is_finished(plan const& p, layout const& places, task const& t) {
  return check_task(p, places, t, look::at_sizes).finished();
}

namespace {

/// What the target of a seed is guaranteed.
privacy_result privacy_of(settings const& s, study_data const& data, std::uint64_t seed) {
  if (!is_private(s)) return {};
  auto const b = budget_of(s, images_of(data, {role::target}, seed, s.audit).trained.size()).value();
  return {.epsilon = b.epsilon, .delta = b.delta, .noise = b.noise, .clip = b.clip};
}

/// A network as far as it is there.
network_result read_network(plan const& p, layout const& places, network const& n) {
  network_result result;
  run const& r = p.runs[n.run];
  if (!is_there(places.result(r))) return result;
  result = read_part<network_result>(places.result(r), r.identity);
  if (auto const file = places.quality(p, n); is_there(file))
    result.quality = read_part<network_quality>(file, n.outputs);
  return result;
}

/// Adds what an attack found in one experiment to what it found in others.
void merge(std::vector<listed_attack>& all, listed_attack found) {
  auto const known = std::ranges::find(all, found.name, &listed_attack::name);
  if (known == all.end()) return all.push_back(std::move(found));
  auto const before = static_cast<double>(known->experiments.size());
  auto const more = static_cast<double>(found.experiments.size());
  for (std::size_t i = 0; i < known->roc.size(); ++i)
    known->roc[i] = (before * known->roc[i] + more * found.roc[i]) / (before + more);
  known->experiments.insert(known->experiments.end(), found.experiments.begin(), found.experiments.end());
}

void read_listed_attacks(plan const& p, layout const& places, experiment const& e, configuration_result& all) {
  for (std::size_t item = 0; item < e.listed.size(); ++item) {
    auto const& [name, identity] = e.listed[item];
    auto const file = places.attack(p, e, item);
    if (!is_there(file)) continue;
    if (name == memorisation_analysis) all.memorisation.push_back(read_part<memorisation_result>(file, identity));
    else if (name == matched_analysis) all.matched.push_back(read_part<matched_result>(file, identity));
    else if (name == course_analysis) all.courses.push_back(read_part<course_result>(file, identity));
    else if (name == audit_analysis) all.audits.push_back(read_part<audit_result>(file, identity));
    else merge(all.attacks, read_part<listed_attack>(file, identity));
  }
}

/// The members that the attack of a name found in an experiment; empty if it was not run.
std::optional<data::index_list> found_by(
    plan const& p, layout const& places, experiment const& e, std::string_view name) {
  for (std::size_t item = 0; item < e.listed.size(); ++item) {
    if (e.listed[item].first != name) continue;
    if (auto const judged = stored_scores(p, places, e, item, "target")) return found_at_one_percent(*judged);
  }
  return {};
}

/// How far the members found in dense networks are those found in a configuration's, by the first of the attacks that
/// both went through.
void compare_found(plan const& p, layout const& places, experiment const& e, experiment const& dense,
    std::vector<overlap_result>& all) {
  for (std::string_view const name : {"lira-online", "rmia", "loss"}) {
    auto const here = found_by(p, places, e, name), there = found_by(p, places, dense, name);
    if (!here || !there) continue;
    data::index_list both, either;
    std::ranges::set_intersection(*here, *there, std::back_inserter(both));
    std::ranges::set_union(*here, *there, std::back_inserter(either));
    overlap_result o{e.seed, missing};
    if (!either.empty()) o.share = 100.0 * static_cast<double>(both.size()) / static_cast<double>(either.size());
    return all.push_back(o);
  }
}

int total_epochs(plan const& p, std::size_t r) {
  run const& training = p.runs[r];
  bool const continued = training.parent >= 0 &&
                         training.configuration.settings.prune.criterion != pruning_criterion::random &&
                         training.configuration.settings.prune.rewind == rewind_point::best;
  int const own = epochs_of(training.configuration.settings);
  return own + (continued ? total_epochs(p, static_cast<std::size_t>(training.parent)) : 0);
}

/// The configuration that is attacked on the network with which the pruning of another began; empty: there is none.
std::string pruned_from(plan const& p, experiment const& e) {
  auto first = e.target.run;
  while (p.runs[first].parent >= 0) first = static_cast<std::size_t>(p.runs[first].parent);
  if (first == e.target.run) return {};
  for (experiment const& other : p.experiments)
    if (other.target.run == first) return p.configurations[other.configuration].name;
  return {};
}

/// Where it is a control of nothing in particular: the sparse configuration of the study that has about as many
/// weights.
std::string nearest_in_size(plan const& p, std::vector<network_size> const& sizes, std::size_t c) {
  std::string name;
  double nearest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < p.configurations.size(); ++i) {
    auto const& other = p.configurations[i];
    if (other.series != "imp" && other.series != "butterfly") continue;
    auto const distance =
        std::abs(std::log(static_cast<double>(sizes[i].nonzeros) / static_cast<double>(sizes[c].nonzeros)));
    if (distance < nearest) nearest = distance, name = other.name;
  }
  return name;
}

/// What the results that are there were made by, each with the results of it.
std::vector<maker_result> makers_of(plan const& p, layout const& places, std::function<void()> const& before_part) {
  std::map<maker, std::vector<std::string>> all;
  for (task const& t : p.tasks) {
    auto const file = places.part(p, t);
    if (file.empty() || !is_there(file)) continue;
    if (before_part) before_part();
    if (auto const seal = read_seal(file); seal && seal->work.hash == p.identity_of(t)->hash)
      all[seal->made_by].push_back(file.lexically_relative(places.out()).string());
  }
  std::vector<maker_result> list;
  for (auto& [made_by, tasks] : all) {
    auto const known = [](std::string const& text) { return text.empty() ? std::string("unknown") : text; };
    list.push_back({known(made_by.build), known(made_by.device), std::move(tasks)});
  }
  return list;
}

/// Tasks that have failed and are not done.
std::vector<std::string> failures_of(plan const& p, layout const& places) {
  std::vector<std::string> all;
  for (task const& t : p.tasks)
    if (auto const known = read_failure(failure_file(places.claims(), p.name_of(t)));
        known && !is_finished(p, places, t))
      all.push_back(message(p.words_of(t), " failed: ", known->what));
  return all;
}

}  // namespace

configuration_result read_configuration(plan const& p, study_data const& data, layout const& places, std::size_t c,
    network_size const& size, std::function<void()> const& before_part) {
  configuration const& kind = p.configurations[c];
  configuration_result all;
  all.name = kind.name;
  all.series = kind.series;
  all.control_of = kind.control_of;
  all.isolates = kind.isolates;
  all.nonzeros = size.nonzeros;
  all.nonzero_percent = 100.0 * static_cast<double>(size.nonzeros) / static_cast<double>(size.parameters);
  all.learning_rate = kind.settings.train.learning_rate;
  all.weight_decay = kind.settings.train.weight_decay;
  for (experiment const& e : p.experiments) {
    if (e.configuration != c) continue;
    if (before_part) before_part();
    if (is_missing(all.privacy.noise)) all.privacy = privacy_of(kind.settings, data, e.seed);
    all.total_epochs = total_epochs(p, e.target.run);
    if (all.pruned_from.empty()) all.pruned_from = pruned_from(p, e);
    seed_result seed;
    if (auto const file = places.attack(p, e); p.attacked && is_there(file))
      seed = read_part<seed_result>(file, e.attack);
    seed.seed = e.seed;
    seed.target = read_network(p, places, e.target);
    if (p.attacked) seed.shadow = read_network(p, places, e.shadow);
    if (!seed.target.run.empty()) all.seeds.push_back(std::move(seed));
    read_listed_attacks(p, places, e, all);
    if (auto const asked = places.quality(p, e.target); all.phi.members.empty() && is_there(asked)) {
      require_part(asked, e.target.outputs);
      all.phi = histogram_of_phi(places.outputs(p, e.target), data, e.seed, 0);
    }
    for (experiment const& dense : p.experiments)
      if (dense.seed == e.seed && dense.configuration != c && p.configurations[dense.configuration].series == "dense")
        compare_found(p, places, e, dense, all.overlap);
  }
  auto const mean = [&](double audit_result::*bound) {
    double sum = 0;
    for (auto const& a : all.audits) sum += a.*bound;
    return all.audits.empty() ? missing : sum / static_cast<double>(all.audits.size());
  };
  all.privacy.audited = mean(&audit_result::epsilon);
  all.privacy.audited_gaussian = mean(&audit_result::gaussian_epsilon);
  return all;
}

std::string preset_name(settings const& s) {
  for (preset const& p : presets())
    if (preset_settings(p.name) == s) return std::string(p.name);
  return "changed";
}

std::string architecture_of(settings const& s) {
  auto const& m = s.model;
  if (m.hidden.empty())
    return message("ResNet-", m.depth, ", width ", m.width, ", ", name_of(m.shortcut), " shortcuts");
  auto const& images = kind_of(s.data.source);
  return message("perceptron ", images.extent.size(), "-", m.hidden, "-", images.classes);
}

study_scale scale_of(settings const& s, study_data const& data, plan const& p, layout const& places) {
  study_scale scale;
  bool const archive = s.data.split == image_split::archive;
  scale.preset = preset_name(s);
  scale.data = images_name(s, data.collection);
  scale.architecture = architecture_of(s);
  scale.members = name_of(s.attack.members);
  scale.part_images = archive ? kind_of(s.data.source).training : s.data.subset;
  scale.validation_images = s.data.validation;
  scale.trained_images = scale.part_images - scale.validation_images;
  scale.epochs = s.train.epochs;
  scale.seeds.assign(s.study.seeds.begin(), s.study.seeds.end());
  scale.configurations = static_cast<int>(p.configurations.size());
  scale.trainings = static_cast<int>(p.runs.size());
  for (run const& r : p.runs) scale.trainings_done += is_there(places.result(r)) ? 1 : 0;
  return scale;
}

results collect_results(settings const& s, study_data const& data, plan const& p, layout const& places,
    laboratory const& lab, std::function<void()> const& before_part) {
  results all;
  all.scale = scale_of(s, data, p, places);
  std::vector<network_size> sizes;
  for (auto const& c : p.configurations) sizes.push_back(size_in_study(lab, s, c));
  labelled_data const labelled(data);
  for (std::size_t c = 0; c < p.configurations.size(); ++c) {
    all.configurations.push_back(
        read_configuration(p, labelled.of(p.configurations[c].settings), places, c, sizes[c], before_part));
    auto& of = all.configurations.back();
    of.keys = differences(p.configurations[c].settings, s);
    if (of.name.starts_with("narrow-") && of.control_of.empty()) of.control_of = nearest_in_size(p, sizes, c);
  }
  all.attack_checks = check_attacks(p, data, places, all.configurations);
  all.makers = makers_of(p, places, before_part);
  all.failures = failures_of(p, places);
  for (auto const& m : all.makers)
    all.provenance.emplace_back(
        all.makers.size() == 1 ? "numbers by" : message("numbers by (", all.provenance.size() + 1, ")"),
        message(m.build, "; ", m.device, " (", m.tasks.size(), " results)"));
  for (auto const& [name, text] : build_facts()) all.provenance.emplace_back("page by: " + name, text);
  summarise(all);
  add_image_intervals(all, p, places, before_part);
  return all;
}

}  // namespace papillon::study
