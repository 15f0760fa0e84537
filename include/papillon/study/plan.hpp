// SPDX-License-Identifier: MIT
/// \file plan.hpp
/// The tasks of a study and what each waits for, in an order that finishes configurations early: for every
/// configuration and seed the target's and the shadow's training, their features, and the attack of one on the other;
/// after all seeds of a configuration its summary, with the choice among its discriminators; at the end the report. IMP
/// rounds wait for the round before. Every task's result has a place in the output directory that is named by the hash
/// of what it is computed from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <papillon/study/configuration.hpp>
#include <papillon/study/identity.hpp>
#include <papillon/study/settings.hpp>

namespace papillon::study {

/// A training: one network of the study.
struct run {
  study::configuration configuration;
  study::role role = role::target;
  std::uint64_t seed = 0;
  study::identity identity;  ///< of the training
  study::identity features;  ///< of the attacker's measurements of it
  int parent = -1;           ///< index of the run of the IMP round before; -1: none

  /// "<configuration>-<role>-s<seed>-<8 digits of the hash>".
  [[nodiscard]] std::string name() const {
    return configuration.name + "-" + to_string(role) + "-s" + std::to_string(seed) + "-" + identity.short_hash();
  }
};

/// One experiment: a target, its shadow, and the attack.
struct experiment {
  std::size_t target = 0;  ///< index of a run
  int shadow = -1;         ///< index of a run; -1: the study attacks nothing
  study::identity attack;

  /// "<configuration>-s<seed>-<8 digits of the attack's hash>".
  [[nodiscard]] std::string name(run const& t) const {
    return t.configuration.name + "-s" + std::to_string(t.seed) + "-" + attack.short_hash();
  }
};

enum class task_kind { training, features, attack, summary, report };

[[nodiscard]] inline std::string to_string(task_kind kind) {
  switch (kind) {
    case task_kind::training: return "train";
    case task_kind::features: return "measure";
    case task_kind::attack: return "attack";
    case task_kind::summary: return "summarise";
    case task_kind::report: return "report";
  }
  return {};
}

/// A piece of work. `subject` is the index of a run (training, features), of an experiment (attack) or of a
/// configuration (summary).
struct task {
  task_kind kind = task_kind::training;
  std::size_t subject = 0;
  std::vector<std::size_t> needs;  ///< indices of tasks, all smaller than its own
};

/// All work of a study.
struct plan {
  std::vector<study::configuration> configurations;
  std::vector<run> runs;
  std::vector<experiment> experiments;
  std::vector<task> tasks;
};

/// The plan of a study on given data.
[[nodiscard]] inline plan make_plan(settings const& s, data_identity const& data) {
  plan p;
  p.configurations = configurations(s);
  bool const attacked = s.flag("study.attack");
  std::vector<role> roles{role::target};
  if (attacked) roles.push_back(role::shadow);
  std::map<std::tuple<role, std::uint64_t>, std::size_t> last_round;  // run of the dense training or latest IMP round
  std::vector<std::size_t> training_task;                             // by run
  std::vector<std::size_t> summaries;

  for (std::size_t c = 0; c < p.configurations.size(); ++c) {
    configuration const& kind = p.configurations[c];
    std::vector<std::size_t> finished;
    for (std::int64_t const seed_value : s.get<integers>("study.seeds")) {
      auto const seed = static_cast<std::uint64_t>(seed_value);
      std::vector<std::size_t> pair, measured;
      for (role const r : roles) {
        run t{kind, r, seed, {}, {}, -1};
        task train{task_kind::training, p.runs.size(), {}};
        if (kind.round > 0) {
          auto const before = last_round.at({r, seed});
          t.parent = static_cast<int>(before);
          train.needs = {training_task[before]};
        }
        t.identity = training_identity(s, kind, r, seed, data,
                                       t.parent < 0 ? "" : p.runs[static_cast<std::size_t>(t.parent)].identity.hash);
        t.features = features_identity(s, t.identity.hash);
        if (kind.family != family::butterfly) last_round[{r, seed}] = p.runs.size();
        pair.push_back(p.runs.size());
        training_task.push_back(p.tasks.size());
        finished.push_back(p.tasks.size());
        p.runs.push_back(std::move(t));
        p.tasks.push_back(std::move(train));
      }
      experiment e{pair[0], -1, {}};
      if (attacked) {
        e.shadow = static_cast<int>(pair[1]);
        e.attack = attack_identity(s, p.runs[pair[0]].features.hash, p.runs[pair[1]].features.hash);
        for (auto const index : pair) {
          measured.push_back(p.tasks.size());
          p.tasks.push_back({task_kind::features, index, {training_task[index]}});
        }
        finished.push_back(p.tasks.size());
        p.tasks.push_back({task_kind::attack, p.experiments.size(), measured});
      }
      p.experiments.push_back(std::move(e));
    }
    summaries.push_back(p.tasks.size());
    p.tasks.push_back({task_kind::summary, c, finished});
  }
  p.tasks.push_back({task_kind::report, 0, summaries});
  return p;
}

/// Tasks and all that they need, in the plan's order.
[[nodiscard]] inline std::vector<std::size_t> needed_tasks(plan const& p, std::vector<std::size_t> const& wanted) {
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

/// Where a study keeps what.
class layout {
 public:
  explicit layout(std::filesystem::path out) : out_(std::move(out)) {}

  [[nodiscard]] std::filesystem::path const& out() const { return out_; }
  [[nodiscard]] std::filesystem::path settings() const { return out_ / "settings.json"; }
  [[nodiscard]] std::filesystem::path report() const { return out_ / "report"; }
  [[nodiscard]] std::filesystem::path networks() const { return out_ / "networks"; }
  [[nodiscard]] std::filesystem::path run(study::run const& r) const { return networks() / r.name(); }
  [[nodiscard]] std::filesystem::path result(study::run const& r) const { return run(r) / "result.json"; }
  [[nodiscard]] std::filesystem::path features(study::run const& r) const {
    return run(r) / ("features-" + r.features.short_hash() + ".npy");
  }
  [[nodiscard]] std::filesystem::path attacks() const { return out_ / "attacks"; }
  [[nodiscard]] std::filesystem::path attack(plan const& p, experiment const& e) const {
    return attacks() / (e.name(p.runs[e.target]) + ".json");
  }

 private:
  std::filesystem::path out_;
};

}  // namespace papillon::study
