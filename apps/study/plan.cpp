// SPDX-License-Identifier: MIT
#include <study/plan.hpp>

#include <algorithm>
#include <map>
#include <tuple>

namespace papillon::study {

std::string to_string(task_kind kind) {
  switch (kind) {
    case task_kind::training: return "train";
    case task_kind::features: return "measure";
    case task_kind::attack: return "attack";
    case task_kind::summary: return "summarise";
    case task_kind::report: return "report";
  }
  return {};
}

namespace {

/// Puts the tasks in order, and remembers which task and run others wait for.
class planner {
 public:
  planner(settings const& s, data_identity const& data) : settings_(s), data_(data) {
    plan_.configurations = configurations(s);
  }

  plan made() {
    std::vector<std::size_t> summaries;
    for (std::size_t c = 0; c < plan_.configurations.size(); ++c) {
      std::vector<std::size_t> finished;
      for (std::uint64_t const seed : settings_.study.seeds) add_experiment(plan_.configurations[c], seed, finished);
      summaries.push_back(add({task_kind::summary, c, finished}));
    }
    add({task_kind::report, 0, summaries});
    return std::move(plan_);
  }

 private:
  std::size_t add(task t) {
    plan_.tasks.push_back(std::move(t));
    return plan_.tasks.size() - 1;
  }

  /// A target, and if it is attacked its shadow and the attack. What the summary waits for goes to `finished`.
  void add_experiment(configuration const& c, std::uint64_t seed, std::vector<std::size_t>& finished) {
    experiment e{add_training(c, role::target, seed), -1, {}};
    finished.push_back(training_task_[e.target]);
    if (settings_.study.attack) {
      auto const shadow = add_training(c, role::shadow, seed);
      finished.push_back(training_task_[shadow]);
      e.shadow = static_cast<int>(shadow);
      e.attack = attack_identity(settings_, plan_.runs[e.target].features.hash, plan_.runs[shadow].features.hash);
      std::vector<std::size_t> measured;
      for (auto const run : {e.target, shadow})
        measured.push_back(add({task_kind::features, run, {training_task_[run]}}));
      finished.push_back(add({task_kind::attack, plan_.experiments.size(), measured}));
    }
    plan_.experiments.push_back(std::move(e));
  }

  /// Index of the run.
  std::size_t add_training(configuration const& c, role r, std::uint64_t seed) {
    auto const index = plan_.runs.size();
    run t{c, r, seed, {}, {}, -1};
    std::vector<std::size_t> needs;
    std::string parent;
    if (c.round > 0) {
      auto const before = last_round_.at({r, seed});
      t.parent = static_cast<int>(before);
      parent = plan_.runs[before].identity.hash;
      needs = {training_task_[before]};
    }
    t.identity = training_identity(settings_, c, r, seed, data_, parent);
    t.features = features_identity(settings_, t.identity.hash);
    if (c.family != family::butterfly) last_round_[{r, seed}] = index;
    plan_.runs.push_back(std::move(t));
    training_task_.push_back(add({task_kind::training, index, needs}));
    return index;
  }

  settings const& settings_;
  data_identity const& data_;
  plan plan_;
  std::vector<std::size_t> training_task_;                             // by run
  std::map<std::tuple<role, std::uint64_t>, std::size_t> last_round_;  // run of the dense training or latest IMP round
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

}  // namespace papillon::study
