// SPDX-License-Identifier: MIT
#include <submit/parts.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <system_error>

#include <papillon/error.hpp>
#include <papillon/io/directory_entries.hpp>
#include <papillon/io/draft.hpp>

#include <study/collect.hpp>
#include <study/directories.hpp>
#include <study/text.hpp>

namespace papillon::submit {

namespace {

using study::task_kind;

/// Target 0, shadow 1, references from 2 on.
std::size_t number_of(study::cohort const& c) {
  return c.is_reference() ? 2 + static_cast<std::size_t>(c.reference) : static_cast<std::size_t>(c.role);
}

class cutter {
 public:
  explicit cutter(study::plan const& p) : plan_(&p) {
    for (auto const& r : p.runs) cohorts_ = std::max(cohorts_, number_of(r.cohort) + 1);
    for (auto const& e : p.experiments) seeds_.emplace(e.seed, seeds_.size());
    for (std::size_t i = 0; i < p.tasks.size(); ++i) {
      auto const& t = p.tasks[i];
      if (t.kind == task_kind::training) training_[t.subject] = i;
      if (auto const* const work = p.identity_of(t)) of_work_.emplace(work->hash, i);
    }
  }

  std::vector<part> all() {
    for (auto const& t : plan_->tasks)
      if (t.kind == task_kind::training) add_training(t.subject);
    for (std::size_t e = 0; e < plan_->experiments.size(); ++e) add_attack(e);
    part report;
    report.kind = part_kind::report;
    for (std::size_t i = 0; i < parts_.size(); ++i) report.after.push_back(i);
    parts_.push_back(std::move(report));
    return std::move(parts_);
  }

 private:
  void add_training(std::size_t run) {
    auto const& r = plan_->runs[run];
    part p;
    p.kind = part_kind::train;
    // A round that a changed configuration goes on from is another network than the study's own round of that name.
    auto const others = named_[message(r.configuration.name, "-", r.cohort.name(), "-s", r.seed)]++;
    p.configuration = others == 0 ? r.configuration.name : message(r.configuration.name, "+", others);
    p.subject = message(p.configuration, "-", r.cohort.name(), "-s", r.seed);
    p.number = seeds_.at(r.seed) * cohorts_ + number_of(r.cohort);
    p.own = {training_.at(run)};
    if (r.parent >= 0) {
      auto const before = trained_by_.at(static_cast<std::size_t>(r.parent));
      p.after = {before};
      p.parent = static_cast<int>(before);
    }
    trained_by_[run] = parts_.size();
    parts_.push_back(std::move(p));
  }

  void add_attack(std::size_t index) {
    auto const& e = plan_->experiments[index];
    part p;
    p.kind = part_kind::attack;
    p.configuration = plan_->configurations[e.configuration].name;
    p.subject = message(p.configuration, "-s", e.seed);
    p.number = seeds_.at(e.seed);
    auto const measure = [&](study::network const& n) {
      for (auto const* work : {&n.outputs, &n.features})
        if (auto const task = of_work_.find(work->hash); task != of_work_.end()) p.own.push_back(task->second);
    };
    measure(e.target);
    if (plan_->attacked) measure(e.shadow);
    std::ranges::for_each(e.references, measure);
    for (std::size_t i = 0; i < plan_->tasks.size(); ++i) {
      auto const& t = plan_->tasks[i];
      if ((t.kind == task_kind::attack || t.kind == task_kind::listed_attack) && t.subject == index)
        p.then.push_back(i);
    }
    std::set<std::size_t> trained;
    auto wanted = p.own;
    wanted.insert(wanted.end(), p.then.begin(), p.then.end());
    for (auto const task : study::needed_tasks(*plan_, wanted))
      for (auto const need : plan_->tasks[task].needs)
        // A training's own parents are behind it already.
        if (plan_->tasks[task].kind != task_kind::training && plan_->tasks[need].kind == task_kind::training)
          trained.insert(trained_by_.at(plan_->tasks[need].subject));
    p.after.assign(trained.begin(), trained.end());
    parts_.push_back(std::move(p));
  }

  study::plan const* plan_;
  std::size_t cohorts_ = 1;
  std::map<std::uint64_t, std::size_t> seeds_;     // place in the study
  std::map<std::size_t, std::size_t> training_;    // task, by run
  std::map<std::string, std::size_t> of_work_;     // task, by hash
  std::map<std::size_t, std::size_t> trained_by_;  // part, by run
  std::map<std::string, int> named_;               // trainings so far, by what they would be called
  std::vector<part> parts_;
};

/// When a file was last written; the beginning of time where it is not there.
std::filesystem::file_time_type written(std::filesystem::path const& file) {
  std::error_code absent;
  auto const at = std::filesystem::last_write_time(file, absent);
  return absent ? std::filesystem::file_time_type::min() : at;
}

}  // namespace

std::string to_string(part_kind kind) {
  switch (kind) {
    case part_kind::train: return "train";
    case part_kind::attack: return "attack";
    case part_kind::report: return "report";
    case part_kind::all: return "all";
  }
  return {};
}

std::string part::name() const { return subject.empty() ? to_string(kind) : to_string(kind) + ":" + subject; }

std::vector<part> parts_of(study::plan const& p) { return cutter(p).all(); }

part whole_study(study::plan const& p) {
  part whole;
  whole.kind = part_kind::all;
  for (std::size_t i = 0; i < p.tasks.size(); ++i)
    if (p.identity_of(p.tasks[i]) != nullptr) whole.own.push_back(i);
  return whole;
}

part const& find_part(std::vector<part> const& parts, std::string const& name) {
  std::vector<std::string> names;
  for (auto const& one : parts) {
    if (one.name() == name) return one;
    names.push_back(one.name());
  }
  throw error(errc::usage, message("unknown part '", name, "' (this study has none of that name) did you mean '",
                               study::nearest(name, {names.begin(), names.end()}), "'?"));
}

bool is_finished(study::plan const& p, study::layout const& places, part const& one) {
  auto const done = [&](std::size_t task) { return study::is_finished(p, places, p.tasks[task]); };
  bool const all_done = std::ranges::all_of(one.own, done) && std::ranges::all_of(one.then, done);
  if (!all_done || one.kind == part_kind::train || one.kind == part_kind::attack) return all_done;
  auto const report = written(places.report() / "results.json");
  return study::is_there(places.report() / "index.html") && std::ranges::all_of(p.tasks, [&](study::task const& t) {
    auto const file = places.part(p, t);
    return file.empty() || written(file) <= report;
  });
}

std::string kept_of(study::plan const& p, study::layout const& places, part const& one) {
  std::map<std::filesystem::path, std::string> directories;  // and what names there begin with
  auto tasks = one.own;
  tasks.insert(tasks.end(), one.then.begin(), one.then.end());
  for (auto const task : study::needed_tasks(p, tasks))
    if (auto const directory = places.part(p, p.tasks[task]).parent_path(); !directory.empty())
      directories[directory] =
          directory == places.attacks() && !one.subject.empty() ? one.subject + "-" : std::string();
  std::set<std::string> kept;
  for (auto const& [directory, beginning] : directories) {
    for (auto const& file : io::directory_entries(directory)) {
      auto const name = file.filename().string();
      if (name.starts_with("provenance") || io::is_draft(name) || !name.starts_with(beginning)) continue;
      kept.insert(message(file.string(), " ", written(file).time_since_epoch().count()));
    }
  }
  std::string all;
  for (auto const& line : kept) all += line + "\n";
  return all;
}

}  // namespace papillon::submit
