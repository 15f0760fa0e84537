// SPDX-License-Identifier: MIT
#include <study/executor.hpp>

#include <ctime>
#include <filesystem>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

#include <study/collect.hpp>
#include <study/directories.hpp>
#include <study/part_file.hpp>
#include <study/provenance.hpp>
#include <study/results.hpp>
#include <study/summary.hpp>

namespace papillon::study {

namespace {

/// A process's work on a run, in the run's provenance.json: what with, from when to when.
class session_record {
 public:
  session_record(std::filesystem::path file, laboratory const& lab, observer& watcher) : file_(std::move(file)) {
    if (std::filesystem::exists(file_))
      sessions_ = nlohmann::ordered_json::parse(io::read_file<std::string>(file_), nullptr, false);
    if (!sessions_.is_array()) sessions_ = nlohmann::ordered_json::array();
    nlohmann::ordered_json session;
    for (auto const& [name, text] : build_facts()) session[name] = text;
    session["device"] = lab.description();
    session["start"] = now();
    if (!sessions_.empty())
      for (auto const* name : {"papillon", "compiler", "flags", "instruction set", "lanes"})
        if (sessions_.back().value(name, "") != session.value(name, ""))
          watcher.note(file_.parent_path().filename().string() + " goes on with another " + name +
                       " (before: " + sessions_.back().value(name, "unknown") +
                       "): its numbers will not be bit for bit those of an uninterrupted run");
    sessions_.push_back(std::move(session));
    write();
  }

  void end(std::string const& how) {
    sessions_.back()["end"] = now();
    sessions_.back()["outcome"] = how;
    write();
  }

 private:
  [[nodiscard]] static std::string now() {
    std::time_t const seconds = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
  }
  void write() const { io::write_atomically(file_, sessions_.dump(2) + "\n"); }

  std::filesystem::path file_;
  nlohmann::ordered_json sessions_ = nlohmann::ordered_json::array();
};

}  // namespace

void executor::run(std::vector<std::size_t> const& wanted, std::function<void()> const& report) {
  auto const chosen = needed_tasks(*plan_, wanted);
  study_progress progress;
  for (auto const t : chosen) progress.work += work_of(plan_->tasks[t]);
  progress.tasks = chosen.size();
  for (auto const index : chosen) {
    task const& t = plan_->tasks[index];
    if (!is_finished(*plan_, places_, t)) {
      check_interruption(stop_);
      progress.work_of_task = work_of(t);
      watcher_->begin(*plan_, t, progress);
      perform(t, report);
    }
    progress.work_done += work_of(t);
    ++progress.tasks_done;
  }
}

double executor::work_of(task const& t) const {
  if (t.kind != task_kind::training && t.kind != task_kind::features) return 0;
  study::run const& r = plan_->runs[t.subject];
  auto const forward = size_of(r.configuration).multiply_adds;
  auto const& images = data_->split.roles[static_cast<std::size_t>(r.role)];
  if (t.kind == task_kind::training)  // a backward pass costs two forward ones
    return forward * settings_->train.epochs *
           (3.0 * static_cast<double>(images.trained.size()) + static_cast<double>(images.validation.size()));
  return forward * (1.0 + settings_->attack.draws) * static_cast<double>(images.train().size() + images.test.size());
}

network_size const& executor::size_of(configuration const& c) const {
  auto found = sizes_.find(c.name);
  if (found == sizes_.end()) found = sizes_.emplace(c.name, lab_->size_of(*settings_, c)).first;
  return found->second;
}

run_order executor::order_of(study::run const& r) const {
  run_order o{settings_, &r, data_, places_.run(r), {}, places_.features(r)};
  if (r.parent >= 0) o.parent = places_.run(plan_->runs[static_cast<std::size_t>(r.parent)]);
  return o;
}

void executor::perform(task const& t, std::function<void()> const& report) {
  switch (t.kind) {
    case task_kind::training: return train(plan_->runs[t.subject]);
    case task_kind::features: return measure(plan_->runs[t.subject]);
    case task_kind::attack: return attack(plan_->experiments[t.subject]);
    case task_kind::summary: return summarise_configuration(t.subject);
    case task_kind::report:
      if (report) report();
  }
}

void executor::train(study::run const& r) {
  auto const directory = places_.run(r);
  make_directory(directory);
  directory_lock const lock(directory);
  if (std::filesystem::exists(places_.result(r))) return;  // another process has just finished it
  session_record session(directory / "provenance.json", *lab_, *watcher_);
  network_result result;
  try {
    result = lab_->train(order_of(r), *watcher_, stop_);
  } catch (error const& e) {
    session.end(e.code() == errc::interrupted ? "interrupted" : "failed");
    throw;
  }
  result.run = r.name();
  session.end("finished");
  write_part(places_.result(r), r.identity, result);
  watcher_->trained(r, result);
}

void executor::measure(study::run const& r) {
  directory_lock const lock(places_.run(r));
  lab_->measure(order_of(r), stop_);
}

void executor::attack(experiment const& e) {
  make_directory(places_.attacks());
  study::run const& target = plan_->runs[e.target];
  study::run const& shadow = plan_->runs[static_cast<std::size_t>(e.shadow)];
  auto const result =
      lab_->attack({settings_, data_, target.seed, places_.features(target), places_.features(shadow)}, stop_);
  write_part(places_.attack(*plan_, e), e.attack, result);
}

void executor::summarise_configuration(std::size_t c) {
  results part;
  part.configurations.push_back(read_configuration(*plan_, places_, c, size_of(plan_->configurations[c])));
  summarise(part);
  watcher_->summarised(part.configurations.front());
}

}  // namespace papillon::study
