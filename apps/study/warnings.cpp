// SPDX-License-Identifier: MIT
#include <study/warnings.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <utility>

#include <papillon/error.hpp>

#include <study/summary.hpp>

namespace papillon::study {

namespace {

using configurations = std::vector<configuration_result const*>;

/// "imp-01, imp-02 and S1L2"; of many the first few and the number of the rest.
std::string listed(std::vector<std::string> const& items) {
  constexpr std::size_t shown = 6;
  std::string text;
  bool const cut = items.size() > shown + 1;
  std::size_t const named = cut ? shown : items.size();
  for (std::size_t i = 0; i < named; ++i) text += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
  return cut ? message(text, " and ", items.size() - shown, " more") : text;
}

std::string shown(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

std::string names(configurations const& which) {
  std::vector<std::string> all;
  for (auto const* c : which) all.push_back(c->name);
  return listed(all);
}

/// Where a number of training differs from the dense network's. `number` gives it, NaN where it is unknown; `effect` is
/// what it changes besides sparsity.
template <class Number>
void warn_of_difference(results const& study, std::string const& what, std::string const& effect, Number number,
    std::vector<std::string>& warnings) {
  auto const* dense = find_configuration(study, "dense");
  if (!dense || std::isnan(number(*dense))) return;
  configurations others, alone;
  std::vector<std::string> values, pairs;
  for (auto const& c : study.configurations) {
    if (is_control(c) || std::isnan(number(c)) || number(c) == number(*dense)) continue;
    others.push_back(&c);
    auto const text = shown(number(c));
    if (std::find(values.begin(), values.end(), text) == values.end()) values.push_back(text);
    auto const control = std::find_if(study.configurations.begin(), study.configurations.end(), [&](auto const& k) {
      // It shares one of the two with the configuration and the other with dense.
      return k.control_of == c.name && ((number(k) == number(c) && k.nonzeros == dense->nonzeros) ||
                                           (number(k) == number(*dense) && k.nonzeros == c.nonzeros));
    });
    if (control == study.configurations.end()) alone.push_back(&c);
    else pairs.push_back(control->name + " for " + c.name);
  }
  if (others.empty()) return;
  std::string text = what + " differ: " + shown(number(*dense)) + " for dense, " + listed(values) + " for " +
                     names(others) + ". Their defences differ by this as well as by sparsity.";
  if (!pairs.empty()) text += " A control that separates the two: " + listed(pairs) + ".";
  if (!alone.empty())
    text += " No control of this study separates the two for " + names(alone) + " (" + effect + " would).";
  warnings.push_back(text);
}

/// The attacks that failed the checks of a control; "" where none did.
std::string failed_checks(results const& study, attack_control control) {
  std::vector<std::string> failed;
  for (auto const& c : study.attack_checks)
    if (c.control == control && c.outcome == check_outcome::failed) failed.push_back(c.attack);
  return failed.empty() ? "" : listed(failed);
}

void warn_of_failed_checks(results const& study, std::vector<std::string>& warnings) {
  using enum attack_control;
  if (auto const attacks = failed_checks(study, blind); !attacks.empty())
    warnings.push_back("Members can be told from others without asking any network, by " + attacks +
                       ": the split leaks, and what attacks find says nothing of the networks.");
  std::vector<std::string> failed;
  for (auto const& [control, where] : {std::pair(permuted, "with membership permuted"),
           std::pair(untrained, "on an untrained network"), std::pair(random_labels, "on labels learned by heart")})
    if (auto const attacks = failed_checks(study, control); !attacks.empty()) failed.push_back(attacks + " " + where);
  if (failed.empty()) return;
  warnings.push_back("Attacks did not find what is known beforehand: " + listed(failed) +
                     ". What they find elsewhere may be wrong as well; by chance alone one such check in 370 fails.");
}

void warn_of_weak_attack(results const& study, std::vector<std::string>& warnings) {
  configurations beaten;
  for (auto const& c : study.configurations)
    if (c.summary.gap_defence.mean < std::min(c.summary.paper_defence.mean, 100.0)) beaten.push_back(&c);
  if (beaten.empty()) return;
  warnings.push_back(
      "Guessing \"member where the network is right\" (gap) finds more members than the paper's attack on " +
      names(beaten) + ": a defence against an attack this weak is none.");
}

bool lists(configuration_result const& c, std::string const& attack) {
  return std::ranges::find(c.attacks, attack, &listed_attack::name) != c.attacks.end();
}

/// Adds the attacks that one configuration went through and the other did not.
void add_missing(configuration_result const& from, configuration_result const& in, std::vector<std::string>& attacks) {
  for (auto const& a : from.attacks)
    if (!lists(in, a.name) && std::ranges::find(attacks, a.name) == attacks.end()) attacks.push_back(a.name);
}

void warn_of_other_attacks(results const& study, std::vector<std::string>& warnings) {
  auto const* dense = find_configuration(study, "dense");
  if (!dense || dense->attacks.empty()) return;
  configurations others;
  std::vector<std::string> attacks;
  for (auto const& c : study.configurations) {
    if (c.attacks.empty()) continue;
    bool const same = std::ranges::all_of(dense->attacks, [&](auto const& a) { return lists(c, a.name); }) &&
                      std::ranges::all_of(c.attacks, [&](auto const& a) { return lists(*dense, a.name); });
    if (same) continue;
    others.push_back(&c);
    add_missing(*dense, c, attacks);
    add_missing(c, *dense, attacks);
  }
  if (others.empty()) return;
  warnings.push_back("The dense network and " + names(others) + " did not go through the same attacks (" +
                     listed(attacks) +
                     "): their strongest attacks compare only in the differences, which are between "
                     "the strongest of the attacks that both went through.");
}

void warn_of_few_seeds(results const& study, std::vector<std::string>& warnings) {
  int seeds = 0;
  for (auto const& c : study.configurations)
    seeds = std::max({seeds, c.summary.accuracy.count, c.summary.strongest_defence.count});
  if (seeds == 1)
    warnings.emplace_back(
        "One seed: intervals are over images alone. How much other trainings would differ, and so whether a "
        "difference is more than chance, cannot be told.");
  if (seeds > 1 && seeds < 6)
    warnings.push_back(
        message(seeds, " seeds are few: a sign-flip test cannot give a p value below ", shown(std::pow(2.0, 1 - seeds)),
            ", so that significance rests on differences over seeds being normally "
            "distributed, and only large ones are found. From six seeds on the test stands beside."));
}

void warn_of_failures(results const& study, std::vector<std::string>& warnings) {
  if (study.failures.empty()) return;
  constexpr std::size_t most = 5;
  auto shown = study.failures;
  if (shown.size() > most) {
    shown.resize(most);
    shown.push_back(message("and ", study.failures.size() - most, " more"));
  }
  std::string text;
  for (auto const& failure : shown) text += (text.empty() ? "" : "; ") + failure;
  warnings.push_back("Results are missing here that could not be made, with all that builds on them: " + text + ".");
}

void warn_of_other_makers(results const& study, std::vector<std::string>& warnings) {
  if (study.makers.size() < 2) return;
  std::vector<std::string> makers;
  for (auto const& m : study.makers) makers.push_back(message(m.device, " by ", m.build, ": ", m.tasks.size()));
  warnings.push_back(
      "The numbers were not all made alike. Other builds, devices and lanes round otherwise, so that a difference "
      "between two networks may be one between two of these (results each; results.json names them): " +
      listed(makers) + ".");
}

}  // namespace

std::vector<std::string> warnings_of(results const& study) {
  std::vector<std::string> warnings;
  warn_of_failures(study, warnings);
  warn_of_other_makers(study, warnings);
  warn_of_failed_checks(study, warnings);
  warn_of_difference(
      study, "Training lengths (epochs)", "a network of the same length that is not pruned, restart-k for imp-k,",
      [](auto const& c) { return c.total_epochs > 0 ? static_cast<double>(c.total_epochs) : missing; }, warnings);
  warn_of_difference(
      study, "Weight decays", "the dense network by the same recipe", [](auto const& c) { return c.weight_decay; },
      warnings);
  warn_of_weak_attack(study, warnings);
  warn_of_other_attacks(study, warnings);
  warn_of_few_seeds(study, warnings);
  return warnings;
}

}  // namespace papillon::study
