// SPDX-License-Identifier: MIT
#include <study/configuration.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <papillon/error.hpp>

#include <study/assign.hpp>
#include <study/text.hpp>

namespace papillon::study {

namespace {

/// A butterfly of the paper, with its learning rate and weight decay (Table 1).
struct butterfly_recipe {
  std::string_view name, segments, factors, learning_rate, weight_decay;
};
constexpr std::array<butterfly_recipe, 6> butterflies{
    {{"S1L2", "1", "2", "0.3", "0.0005"}, {"S1L3", "1", "3", "0.3", "0.0001"}, {"S2L2", "2", "2", "0.3", "0.0005"},
        {"S2L3", "2", "3", "0.1", "0.001"}, {"S3L2", "3", "2", "0.3", "0.0005"}, {"S3L3", "3", "3", "0.1", "0.001"}}};

/// A control of a round of pruning: imp-K with one key changed.
struct pruning_control {
  std::string_view stem, key, value, isolates;
};
constexpr std::array<pruning_control, 5> pruning_controls{
    {{"restart", "prune.fraction", "0", "pruning, apart from the longer training and its restarts"},
        {"random", "prune.criterion", "random", "which weights are kept, and training them from the start"},
        {"oneshot", "prune.schedule", "once", "pruning little by little"},
        {"layerwise", "prune.criterion", "layerwise", "how pruning is shared out among the layers"},
        {"ticket", "prune.rewind", "initial", "going on from trained weights"}}};

/// A control of a butterfly: SsLl with one key changed.
struct structure_control {
  std::string_view stem, key, value, isolates;
};
constexpr std::array<structure_control, 2> structure_controls{
    {{"lowrank", "model.weights", "lowrank", "the butterfly's structure, at as many weights"},
        {"shuffled", "model.unfolding", "shuffled", "the order of channels and taps that the butterfly respects"}}};

/// What is built in under a name.
struct built_in {
  overlay description;
  std::string isolates;
};

bool is_digits(std::string_view s) {
  return !s.empty() && std::ranges::all_of(
                           s, [](char c) { return c >= '0' && c <= '9'; });
}

/// The number after "stem-"; nothing where the name is not of that form.
std::optional<int> number_after(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem) || name.size() <= stem.size() + 1 || name[stem.size()] != '-') return {};
  int number = 0;
  auto const digits = name.substr(stem.size() + 1);
  if (!is_digits(digits) || !read_number(digits, number) || number < 1 || number > 256) return {};
  return number;
}

/// Numbers are written in one way only, so that a configuration has one name.
std::optional<int> round_of(std::string_view name, std::string_view stem) {
  auto const k = number_after(name, stem);
  return k && name == round_name(stem, *k) ? k : std::nullopt;
}

butterfly_recipe const* find_butterfly(std::string_view name) {
  auto const found = std::ranges::find(butterflies, name, &butterfly_recipe::name);
  return found == butterflies.end() ? nullptr : &*found;
}

overlay described(std::string_view name, std::string_view like, std::string series, std::string control_of,
    std::vector<std::pair<std::string, std::string>> changes) {
  return {std::string(name), std::string(like), std::move(series), std::move(control_of), std::move(changes)};
}

std::optional<built_in> find_pruned(std::string_view name) {
  if (auto const k = round_of(name, "imp"))
    return built_in{described(name, "dense", "imp", "", {{"prune.rounds", std::to_string(*k)}}), ""};
  for (auto const& c : pruning_controls)
    if (auto const k = round_of(name, c.stem)) {
      auto const imp = round_name("imp", *k);
      return built_in{
          described(name, imp, "control", imp, {{std::string(c.key), std::string(c.value)}}), std::string(c.isolates)};
    }
  return {};
}

std::optional<built_in> find_structured(std::string_view name) {
  auto const text = [](std::string_view s) { return std::string(s); };
  if (auto const* b = find_butterfly(name))
    return built_in{
        described(name, "dense", "butterfly", "",
            {{"model.weights", "butterfly"}, {"model.segments", text(b->segments)}, {"model.factors", text(b->factors)},
                {"train.learning_rate", text(b->learning_rate)}, {"train.weight_decay", text(b->weight_decay)}}),
        ""};
  for (auto const& c : structure_controls)
    if (name.starts_with(c.stem) && name.size() > c.stem.size() + 1)
      if (auto const of = name.substr(c.stem.size() + 1); name[c.stem.size()] == '-' && find_butterfly(of))
        return built_in{described(name, of, "control", text(of), {{text(c.key), text(c.value)}}), text(c.isolates)};
  return {};
}

/// What `name` is like where nothing but the recipe of training is exchanged; empty: it is no such name. The recipe is
/// looked up in the settings, since it can be changed there.
struct exchanged {
  std::string_view network, recipe;
};
std::optional<exchanged> find_exchanged(std::string_view name) {
  constexpr std::string_view as = "-as-";
  auto const at = name.find(as);
  if (at == std::string_view::npos) return {};
  exchanged const e{name.substr(0, at), name.substr(at + as.size())};
  bool const known = (e.network == "dense" && find_butterfly(e.recipe) != nullptr) ||
                     (e.recipe == "dense" && find_butterfly(e.network) != nullptr);
  return known ? std::optional(e) : std::nullopt;
}

std::optional<built_in> find_built_in(settings const& s, std::string_view name) {
  if (name == "dense") return built_in{described(name, "", "dense", "", {}), ""};
  if (name == "untrained")
    return built_in{described(name, "dense", "control", "", {{"train.epochs", "0"}, {"train.milestones", ""}}),
        "nothing: an attack that is not at 50 % here is wrong"};
  if (name == "random-labels")
    return built_in{
        described(name, "dense", "control", "",
            {{"train.labels", "random"}, {"train.augment", "false"}, {"train.weight_decay", "0"},
                {"train.evaluate", "last"}}),  // no epoch is better than another on labels that cannot be known
        "nothing: what can be learned by heart only must be found"};
  if (auto const w = number_after(name, "narrow"))
    return built_in{described(name, "dense", "control", "", {{"model.width", std::to_string(*w)}}),
        "sparsity, at as many weights without any"};
  if (name == "group-norm")
    return built_in{described(name, "dense", "control", "", {{"model.norm", "group"}}),
        "batch norm, which private trainings cannot have"};
  char const* const without_batch_norm = s.model.hidden.empty() ? "group-norm" : "dense";
  if (auto const epsilon = number_after(name, "dp"); epsilon && name == message("dp-", *epsilon))
    return built_in{
        described(name, without_batch_norm, "private", "",
            {{"dp.epsilon", std::to_string(*epsilon)}, {"train.evaluate", "last"}, {"train.weight_decay", "0"}}),
        ""};
  if (name == "clipped")
    return built_in{described(name, without_batch_norm, "private", "",
                        {{"dp.noise", "0.2"}, {"train.evaluate", "last"}, {"train.weight_decay", "0"}}),
        ""};
  if (auto pruned = find_pruned(name)) return pruned;
  return find_structured(name);
}

overlay const* find_overlay(settings const& s, std::string_view name) {
  auto const found = std::ranges::find(s.configurations, name, &overlay::name);
  return found == s.configurations.end() ? nullptr : &*found;
}

void lay_over(configuration& c, overlay const& o) {
  if (!o.series.empty()) c.series = o.series;
  if (!o.control_of.empty()) c.control_of = o.control_of;
  for (auto const& [key, text] : o.changes) set(c.settings, key, text);
}

[[noreturn]] void refuse_unknown(settings const& s, std::string_view name) {
  auto const built_in = built_in_names();
  std::vector<std::string_view> names(built_in.begin(), built_in.end());
  for (auto const& o : s.configurations) names.push_back(o.name);
  throw error(errc::usage, message("unknown configuration '", name, "' (neither built in nor described) did you mean '",
                               nearest(name, names), "'?"));
}

configuration resolve_within(settings const& s, std::string_view name, int depth) {
  if (depth > 16)
    throw error(errc::usage, message("configuration '", name,
                                 "' is like itself (its description goes in a circle) "
                                 "make it like a built-in one"));
  overlay const* const described_here = find_overlay(s, name);
  auto const known = find_built_in(s, name);
  auto const recipe = find_exchanged(name);
  if (!described_here && !known && !recipe) refuse_unknown(s, name);

  configuration c;
  if (described_here && !described_here->like.empty() && described_here->like != name) {
    c = resolve_within(s, described_here->like, depth + 1);
  } else if (recipe) {
    c = resolve_within(s, recipe->network, depth + 1);
    auto const other = resolve_within(s, recipe->recipe, depth + 1).settings;
    c.settings.train.learning_rate = other.train.learning_rate;
    c.settings.train.weight_decay = other.train.weight_decay;
    c.series = "control";
    c.control_of = recipe->network == "dense" ? std::string(recipe->recipe) : std::string(recipe->network);
    c.isolates = "the butterfly, apart from its learning rate and weight decay";
  } else if (known && !known->description.like.empty()) {
    c = resolve_within(s, known->description.like, depth + 1);
    c.isolates = known->isolates;
    lay_over(c, known->description);
  } else if (known) {
    c.settings = s;
    c.settings.configurations.clear();
    c.series = known->description.series;
  } else {
    c = resolve_within(s, "dense", depth + 1);
    c.series = "other";
  }
  c.name = name;
  c.settings.attack.references = s.attack.references;  // so many of this configuration, not of what is like it
  if (described_here) lay_over(c, *described_here);
  return c;
}

/// The rounds of "imp-01..08"; the word itself where it is no such range.
void append_range(std::vector<std::string>& names, std::string const& word) {
  auto const dots = word.find("..");
  auto const dash = word.rfind('-', dots);
  if (dots == std::string::npos) return names.push_back(word);
  int first = 0, last = 0;
  std::string_view const all = word;
  if (dash == std::string::npos || !read_number(all.substr(dash + 1, dots - dash - 1), first) ||
      !read_number(all.substr(dots + 2), last) || first < 1 || last > 200 || last < first)
    throw error(errc::usage, message("'", word,
                                 "' is no range of configurations (it goes from a round to a later one, "
                                 "1 to 200) write for example imp-01..08"));
  for (int k = first; k <= last; ++k) names.push_back(round_name(all.substr(0, dash), k));
}

}  // namespace

std::string round_name(std::string_view stem, int round) { return message(stem, round < 10 ? "-0" : "-", round); }

configuration resolve(settings const& s, std::string_view name) { return resolve_within(s, name, 0); }

std::vector<std::string> built_in_names() {
  std::vector<std::string> names{"dense", "imp-01"};
  for (auto const& b : butterflies) names.emplace_back(b.name);
  for (auto const& c : pruning_controls) names.push_back(round_name(c.stem, 1));
  for (auto const& c : structure_controls) names.push_back(message(c.stem, "-S3L2"));
  for (auto const* other :
      {"dense-as-S3L2", "S3L2-as-dense", "narrow-6", "untrained", "random-labels", "group-norm", "dp-8", "clipped"})
    names.emplace_back(other);
  return names;
}

std::vector<std::string> configuration_names(settings const& s) {
  std::vector<std::string> all, once;
  for (auto const& word : s.study.configurations) append_range(all, word);
  for (auto const& o : s.configurations)
    if (!find_built_in(s, o.name) && !find_exchanged(o.name)) all.push_back(o.name);
  for (auto& name : all)
    if (std::ranges::find(once, name) == once.end()) once.push_back(std::move(name));
  return once;
}

std::vector<configuration> configurations(settings const& s) {
  std::vector<configuration> all;
  for (auto const& name : configuration_names(s)) all.push_back(resolve(s, name));
  // What others are compared with, and what they wait for, stands before them.
  std::stable_partition(all.begin(), all.end(), [](configuration const& c) { return c.name == "dense"; });
  return all;
}

configuration find_configuration(settings const& s, std::string const& name) {
  auto const all = configuration_names(s);
  if (std::ranges::find(all, name) != all.end()) return resolve(s, name);
  if (all.empty()) throw error(errc::usage, "this study has no configuration (study.configurations is empty) add one");
  throw error(errc::usage, "unknown configuration '" + name + "' (not part of this study) did you mean '" +
                               nearest(name, std::vector<std::string_view>(all.begin(), all.end())) + "'?");
}

configuration parent_of(configuration const& c) {
  configuration parent = c;
  auto& prune = parent.settings.prune;
  parent.settings.train.pair_penalty = 0;
  parent.isolates.clear();
  parent.control_of.clear();
  std::string_view const name = c.name;
  auto const dash = name.rfind('-');
  bool const numbered = dash != std::string_view::npos && is_digits(name.substr(dash + 1));
  auto const stem = numbered ? name.substr(0, dash) : name;
  if (prune.criterion == pruning_criterion::random) {
    prune.criterion = pruning_criterion::magnitude;
    parent.name = round_name(stem == "random" ? "imp" : stem, prune.rounds);
    return parent;
  }
  prune.rounds = prune.schedule == pruning_schedule::once ? 0 : prune.rounds - 1;
  if (prune.criterion == pruning_criterion::admm) {
    parent.settings.train.pull = prune.rho;
    prune.schedule = pruning_schedule::iterative;  // of one round; and it goes on from nothing
    prune.rewind = rewind_point::best;
  }
  if (prune.rounds > 0) parent.name = round_name(stem, prune.rounds);
  else parent.name = find_pruned(name) ? "dense" : message(stem, "-unpruned");
  return parent;
}

}  // namespace papillon::study
