// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <papillon/error.hpp>

namespace papillon::app {

namespace {

template <class... Args> std::string text_of(char const* format, Args... args) {
  char buffer[256];
  int const length = std::snprintf(buffer, sizeof buffer, format, args...);
  return {buffer, static_cast<std::size_t>(std::min(length, static_cast<int>(sizeof buffer) - 1))};
}

std::string name_of(study::run const& r) { return message(r.configuration.name, " ", to_string(r.role), " s", r.seed); }

}  // namespace

std::string duration_text(double seconds) {
  if (seconds < 99.5) return text_of("%.0f s", seconds);
  auto const minutes = std::llround(seconds / 60);
  if (minutes < 100) return text_of("%lld min", minutes);
  if (minutes < 48 * 60) return text_of("%lld h %02lld min", minutes / 60, minutes % 60);
  return text_of("%lld d %02lld h", minutes / 1440, minutes % 1440 / 60);
}

progress::progress() : terminal_(::isatty(STDOUT_FILENO) != 0) {}
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
  auto const place = text_of("[%zu/%zu] ", so_far.tasks_done + 1, so_far.tasks);
  if (t.kind == study::task_kind::features || t.kind == study::task_kind::attack) {
    study::run const& r =
        t.kind == study::task_kind::features ? p.runs[t.subject] : p.runs[p.experiments[t.subject].target];
    auto const line = place + name_of(r) + "  " + to_string(t.kind);
    terminal_ ? show(line) : print_line(line);
  }
}

void progress::batch(study::run const& r, train::batch_progress const& b) {
  if (!terminal_ || clock::now() - last_shown_ < std::chrono::milliseconds(100)) return;
  double const fraction = (b.epoch + static_cast<double>(b.batch) / b.batches) / b.epochs;
  show(text_of("[%zu/%zu] ", now_.tasks_done + 1, now_.tasks) + name_of(r) +
       text_of("  epoch %d/%d  loss %.3f  accuracy %.1f %%  %.0f images/s", b.epoch + 1, b.epochs, b.loss,
           100 * b.accuracy, b.images_per_second) +
       "  left " + time_left(fraction));
}

void progress::epoch(study::run const& r, train::epoch_metrics const& m) {
  if (terminal_) return;
  print_line(text_of("[%zu/%zu] ", now_.tasks_done + 1, now_.tasks) + name_of(r) +
             text_of("  epoch %d  loss %.3f  accuracy %.1f %%", m.epoch + 1, m.train_loss, 100 * m.train_accuracy) +
             (m.validation_loss > 0 ? text_of("  validation %.1f %%", 100 * m.validation_accuracy) : "") +
             text_of("  %.0f images/s", m.images_per_second));
}

void progress::trained(study::run const& r, study::network_result const& result) {
  print_line(name_of(r) +
             text_of(": test accuracy %.1f %%, on its trained images %.1f %%, best epoch %d of %d, ",
                 result.test_accuracy, result.train_accuracy, result.best_epoch + 1, result.epochs) +
             duration_text(result.seconds));
}

void progress::summarised(study::configuration_result const& c) {
  auto const spread_text = [](study::spread const& s) {
    return std::isnan(s.deviation) ? text_of("%.1f %%", s.mean) : text_of("%.1f +- %.1f %%", s.mean, s.deviation);
  };
  auto line = c.name + text_of(" (%.1f %% nonzero): accuracy ", c.nonzero_percent) + spread_text(c.summary.accuracy);
  if (!std::isnan(c.summary.all.defence.mean))
    line +=
        ", attack " + spread_text(c.summary.all.attack_accuracy) + ", defence " + spread_text(c.summary.all.defence);
  print_line(line);
}

void progress::note(std::string const& text) { print_line("note: " + text); }

}  // namespace papillon::app
