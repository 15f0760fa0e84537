// SPDX-License-Identifier: MIT
/// \file progress.hpp
/// Shows a study while it runs: one line that moves on a terminal, one line an epoch elsewhere.
#pragma once

#include <chrono>
#include <string>

#include <study/observer.hpp>

namespace papillon::app {

class progress final : public study::observer {
 public:
  /// trained_members: whether the paper's attack counts the trained images alone as members.
  explicit progress(bool trained_members);
  ~progress() override;

  void begin(study::plan const& p, study::task const& t, study::study_progress const& so_far) override;
  void batch(study::run const& r, train::batch_progress const& b) override;
  void trained(study::run const& r, study::network_result const& result) override;
  void summarised(study::configuration_result const& c) override;
  void note(std::string const& text) override;

 private:
  using clock = std::chrono::steady_clock;

  void print_line(std::string const& text);
  void show(std::string const& text);
  [[nodiscard]] std::string time_left(double fraction_of_task) const;

  bool terminal_, trained_members_;
  bool shown_ = false;  // whether the moving line holds something
  clock::time_point start_{}, last_shown_{};
  study::study_progress at_start_{}, now_{};
  bool started_ = false;
};

/// "3 s", "12 min", "1 h 05 min", "2 d 03 h".
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace papillon::app
