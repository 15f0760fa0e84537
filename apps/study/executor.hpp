// SPDX-License-Identifier: MIT
/// \file executor.hpp
/// Does the tasks of a study that are not finished, in the plan's order. A task is finished where its result is whole
/// and of its work (part_file.hpp); what a task builds on is compared to the last byte before it begins. One that was
/// interrupted goes on from its last epoch; an error ends the study at the task it comes from, and leaves all finished
/// work.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <study/directories.hpp>
#include <study/labelled_data.hpp>
#include <study/laboratory.hpp>
#include <study/listed_attack.hpp>
#include <study/observer.hpp>
#include <study/part_file.hpp>
#include <study/plan.hpp>
#include <study/provenance.hpp>
#include <study/settings.hpp>

namespace papillon::study {

/// See the file's comment.
class executor {
 public:
  /// All must outlive the executor. `stop`, if given, ends the work at the next border of a batch when it becomes true.
  executor(settings const& s, study_data const& data, plan const& p, layout places, laboratory const& lab,
      observer& watcher, std::atomic<bool> const* stop = nullptr)
      : settings_(&s), data_(&data), labelled_(data), plan_(&p), places_(std::move(places)), lab_(&lab),
        watcher_(&watcher), stop_(stop), maker_(made_here(lab.description())) {}

  /// Does the given tasks and all they need. `report` is called for the report task. Throws what the work throws, and
  /// errc::interrupted when it was stopped.
  void run(std::vector<std::size_t> const& wanted, std::function<void()> const& report = {});

  /// What a task costs, in multiply-adds; the parts that are small beside training count as nothing.
  [[nodiscard]] double work_of(task const& t) const;

 private:
  [[nodiscard]] network_size const& size_of(configuration const& c) const;
  /// For the training itself, with its own configuration's settings.
  [[nodiscard]] run_order order_of(study::run const& r) const;
  /// For what a configuration asks of a network.
  [[nodiscard]] run_order order_of(std::pair<std::size_t, network> const& asked) const;
  /// Removes what processes that are no more left half written in the directories that studies share.
  void sweep() const;
  /// Refuses results that are damaged or of other work; seals those of earlier versions.
  void look_at(std::vector<std::size_t> const& tasks);
  void seal_old(task const& t);
  /// Refuses what a task builds on unless it is whole, to the last byte.
  void require_inputs(task const& t) const;
  void perform(task const& t, std::function<void()> const& report);
  [[nodiscard]] directory_lock hold(std::filesystem::path const& directory);
  template <class Part> void finish(task const& t, Part const& part) const;
  void train(task const& t);
  /// Whether a finished training by version 0.1 of the program is there; it becomes this one.
  [[nodiscard]] bool adopt(task const& t);
  void ask(task const& t);
  void measure(task const& t);
  void attack(task const& t);
  void attack_listed(task const& t);
  [[nodiscard]] attack_inputs inputs_of(experiment const& e) const;
  /// The dense network at the accuracy of a configuration.
  [[nodiscard]] matched_result match(experiment const& e);
  /// The earliest epoch of a dense network whose validation accuracy reaches `percent`, asked for its outputs; nothing
  /// where it never does, or its weights were not kept.
  [[nodiscard]] std::optional<std::pair<std::size_t, network>> ask_at_accuracy(
      std::size_t dense, network const& n, double percent);
  void summarise_configuration(std::size_t c);

  settings const* settings_;
  study_data const* data_;
  labelled_data labelled_;
  plan const* plan_;
  layout places_;
  laboratory const* lab_;
  observer* watcher_;
  std::atomic<bool> const* stop_;
  maker maker_;
  bool without_locks_ = false;                         // and that was said
  mutable std::map<std::string, network_size> sizes_;  // by configuration
};

}  // namespace papillon::study
