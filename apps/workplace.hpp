// SPDX-License-Identifier: MIT
/// \file workplace.hpp
/// All that working on a study needs, made from the options: settings, images, plan, places, machine.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <study/executor.hpp>
#include <study/laboratory.hpp>
#include <study/plan.hpp>
#include <study/resources.hpp>
#include <study/results.hpp>
#include <study/study_data.hpp>

#include "commands.hpp"
#include "interruption.hpp"

namespace papillon::app {

class workplace {
 public:
  /// Reads the images; the output directory is not touched.
  explicit workplace(options const& o) : workplace(o, settings_of(o)) {}
  /// With other settings than the options name.
  workplace(options const& o, study::settings s);

  [[nodiscard]] study::settings const& settings() const { return settings_; }
  [[nodiscard]] study::plan const& plan() const { return plan_; }
  [[nodiscard]] study::layout const& places() const { return places_; }
  [[nodiscard]] study::laboratory const& laboratory() const { return *laboratory_; }

  /// Index of the task of a kind for a network; throws errc::usage if the study has no such experiment.
  [[nodiscard]] std::size_t find_task(
      study::task_kind kind, study::configuration const& c, study::role r, std::uint64_t seed) const;

  /// Does tasks and what they need, or sees others do them, showing progress; stores the split. Throws errc::failed at
  /// the end where tasks failed, errc::interrupted after a signal.
  void run(std::vector<std::size_t> const& tasks, study::executor::report_maker const& report = {}) const;
  /// The same with all of the study and its report.
  void run_all() const;
  /// Writes the report of what is finished, and says where it is. `fence` as of report::write_report.
  void write_report(std::function<void()> const& fence = {}) const;
  /// Throws errc::failed where what is left of the study cannot fit into memory, for so many workers, or onto the disk.
  void require_fit(int workers = 1) const;
  /// How many workers fit into this machine's memory.
  [[nodiscard]] int most_workers() const;
  /// Stores the settings as those of the study in the output directory. Where others are stored, throws errc::usage
  /// with the first that differs, unless they are to be changed.
  void claim(bool change) const;
  /// Says which of the tasks and of what they need are to be done.
  void show(std::vector<std::size_t> const& tasks) const;

  /// Everything that is finished. Throws errc::interrupted after a signal.
  [[nodiscard]] study::results results() const;

 private:
  [[nodiscard]] study::resources needs() const;

  study::working_ways ways_;
  std::atomic<bool> const& stop_ = interruption();  // first: reading images takes a while
  study::settings settings_;
  study::study_data data_;
  study::plan plan_;
  study::layout places_;
  std::unique_ptr<study::laboratory> laboratory_;
};

}  // namespace papillon::app
