// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <papillon/error.hpp>
#include <study/text.hpp>

namespace papillon::app {

namespace {

template <class... Args> std::string text_of(char const* format, Args... args) {
  char buffer[256];
  int const length = std::snprintf(buffer, sizeof buffer, format, args...);
  return {buffer, static_cast<std::size_t>(std::min(length, static_cast<int>(sizeof buffer) - 1))};
}

std::string name_of(study::run const& r) { return message(r.configuration.name, " ", r.cohort.name(), " s", r.seed); }

}  // namespace

std::string duration_text(double seconds) {
  if (seconds < 99.5) return text_of("%.0f s", seconds);
  auto const minutes = std::llround(seconds / 60);
  if (minutes < 100) return text_of("%lld min", minutes);
  if (minutes < 48 * 60) return text_of("%lld h %02lld min", minutes / 60, minutes % 60);
  return text_of("%lld d %02lld h", minutes / 1440, minutes % 1440 / 60);
}

progress::progress(bool trained_members) : terminal_(::isatty(STDOUT_FILENO) != 0), trained_members_(trained_members) {}
progress::~progress() {
  if (shown_) std::puts("");
}

void progress::print_line(std::string const& text) {
  std::printf("%s%s\n", shown_ ? "\r\033[K" : "", text.c_str());
  shown_ = false;
  std::fflush(stdout);
}

void progress::show(std::string const& text) {
  std::printf("\r\033[K%s", text.c_str());
  shown_ = true;
  last_shown_ = clock::now();
  std::fflush(stdout);
}

// Reckons with the speed, in multiply-adds a second, of all that was done since the program started.
std::string progress::time_left(double fraction_of_task) const {
  double const done = now_.work_done - at_start_.work_done + fraction_of_task * now_.work_of_task;
  double const left = now_.work - now_.work_done - fraction_of_task * now_.work_of_task;
  double const seconds = std::chrono::duration<double>(clock::now() - start_).count();
  return done > 0 && seconds > 1 ? duration_text(seconds / done * left) : "?";
}

void progress::begin(study::plan const& p, study::task const& t, study::study_progress const& so_far) {
  if (!started_) {
    started_ = true;
    start_ = clock::now();
    at_start_ = so_far;
  }
  now_ = so_far;
  auto const* r = p.subject_of(t);
  if (!terminal_ || r == nullptr || t.kind == study::task_kind::training) return;
  auto what = to_string(t.kind);
  if (t.kind == study::task_kind::listed_attack) what += " " + p.experiments[t.subject].listed[t.item].first;
  show(text_of("[%zu/%zu] ", so_far.tasks_done + 1, so_far.tasks) + name_of(*r) + "  " + what);
}

void progress::batch(study::run const& r, train::batch_progress const& b) {
  if (!terminal_ || clock::now() - last_shown_ < std::chrono::milliseconds(100)) return;
  double const fraction = (b.epoch + static_cast<double>(b.batch) / b.batches) / b.epochs;
  show(text_of("[%zu/%zu] ", now_.tasks_done + 1, now_.tasks) + name_of(r) +
       text_of("  epoch %d/%d  loss %.3f  accuracy %.1f %%  %.0f images/s", b.epoch + 1, b.epochs, b.loss,
           100 * b.accuracy, b.images_per_second) +
       "  left " + time_left(fraction));
}

void progress::trained(study::run const& r, study::network_result const& result) {
  auto const& validation = result.curve.validation_accuracy;
  print_line(text_of("[%zu/%zu] ", now_.tasks_done + 1, now_.tasks) + name_of(r) +
             text_of(": %d epochs, best %d, ", result.epochs, result.best_epoch + 1) +
             (validation.empty() ? "" : text_of("validation %.1f %% at the end, ", validation.back())) +
             duration_text(result.seconds) + ", left " + time_left(1));
}

void progress::summarised(study::configuration_result const& c) {
  auto const spread_text = [](study::spread const& s) {
    return std::isnan(s.deviation) ? text_of("%.1f %%", s.mean) : text_of("%.1f +- %.1f %%", s.mean, s.deviation);
  };
  auto line = c.name + text_of(" (%.1f %% nonzero): accuracy ", c.nonzero_percent) + spread_text(c.summary.accuracy) +
              ", on its trained images " + spread_text(c.summary.train_accuracy);
  auto const& paper = trained_members_ ? c.summary.strict : c.summary.all;
  if (!std::isnan(paper.defence.mean)) line += ", the paper's attack " + spread_text(paper.attack_accuracy);
  if (!std::isnan(c.summary.strongest_defence.mean))
    line += text_of(
        ", the strongest (%s) leaves a defence of %.1f", c.summary.strongest.c_str(), c.summary.strongest_defence.mean);
  print_line(line);
}

void progress::note(std::string const& text) { print_line("note: " + study::escaped(text)); }

}  // namespace papillon::app
