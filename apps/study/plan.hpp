// SPDX-License-Identifier: MIT
/// \file plan.hpp
/// The tasks of a study and what each waits for, in an order that finishes configurations early: for every
/// configuration and seed the target's and the shadow's training, their features, and the attack of one on the other;
/// after all seeds of a configuration its summary, with the choice among its discriminators; at the end the report. IMP
/// rounds wait for the round before. Every task's result has a place in the output directory that is named by the hash
/// of what it is computed from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <study/configuration.hpp>
#include <study/identity.hpp>
#include <study/settings.hpp>

#include <papillon/error.hpp>

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
    return message(configuration.name, "-", to_string(role), "-s", seed, "-", identity.short_hash());
  }
};

/// One experiment: a target, its shadow, and the attack.
struct experiment {
  std::size_t target = 0;  ///< index of a run
  int shadow = -1;         ///< index of a run; -1: the study attacks nothing
  study::identity attack;

  /// "<configuration>-s<seed>-<8 digits of the attack's hash>".
  [[nodiscard]] std::string name(run const& t) const {
    return message(t.configuration.name, "-s", t.seed, "-", attack.short_hash());
  }
};

enum class task_kind { training, features, attack, summary, report };

[[nodiscard]] std::string to_string(task_kind kind);

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
[[nodiscard]] plan make_plan(settings const& s, data_identity const& data);

/// Tasks and all that they need, in the plan's order.
[[nodiscard]] std::vector<std::size_t> needed_tasks(plan const& p, std::vector<std::size_t> const& wanted);

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
