// SPDX-License-Identifier: MIT
/// \file engine.hpp
/// What a study asks of a scheduler: to take a job, to say what it has, to forget a job; and how a script for it reads.
/// All else (what is to be submitted, behind what) is the same for every scheduler (jobs.hpp).
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <submit/script.hpp>

namespace papillon::submit {

/// A job as the scheduler knows it, or one element of a job that is an array.
struct place {
  std::string job;
  std::optional<std::size_t> element;
  friend bool operator==(place const&, place const&) = default;
  friend auto operator<=>(place const&, place const&) = default;  // NOLINT(modernize-use-nullptr): it writes none
};

/// What a job waits for of others.
enum class waits_for {
  same_element,  ///< that the element of its own number has succeeded
  success,       ///< that all have succeeded
  end            ///< that all have ended, however
};

struct wait {
  waits_for what = waits_for::success;
  std::vector<place> of;
};

/// A job to be taken.
struct order {
  std::string name;  ///< of the script, the log and, after the study's, the job
  std::filesystem::path script, logs;
  std::vector<std::size_t> elements;  ///< of the array; empty: it is none
  int at_once = 0;                    ///< elements that may run at the same time; 0: all
  std::vector<wait> after;
};

/// A job that waits or runs.
struct queued_job {
  std::string name;
  place at;
};

/// See the file's comment. Whatever fails throws papillon::error.
class engine {
 public:
  virtual ~engine() = default;

  [[nodiscard]] virtual std::string script(job_script const& s) const = 0;
  /// How many numbers elements of an array may have, from 0.
  [[nodiscard]] virtual std::size_t largest_array() = 0;
  /// The scheduler's name of the job.
  virtual std::string submit(order const& o) = 0;
  /// Jobs of this study.
  [[nodiscard]] virtual std::vector<queued_job> queued() = 0;
  virtual void cancel(std::vector<std::string> const& jobs) = 0;
};

}  // namespace papillon::submit
