// SPDX-License-Identifier: MIT
/// \file slurm_engine.hpp
/// Slurm, by its commands sbatch, squeue, scancel and scontrol. An answer that is not understood to the last character
/// is an error: nothing is guessed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <submit/engine.hpp>

namespace papillon::submit {

/// See the file's comment.
class slurm_engine final : public engine {
 public:
  /// Names of jobs begin with `study` and '-'.
  explicit slurm_engine(std::string study) : prefix_(std::move(study) + "-") {}

  /// Whether the commands are there.
  [[nodiscard]] static bool is_here();

  [[nodiscard]] std::string script(job_script const& s) const override;
  /// MaxArraySize of the cluster.
  [[nodiscard]] std::size_t largest_array() override;
  std::string submit(order const& o) override;
  [[nodiscard]] std::vector<queued_job> queued() override;
  void cancel(std::vector<std::string> const& jobs) override;

  /// What sbatch is called with.
  [[nodiscard]] std::vector<std::string> words(order const& o) const;

 private:
  std::string prefix_;
};

}  // namespace papillon::submit
