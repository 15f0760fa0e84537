// SPDX-License-Identifier: MIT
#include <study/plan.hpp>

#include <algorithm>

#include <papillon/io/directory_entries.hpp>
#include <papillon/train/snapshots.hpp>

#include <study/attack_names.hpp>
#include <study/directories.hpp>
#include <study/schema.hpp>

namespace papillon::study {

std::string to_string(task_kind kind) {
  switch (kind) {
    case task_kind::training: return "train";
    case task_kind::outputs: return "ask";
    case task_kind::features: return "measure";
    case task_kind::attack: return "attack";
    case task_kind::listed_attack: return "attack";
    case task_kind::summary: return "summarise";
    case task_kind::report: return "report";
  }
  return {};
}

experiment const* plan::dense_beside(experiment const& e) const {
  for (experiment const& other : experiments)
    if (other.seed == e.seed && other.configuration != e.configuration &&
        configurations[other.configuration].name == "dense")
      return &other;
  return nullptr;
}

run const* plan::subject_of(task const& t) const {
  switch (t.kind) {
    case task_kind::training: return &runs[t.subject];
    case task_kind::outputs:
    case task_kind::features: return &runs[networks[t.subject].second.run];
    case task_kind::attack:
    case task_kind::listed_attack: return &runs[experiments[t.subject].target.run];
    case task_kind::summary:
    case task_kind::report: return nullptr;
  }
  return nullptr;
}

identity const* plan::identity_of(task const& t) const {
  switch (t.kind) {
    case task_kind::training: return &runs[t.subject].identity;
    case task_kind::outputs: return &networks[t.subject].second.outputs;
    case task_kind::features: return &networks[t.subject].second.features;
    case task_kind::attack: return &experiments[t.subject].attack;
    case task_kind::listed_attack: return &experiments[t.subject].listed[t.item].second;
    case task_kind::summary:
    case task_kind::report: return nullptr;
  }
  return nullptr;
}

std::string plan::words_of(task const& t) const {
  auto text = to_string(t.kind);
  if (t.kind == task_kind::report) return text;
  if (t.kind == task_kind::summary) return message(text, " ", configurations[t.subject].name);
  if (t.kind == task_kind::attack || t.kind == task_kind::listed_attack) {
    experiment const& e = experiments[t.subject];
    text += message(" ", configurations[e.configuration].name, " s", e.seed);
    return t.kind == task_kind::attack ? text : message(text, " ", e.listed[t.item].first);
  }
  study::run const& r = *subject_of(t);
  return message(text, " ", r.configuration.name, " ", r.cohort.name(), " s", r.seed);
}

std::string plan::name_of(task const& t) const {
  auto const* const work = identity_of(t);
  return work ? message(to_string(t.kind), "-", work->short_hash()) : words_of(t);
}

std::string plan::claim_of(task const& t) const {
  auto const* const work = identity_of(t);
  if (!work) return {};
  bool const attacks = t.kind == task_kind::attack || t.kind == task_kind::listed_attack;
  return attacks ? claim_on_attack(work->short_hash()) : claim_on_network(subject_of(t)->identity.short_hash());
}

namespace {

/// What a configuration's training was called in version 0.1 of the program; empty: it had none like it.
std::string name_1(configuration const& c) {
  auto const& m = c.settings.model;
  auto const& p = c.settings.prune;
  bool const plain = c.settings.train.labels == training_labels::given && c.settings.train.epochs > 0 &&
                     std::ranges::all_of(schema(), [&](key const& k) {  // what it had no key for
                       return k.part_of != concern::wished || k.get(c.settings) == k.standard;
                     });
  if (!plain) return {};
  if (m.weights == weight_structure::butterfly && p.rounds == 0 && m.factors <= 3)
    return message("butterfly-s", m.segments, "-l", m.factors);
  bool const magnitude = p.criterion == pruning_criterion::magnitude && p.schedule == pruning_schedule::iterative &&
                         p.rewind == rewind_point::best && p.fraction > 0;
  if (m.weights != weight_structure::dense || (p.rounds > 0 && !magnitude)) return {};
  return p.rounds == 0 ? "dense" : round_name("imp", p.rounds);
}

/// Puts the tasks in order, and remembers which task others wait for.
class planner {
 public:
  planner(settings const& s, data_identity const& data) : settings_(s), data_(data) {
    plan_.attacked = s.study.attack;
    plan_.configurations = configurations(s);
  }

  plan made() {
    std::vector<std::size_t> summaries;
    for (std::size_t c = 0; c < plan_.configurations.size(); ++c) summaries.push_back(add_configuration(c));
    add({task_kind::report, 0, summaries});
    return std::move(plan_);
  }

 private:
  std::size_t add(task t) {
    plan_.tasks.push_back(std::move(t));
    return plan_.tasks.size() - 1;
  }

  /// Index of the summary's task.
  std::size_t add_configuration(std::size_t c) {
    std::vector<std::size_t> finished;
    auto const first = plan_.experiments.size();
    for (std::uint64_t const seed : settings_.study.seeds) add_experiment(c, seed, finished);
    if (plan_.attacked)
      for (auto e = first; e < plan_.experiments.size(); ++e) add_listed_attacks(first, e, finished);
    return add({task_kind::summary, c, finished});
  }

  /// A target, and if it is attacked its shadow, its references and the paper's attack. What the summary waits for goes
  /// to `finished`.
  void add_experiment(std::size_t c, std::uint64_t seed, std::vector<std::size_t>& finished) {
    experiment e;
    e.configuration = c;
    e.seed = seed;
    e.target = add_network(c, {role::target}, seed, finished);
    if (plan_.attacked) {
      e.shadow = add_network(c, {role::shadow}, seed, finished);
      auto const& s = plan_.configurations[c].settings;
      e.attack = attack_identity(s, e.target.features.hash, e.shadow.features.hash);
      std::vector<std::size_t> measured{measured_.at(e.target.features.hash), measured_.at(e.shadow.features.hash)};
      finished.push_back(add({task_kind::attack, plan_.experiments.size(), measured}));
      attacked_[plan_.experiments.size()] = finished.back();
      for (int k = 0; k < s.attack.references; ++k)
        e.references.push_back(add_network(c, {role::target, k}, seed, finished));
    }
    plan_.experiments.push_back(std::move(e));
  }

  /// Every attack of the list that has what it needs. `first`: the configuration's first experiment.
  void add_listed_attacks(std::size_t first, std::size_t index, std::vector<std::size_t>& finished) {
    auto const& s = plan_.configurations[plan_.experiments[index].configuration].settings;
    auto names = settings_.attack.list;
    auto const* const dense = plan_.dense_beside(plan_.experiments[index]);
    if (!plan_.experiments[index].references.empty()) names.emplace_back(memorisation_analysis);
    if (dense) names.emplace_back(matched_analysis);
    if (s.audit.canaries > 0) names.emplace_back(audit_analysis);
    if (s.attack.course > 0) names.emplace_back(course_analysis);
    for (auto const& name : names) {
      auto const needs = name == memorisation_analysis ? attack_need::references
                         : is_attack(name)             ? attack_of(name).needs
                                                       : attack_need::outputs;
      experiment& e = plan_.experiments[index];
      if (needs == attack_need::references && e.references.empty()) continue;
      std::vector<std::string> inputs;
      std::vector<std::size_t> waits;
      auto const use = [&](network const& n) {
        inputs.push_back(n.outputs.hash);
        waits.push_back(asked_.at(n.outputs.hash));
      };
      use(e.target);
      use(e.shadow);
      if (name == matched_analysis) {
        use(dense->target);
        use(dense->shadow);
      }
      if (needs == attack_need::features) {
        inputs.push_back(e.attack.hash);
        waits.push_back(attacked_.at(index));
      }
      if (needs == attack_need::other_role)
        for (auto other = first; other < plan_.experiments.size(); ++other) {
          // A split of its own puts another seed's images into other parts: its networks may have seen ours.
          if (settings_.study.splits == drawn_splits::seed && other != index) continue;
          use(plan_.experiments[other].target);
          use(plan_.experiments[other].shadow);
        }
      if (needs == attack_need::references) std::ranges::for_each(e.references, use);
      e.listed.emplace_back(name, listed_attack_identity(s, name, e.seed, inputs));
      finished.push_back(add({task_kind::listed_attack, index, waits, e.listed.size() - 1}));
    }
  }

  /// A network of a configuration: its training, what it answers, and if the paper attacks it its features.
  network add_network(std::size_t c, cohort const& who, std::uint64_t seed, std::vector<std::size_t>& finished) {
    configuration const& kind = plan_.configurations[c];
    network n;
    n.run = add_training(kind, who, seed);
    auto const& training = plan_.runs[n.run].identity.hash;
    n.outputs = outputs_identity(kind.settings, training);
    n.features = features_identity(kind.settings, training);
    auto const once = [&](std::map<std::string, std::size_t>& known, std::string const& hash, task_kind work) {
      if (known.contains(hash)) return;
      plan_.networks.emplace_back(c, n);
      known[hash] = add({work, plan_.networks.size() - 1, {training_task_[n.run]}});
    };
    once(asked_, n.outputs.hash, task_kind::outputs);
    finished.push_back(asked_.at(n.outputs.hash));
    if (plan_.attacked && !who.is_reference()) once(measured_, n.features.hash, task_kind::features);
    return n;
  }

  /// Index of the run.
  std::size_t add_training(configuration const& c, cohort const& who, std::uint64_t seed) {
    run t{c, who, seed, {}, -1, {}};
    std::vector<std::size_t> needs;
    std::string parent, parent_1;
    if (c.rounds() > 0) {
      auto const before = add_training(parent_of(c), who, seed);
      t.parent = static_cast<int>(before);
      parent = plan_.runs[before].identity.hash;
      parent_1 = plan_.runs[before].identity_1;
      needs = {training_task_[before]};
    }
    t.identity = training_identity(c.settings, who, seed, data_, parent);
    if (auto const known = run_of_.find(t.identity.hash); known != run_of_.end()) return known->second;
    if (auto const old = name_1(c); !old.empty() && !who.is_reference() && (parent.empty() || !parent_1.empty()))
      t.identity_1 = training_identity_1(c.settings, old, who.role, seed, data_, parent_1).hash;
    auto const index = plan_.runs.size();
    run_of_[t.identity.hash] = index;
    plan_.runs.push_back(std::move(t));
    training_task_.push_back(add({task_kind::training, index, needs}));
    return index;
  }

  settings const& settings_;
  data_identity const& data_;
  plan plan_;
  std::vector<std::size_t> training_task_;               // by run
  std::map<std::string, std::size_t> run_of_;            // by the training's hash
  std::map<std::string, std::size_t> asked_, measured_;  // tasks, by the hash of outputs or features
  std::map<std::size_t, std::size_t> attacked_;          // task of the paper's attack, by experiment
};

}  // namespace

plan make_plan(settings const& s, data_identity const& data) { return planner(s, data).made(); }

std::vector<std::size_t> needed_tasks(plan const& p, std::vector<std::size_t> const& wanted) {
  std::vector<char> marked(p.tasks.size());
  for (auto const index : wanted) marked[index] = 1;
  std::vector<std::size_t> needed;
  for (auto index = p.tasks.size(); index-- > 0;) {
    if (marked[index] == 0) continue;
    for (auto const need : p.tasks[index].needs) marked[need] = 1;
    needed.push_back(index);
  }
  std::reverse(needed.begin(), needed.end());
  return needed;
}

layout::layout(std::filesystem::path out) : out_(std::move(out)) {
  for (auto const& entry : io::directory_entries(networks())) {
    auto const name = entry.filename().string();
    auto const target = name.rfind("-target"), shadow = name.rfind("-shadow");
    auto const at = target == name.npos ? shadow : shadow == name.npos ? target : std::max(target, shadow);
    if (at != name.npos) directories_.emplace(name.substr(at), name);
  }
}

std::filesystem::path layout::find(std::string const& ending) const {
  auto const found = directories_.find(ending);
  return found == directories_.end() ? std::filesystem::path() : networks() / found->second;
}

std::filesystem::path layout::run(study::run const& r) const {
  auto const own = networks() / r.name();
  if (is_there(own)) return own;
  auto const other = find(message("-", r.cohort.name(), "-s", r.seed, "-", r.identity.short_hash()));
  return other.empty() ? own : other;
}

std::filesystem::path layout::run_1(study::run const& r) const {
  if (r.identity_1.empty()) return {};
  return find(message("-", r.cohort.name(), "-s", r.seed, "-", r.identity_1.substr(0, 8)));
}

std::filesystem::path layout::attack(plan const& p, experiment const& e) const {
  return attacks() / message(p.configurations[e.configuration].name, "-s", e.seed, "-", e.attack.short_hash(), ".json");
}

std::filesystem::path layout::scores(
    plan const& p, experiment const& e, std::size_t item, std::string const& role) const {
  auto const file = attack(p, e, item);
  return file.parent_path() / (file.stem().string() + "-" + role + ".npy");
}

std::filesystem::path layout::attack(plan const& p, experiment const& e, std::size_t item) const {
  auto const& [name, identity] = e.listed[item];
  return attacks() /
         message(p.configurations[e.configuration].name, "-s", e.seed, "-", name, "-", identity.short_hash(), ".json");
}

std::filesystem::path layout::part(plan const& p, task const& t) const {
  switch (t.kind) {
    case task_kind::training: return result(p.runs[t.subject]);
    case task_kind::outputs: return quality(p, p.networks[t.subject].second);
    case task_kind::features: return measured(p, p.networks[t.subject].second);
    case task_kind::attack: return attack(p, p.experiments[t.subject]);
    case task_kind::listed_attack: return attack(p, p.experiments[t.subject], t.item);
    case task_kind::summary:
    case task_kind::report: return {};
  }
  return {};
}

std::vector<std::filesystem::path> layout::data(plan const& p, task const& t) const {
  std::vector<std::filesystem::path> all;
  auto const file = part(p, t);
  auto const add = [&](std::filesystem::path const& path) {
    if (is_there(path)) all.push_back(path);
  };
  if (t.kind == task_kind::training) {
    auto const directory = file.parent_path();
    for (auto const* name : {"last.safetensors", "best.safetensors", "metrics.csv"}) add(directory / name);
    for (int const epoch : train::snapshot_epochs(directory)) add(directory / train::snapshot_name(epoch));
  } else if (t.kind == task_kind::listed_attack) {
    for (auto const* role : {"target", "shadow"}) add(scores(p, p.experiments[t.subject], t.item, role));
  } else if (!file.empty()) {
    add(std::filesystem::path(file).replace_extension(".npy"));
  }
  return all;
}

}  // namespace papillon::study
