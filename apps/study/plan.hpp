// SPDX-License-Identifier: MIT
/// \file plan.hpp
/// The tasks of a study and what each waits for, in an order that finishes configurations early: for every
/// configuration and seed the trainings of target, shadow and references, what the networks answer (outputs, features)
/// and the paper's attack; after all seeds the attacks of the list, which also ask the networks of other seeds, and the
/// summary; at the end the report. Trainings that are the same work are one run, whatever their configurations are
/// called. Every task's result has a place in the output directory that is named by the hash of what it is computed
/// from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
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
  study::configuration configuration;  ///< the first that it is of
  study::cohort cohort;
  std::uint64_t seed = 0;
  study::identity identity;  ///< of the training
  int parent = -1;           ///< index of the run that it goes on from; -1: none
  std::string identity_1;    ///< hash that the same training had in version 0.1; empty: there was none

  /// "<configuration>-<cohort>-s<seed>-<8 digits of the hash>".
  [[nodiscard]] std::string name() const {
    return message(configuration.name, "-", cohort.name(), "-s", seed, "-", identity.short_hash());
  }
};

/// The weights of a run that a configuration evaluates and attacks.
struct network {
  std::size_t run = 0;
  study::identity outputs, features;
};

/// One experiment: a target, its shadow, and the references of the target.
struct experiment {
  std::size_t configuration = 0;
  std::uint64_t seed = 0;
  network target, shadow;  ///< the shadow is only there if the study attacks
  std::vector<network> references;
  study::identity attack;                                       ///< the paper's
  std::vector<std::pair<std::string, study::identity>> listed;  ///< by name, in the order of attack.list
};

enum class task_kind { training, outputs, features, attack, listed_attack, summary, report };

[[nodiscard]] std::string to_string(task_kind kind);

/// A piece of work. `subject` is the index of a run (training), of a network (outputs, features), of an experiment
/// (attack, and with `item` the attack of the list) or of a configuration (summary).
struct task {
  task_kind kind = task_kind::training;
  std::size_t subject = 0;
  std::vector<std::size_t> needs;  ///< indices of tasks, all smaller than its own
  std::size_t item = 0;
};

/// All work of a study.
struct plan {
  bool attacked = false;  ///< whether there are shadows and attacks
  std::vector<study::configuration> configurations;
  std::vector<run> runs;
  std::vector<std::pair<std::size_t, network>> networks;  ///< with the configuration whose settings they are asked by
  std::vector<experiment> experiments;
  std::vector<task> tasks;

  /// The experiment of the dense network with the seed of `e`; nullptr: there is none, or `e` is one of its own.
  [[nodiscard]] experiment const* dense_beside(experiment const& e) const;

  /// The run that a task trains or asks, or whose network it attacks; nullptr for summaries and the report.
  [[nodiscard]] run const* subject_of(task const& t) const;

  /// The identity of a task's work; nullptr for summaries and the report.
  [[nodiscard]] identity const* identity_of(task const& t) const;

  /// What a task does: "train imp-01 target s1", "attack dense s1 rmia", "report".
  [[nodiscard]] std::string words_of(task const& t) const;

  /// By what a task is known whatever its configuration is called: "train-<hash8>", "attack-<hash8>".
  [[nodiscard]] std::string name_of(task const& t) const;
  /// What is claimed for a task: what is done with one network is done by one worker at a time, as all of it writes
  /// into the network's directory. "network-<hash8>", "attack-<hash8>"; empty: of summaries and the report nothing.
  [[nodiscard]] std::string claim_of(task const& t) const;
};

/// The names of the claims on a network and on an attack, from the digits that their files' names end with.
[[nodiscard]] inline std::string claim_on_network(std::string const& hash8) { return "network-" + hash8; }
[[nodiscard]] inline std::string claim_on_attack(std::string const& hash8) { return "attack-" + hash8; }

/// The plan of a study on given data.
[[nodiscard]] plan make_plan(settings const& s, data_identity const& data);

/// Tasks and all that they need, in the plan's order.
[[nodiscard]] std::vector<std::size_t> needed_tasks(plan const& p, std::vector<std::size_t> const& wanted);

/// Where a study keeps what. A run's directory is found by its hash, whatever configuration it was first trained for.
class layout {
 public:
  explicit layout(std::filesystem::path out);

  [[nodiscard]] std::filesystem::path const& out() const { return out_; }
  [[nodiscard]] std::filesystem::path settings() const { return out_ / "settings.json"; }
  [[nodiscard]] std::filesystem::path report() const { return out_ / "report"; }
  [[nodiscard]] std::filesystem::path networks() const { return out_ / "networks"; }
  /// Who works on what, and what failed (claim.hpp, failure.hpp).
  [[nodiscard]] std::filesystem::path claims() const { return out_ / "claims"; }
  [[nodiscard]] std::filesystem::path run(study::run const& r) const;
  [[nodiscard]] std::filesystem::path result(study::run const& r) const { return run(r) / "result.json"; }
  /// Logits of all images; beside it, as .json, how good the network is.
  [[nodiscard]] std::filesystem::path outputs(plan const& p, network const& n) const {
    return run(p.runs[n.run]) / ("outputs-" + n.outputs.short_hash() + ".npy");
  }
  [[nodiscard]] std::filesystem::path quality(plan const& p, network const& n) const {
    return run(p.runs[n.run]) / ("outputs-" + n.outputs.short_hash() + ".json");
  }
  [[nodiscard]] std::filesystem::path features(plan const& p, network const& n) const {
    return run(p.runs[n.run]) / ("features-" + n.features.short_hash() + ".npy");
  }
  /// The part file of the features; as .npy they lie beside it.
  [[nodiscard]] std::filesystem::path measured(plan const& p, network const& n) const {
    return run(p.runs[n.run]) / ("features-" + n.features.short_hash() + ".json");
  }
  [[nodiscard]] std::filesystem::path tunings() const { return out_ / "tune"; }
  [[nodiscard]] std::filesystem::path attacks() const { return out_ / "attacks"; }
  /// "<configuration>-s<seed>-<8 digits of the attack's hash>.json"; beside it, as .npy, the scores.
  [[nodiscard]] std::filesystem::path attack(plan const& p, experiment const& e) const;
  /// "<configuration>-s<seed>-<attack>-<8 digits of its hash>.json".
  [[nodiscard]] std::filesystem::path attack(plan const& p, experiment const& e, std::size_t item) const;
  /// The scores of an attack of the list on the network of a role; beside its result, as -<role>.npy.
  [[nodiscard]] std::filesystem::path scores(
      plan const& p, experiment const& e, std::size_t item, std::string const& role) const;
  /// The part file of a task, whose place it is; empty: of summaries and the report there is none.
  [[nodiscard]] std::filesystem::path part(plan const& p, task const& t) const;
  /// The files of data of a task, those that are there.
  [[nodiscard]] std::vector<std::filesystem::path> data(plan const& p, task const& t) const;
  /// The directory of a training by version 0.1 of the program; empty: there is none.
  [[nodiscard]] std::filesystem::path run_1(study::run const& r) const;

 private:
  [[nodiscard]] std::filesystem::path find(std::string const& ending) const;

  std::filesystem::path out_;
  std::map<std::string, std::string> directories_;  // by what their names end with, "-<role>-s<seed>-<8 digits>"
};

}  // namespace papillon::study
