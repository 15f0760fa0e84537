// SPDX-License-Identifier: MIT
/// \file failure.hpp
/// What is known of a task that failed: OUT/claims/NAME.failure.json. What may pass (a disk that is full or does not
/// answer, memory that is taken, a worker that died) is tried again three times, with pauses that double; what fails
/// the same way twice is not. A task that came further in between begins to count anew, and with the next start of a
/// program so does all that came of the machine; the rest has failed for good, until somebody asks for it.
#pragma once

#include <chrono>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace papillon::study {

enum class failure_kind {
  lasting,    ///< it will be the same again: a divergence, bad input
  refused,    ///< by the machine: a limit, a permission
  transient,  ///< by the machine, for a while
  died        ///< the worker did
};

[[nodiscard]] std::string to_string(failure_kind kind);

struct failure {
  std::string work;  ///< in words: "train imp-01 target s1"
  failure_kind kind = failure_kind::lasting;
  std::string what;      ///< the error
  int status = 1;        ///< with which the program would have ended by it
  std::string by;        ///< the worker
  std::string when;      ///< in UTC
  std::string progress;  ///< how far the task was: another text after it came further
  int times = 1;         ///< in a row that it failed alike
  int tries = 1;         ///< that came no further
};

/// What kind of failure an exception is.
[[nodiscard]] failure_kind kind_of(std::exception const& e) noexcept;

/// `now` with its counts, after what was known before.
[[nodiscard]] failure counted(failure now, std::optional<failure> const& before);

/// Whether it is not tried again by those who are at work.
[[nodiscard]] bool is_final(failure const& f) noexcept;

/// Whether a new start of a program does not try it either.
[[nodiscard]] bool is_for_good(failure const& f) noexcept;

/// How long to wait after a failure before the task is tried again. `first`: after the first that is transient.
[[nodiscard]] std::chrono::milliseconds pause_after(failure const& f, std::chrono::milliseconds first) noexcept;

/// Nothing where there is no such file, or it is damaged.
[[nodiscard]] std::optional<failure> read_failure(std::filesystem::path const& file);
/// Throws errc::failed.
void write_failure(std::filesystem::path const& file, failure const& f);

[[nodiscard]] std::filesystem::path failure_file(std::filesystem::path const& claims, std::string const& task);
[[nodiscard]] bool is_failure_file(std::filesystem::path const& file);

/// As if nothing had failed: what had is tried anew. A file that cannot be removed stays. Throws errc::failed
/// where the directory cannot be listed.
void forget_failures(std::filesystem::path const& claims);

/// All of a directory of claims, in the order of the names of files.
[[nodiscard]] std::vector<failure> failures_in(std::filesystem::path const& claims);

}  // namespace papillon::study
