// SPDX-License-Identifier: MIT
/// \file observer.hpp
/// What a study tells while it runs. Showing it is the program's business; the defaults show nothing.
#pragma once

#include <cstddef>
#include <string>

#include <papillon/train/training_observer.hpp>
#include <study/plan.hpp>
#include <study/results.hpp>

namespace papillon::study {

/// How far a study is. Work is counted in multiply-adds, so that large and small networks count as they cost.
struct study_progress {
  std::size_t tasks_done = 0, tasks = 0;
  double work_done = 0, work = 0;  ///< of all tasks that were asked for
  double work_of_task = 0;         ///< of the one that begins
};

/// See the file's comment.
class observer {
 public:
  virtual ~observer() = default;

  /// A task that is not finished yet begins.
  virtual void begin(plan const&, task const&, study_progress const&) {}
  /// After a batch of a training.
  virtual void batch(run const&, train::batch_progress const&) {}
  /// After an epoch of a training.
  virtual void epoch(run const&, train::epoch_metrics const&) {}
  /// A training has ended.
  virtual void trained(run const&, network_result const&) {}
  /// A network was asked about all images.
  virtual void asked(run const&, network_quality const&) {}
  /// All seeds of a configuration are done.
  virtual void summarised(configuration_result const&) {}
  /// Something that a person should know.
  virtual void note(std::string const&) {}
};

}  // namespace papillon::study
