// SPDX-License-Identifier: MIT
/// \file executor.hpp
/// Does the tasks of a study that are not finished, what has the longest way behind it first (schedule.hpp), beside any
/// number of other workers on the same directory (claim.hpp). A task is finished where its result is whole and of its
/// work (part_file.hpp); what a task builds on is compared to the last byte before it begins. One that was interrupted
/// goes on from its last epoch; one that fails (failure.hpp) ends nothing but what waits for it.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <study/claim.hpp>
#include <study/failure.hpp>
#include <study/labelled_data.hpp>
#include <study/laboratory.hpp>
#include <study/listed_attack.hpp>
#include <study/observer.hpp>
#include <study/part_file.hpp>
#include <study/plan.hpp>
#include <study/provenance.hpp>
#include <study/schedule.hpp>
#include <study/settings.hpp>
#include <study/working_ways.hpp>

namespace papillon::study {

/// Target and shadow before the ends of their trainings.
struct early_networks {
  int epoch;        ///< of the target, counted from 0
  double accuracy;  ///< %, of the target on its D_test
  double defence;   ///< of both, against the strongest attack of the list that needs their outputs alone
};

/// See the file's comment.
class executor {
 public:
  /// All must outlive the executor. `stop`, if given, ends the work at the next border of a batch when it becomes true.
  executor(settings const& s, study_data const& data, plan const& p, layout places, laboratory const& lab,
      observer& watcher, std::atomic<bool> const* stop = nullptr, working_ways ways = {})
      : settings_(&s), data_(&data), labelled_(data), plan_(&p), places_(std::move(places)), lab_(&lab),
        watcher_(&watcher), stop_(stop), ways_(ways), maker_(made_here(lab.description())),
        claims_(places_.claims(), ways.beat) {
    if (auto const last = read_claim(places_.claims() / "report.json")) reports_before_ = last->number;
  }

  /// Makes the report; to be called before every file that it writes is what it is given, which throws claim_lost.
  using report_maker = std::function<void(std::function<void()> const& fence)>;

  /// Does the given tasks and all they need, or sees others do them. `report` is called for the report task, which is
  /// made of what there is, by the worker that finishes last. Throws at the end where tasks failed (errc::bad_input if
  /// all did by that, else errc::failed), and errc::interrupted when it was stopped.
  void run(std::vector<std::size_t> const& wanted, report_maker const& report = {});

  /// What a task costs, in multiply-adds; the parts that are small beside training count as nothing.
  [[nodiscard]] double work_of(task const& t) const;

 private:
  /// What came of a try.
  enum class step {
    changed,  ///< a task is done, or has failed for good
    later,    ///< another holds it, or it has to wait
  };

  [[nodiscard]] network_size const& size_of(configuration const& c) const;
  /// For the training itself, with its own configuration's settings.
  [[nodiscard]] run_order order_of(study::run const& r) const;
  /// For what a configuration asks of a network.
  [[nodiscard]] run_order order_of(std::pair<std::size_t, network> const& asked) const;
  /// Removes what processes that are no more left half written in the directories that studies share.
  void sweep() const;
  /// Before the first task: refuses results that are damaged or of other work; seals those of earlier versions.
  void begin(std::vector<std::size_t> const& tasks);
  /// Unless it is lost, or another has done so meanwhile.
  void seal_old(task const& t);
  void seal_held(task const& t) const;

  /// Does the first task that can be done; nothing where all are done, or wait for failures.
  [[nodiscard]] std::optional<step> do_next(std::vector<std::size_t> const& order);
  [[nodiscard]] step attempt(std::size_t index);
  /// The same with the claim on it.
  [[nodiscard]] step attempt(std::size_t index, claim& held);
  [[nodiscard]] step set_state(std::size_t index, task_state state);
  /// Whether a training was begun in a way that this worker leaves alone.
  [[nodiscard]] bool is_of_others(task const& t);
  [[nodiscard]] std::optional<failure> failure_of(std::size_t index) const;
  /// Before the first task: what did not fail for good, or is to be tried anew, has not failed.
  void forget_failure(task const& t) const;
  void note_failure(std::size_t index, failure_kind kind, std::string const& what, errc code = errc::failed);
  [[nodiscard]] std::string progress_of(task const& t) const;
  void make_report(std::vector<std::size_t> const& tasks, report_maker const& report);
  /// The same with the claim on it.
  void make_report(std::string const& made_of, report_maker const& report, claim& held);
  /// Throws if a task failed: errc::bad_input if all did by that, else errc::failed.
  void tell_failures(std::vector<std::size_t> const& tasks) const;

  /// Refuses what a task builds on unless it is whole, to the last byte.
  void require_inputs(task const& t) const;
  void perform(task const& t);
  [[nodiscard]] std::function<void()> fence() const;
  template <class Part> void finish(task const& t, Part const& part) const;
  void train(task const& t);
  /// Whether a finished training by version 0.1 of the program is there; it becomes this one.
  [[nodiscard]] bool adopt(task const& t);
  void ask(task const& t);
  void measure(task const& t);
  void attack(task const& t);
  void attack_listed(task const& t);
  [[nodiscard]] attack_inputs inputs_of(experiment const& e) const;
  [[nodiscard]] cohort_images images_of_run(study::run const& r) const {
    return images_of(*data_, r.cohort, r.seed, r.configuration.settings.audit);
  }
  /// The dense network at the accuracy of a configuration.
  [[nodiscard]] matched_result match(experiment const& e);
  /// A configuration at accuracies on the way.
  [[nodiscard]] course_result follow(experiment const& e);
  /// Target and shadow at the earliest epochs whose validation accuracies reach `percent`; nothing where one never
  /// does.
  [[nodiscard]] std::optional<early_networks> stop_early(experiment const& e, double percent);
  /// A network of configuration `c` at the earliest such epoch, asked for its outputs; nothing where there is none, or
  /// its weights were not kept.
  [[nodiscard]] std::optional<network> ask_at_accuracy(std::size_t c, network const& n, double percent);
  [[nodiscard]] std::vector<double> validation_accuracies(network const& n) const;
  [[nodiscard]] network_quality quality_of_outputs(network const& n) const;
  void summarise_configuration(std::size_t c);

  settings const* settings_;
  study_data const* data_;
  labelled_data labelled_;
  plan const* plan_;
  layout places_;
  laboratory const* lab_;
  observer* watcher_;
  std::atomic<bool> const* stop_;
  working_ways ways_;
  maker maker_;
  claims claims_;
  std::uint64_t reports_before_ = 0;  // how many there were when this worker came
  study_progress progress_;
  std::vector<task_state> states_;                     // by task
  std::vector<double> work_;                           // of those that were asked for
  std::map<std::size_t, failure> failures_;            // that could not be written down
  bool waits_ = false;                                 // and that was said
  mutable std::map<std::string, network_size> sizes_;  // by configuration
};

}  // namespace papillon::study
