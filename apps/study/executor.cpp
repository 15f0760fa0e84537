// SPDX-License-Identifier: MIT
#include <study/executor.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <utility>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/json.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/privacy/metrics.hpp>
#include <papillon/train/snapshots.hpp>

#include <study/attack_names.hpp>
#include <study/collect.hpp>
#include <study/directories.hpp>
#include <study/metrics_file.hpp>
#include <study/outputs.hpp>
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
    if (is_there(file_)) read(watcher);
    nlohmann::ordered_json session;
    for (auto const& [name, text] : build_facts()) session[name] = text;
    session["device"] = lab.description();
    for (auto const& [name, text] : worker_facts()) session[name] = text;
    session["start"] = now();
    if (!sessions_.empty())
      for (auto const* name : {"papillon", "git", "compiler", "flags", "instruction set", "lanes"})
        if (sessions_.back().value(name, "") != session.value(name, ""))
          watcher.note(file_.parent_path().filename().string() + " goes on with another " + name +
                       " (before: " + sessions_.back().value(name, "unknown") +
                       "): its numbers may not be bit for bit those of an uninterrupted run");
    sessions_.push_back(std::move(session));
    write();
  }

  void end(std::string const& how) {
    sessions_.back()["end"] = now();
    sessions_.back()["outcome"] = how;
    write();
  }

 private:
  /// The sessions before this one. Numbers do not hang on them, so a file that is damaged does not stop the work: it is
  /// moved aside.
  void read(observer& watcher) {
    try {
      auto found = io::parse_json(io::read_file<std::string>(file_), file_.string(), "look at it");
      auto const is_session = [](auto const& session) {
        return session.is_object() && std::ranges::all_of(session, [](auto const& fact) { return fact.is_string(); });
      };
      if (!found.is_array() || !std::ranges::all_of(found, is_session))
        throw error(errc::bad_input, file_.string() + " cannot be used (it is no list of sessions) look at it");
      sessions_ = std::move(found);
    } catch (error const& e) {
      auto aside = file_;
      for (int k = 1; is_there(aside); ++k) aside.replace_filename(message("provenance.unreadable.", k, ".json"));
      std::filesystem::rename(file_, aside);
      watcher.note(message(e.what(), ": moved to ", aside.filename().string(), ", and begun anew"));
    }
  }

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
  sweep();
  look_at(chosen);
  for (auto const index : chosen) {
    task const& t = plan_->tasks[index];
    if (!is_finished(*plan_, places_, t)) {
      check_interruption(stop_);
      progress.work_of_task = work_of(t);
      watcher_->begin(*plan_, t, progress);
      require_inputs(t);
      perform(t, report);
    }
    progress.work_done += work_of(t);
    ++progress.tasks_done;
  }
}

void executor::sweep() const {
  auto const& out = places_.out();
  for (auto const& directory :
      {out, places_.networks(), places_.attacks(), places_.tunings(), places_.report(), out / "splits"})
    io::remove_drafts(directory, false);
}

void executor::look_at(std::vector<std::size_t> const& tasks) {
  std::vector<task const*> old;
  for (auto const index : tasks) {
    task const& t = plan_->tasks[index];
    auto const found = check_task(*plan_, places_, t, look::at_sizes);
    refuse_unusable(found);
    if (found.state == part_state::old_form) old.push_back(&t);
  }
  for (auto const* t : old) seal_old(*t);
  if (!old.empty())
    watcher_->note(message(old.size(), old.size() == 1 ? " result" : " results",
        " of an earlier version, which sealed nothing, taken as they are: from now on their contents are compared"));
}

void executor::seal_old(task const& t) {
  auto const file = places_.part(*plan_, t);
  auto const data = places_.data(*plan_, t);
  if (t.kind == task_kind::training) {
    for (auto const& path : data)
      if (path.extension() == ".safetensors") (void)train::check_contents(path);
    // Features had no part file. The result is sealed last: until then all of this is of the old form.
    for (auto const& [c, n] : plan_->networks)
      if (auto const features = places_.features(*plan_, n), part = places_.measured(*plan_, n);
          n.run == t.subject && is_there(features) && !is_there(part))
        write_seal(part, n.features, {}, {features});
  }
  seal_old_part(file, {}, data);
}

void executor::require_inputs(task const& t) const {
  if (!plan_->identity_of(t)) return;  // what summaries and reports read they compare themselves
  for (auto const need : t.needs) {
    task const& input = plan_->tasks[need];
    if (auto const* const work = plan_->identity_of(input)) require_part(places_.part(*plan_, input), *work);
  }
  if (t.kind != task_kind::listed_attack) return;
  experiment const& e = plan_->experiments[t.subject];
  auto const& name = e.listed[t.item].first;
  if (!is_attack(name) || attack_of(name).needs != attack_need::features) return;
  for (auto const* n : {&e.target, &e.shadow}) require_part(places_.measured(*plan_, *n), n->features);
}

double executor::work_of(task const& t) const {
  if (t.kind != task_kind::training && t.kind != task_kind::outputs && t.kind != task_kind::features) return 0;
  if (t.kind == task_kind::training) {  // a backward pass costs two forward ones
    study::run const& r = plan_->runs[t.subject];
    auto const images = images_of(*data_, r.cohort, r.seed);
    return size_of(r.configuration).multiply_adds * r.configuration.settings.train.epochs *
           (3.0 * static_cast<double>(images.trained.size()) + static_cast<double>(images.validation.size()));
  }
  auto const& [c, n] = plan_->networks[t.subject];
  auto const& s = plan_->configurations[c].settings;
  auto const forward = size_of(plan_->configurations[c]).multiply_adds;
  auto const& split = data_->split_for(plan_->runs[n.run].seed);
  auto const images_of_role = [](data::split::role const& r) {
    return static_cast<double>(r.trained.size() + r.validation.size() + r.test.size());
  };
  if (t.kind == task_kind::outputs)
    return forward * (s.train.augment ? s.attack.queries : 1) *
           (images_of_role(split.target()) + images_of_role(split.shadow()));
  auto const role = static_cast<std::size_t>(plan_->runs[n.run].cohort.role);
  return forward * (1.0 + s.attack.draws) * images_of_role(split.roles[role]);
}

network_size const& executor::size_of(configuration const& c) const {
  auto found = sizes_.find(c.name);
  if (found == sizes_.end()) found = sizes_.emplace(c.name, size_in_study(*lab_, *settings_, c)).first;
  return found->second;
}

run_order executor::order_of(study::run const& r) const {
  auto const& s = r.configuration.settings;
  run_order o{&s, &r, &labelled_.of(s), places_.run(r), {}, {}, {}};
  if (r.parent < 0) return o;
  o.parent_run = &plan_->runs[static_cast<std::size_t>(r.parent)];
  o.parent = places_.run(*o.parent_run);
  return o;
}

run_order executor::order_of(std::pair<std::size_t, network> const& asked) const {
  auto const& [c, n] = asked;
  auto o = order_of(plan_->runs[n.run]);
  o.settings = &plan_->configurations[c].settings;
  o.outputs = places_.outputs(*plan_, n);
  o.features = places_.features(*plan_, n);
  return o;
}

void executor::perform(task const& t, std::function<void()> const& report) {
  switch (t.kind) {
    case task_kind::training: return train(t);
    case task_kind::outputs: return ask(t);
    case task_kind::features: return measure(t);
    case task_kind::attack: return attack(t);
    case task_kind::listed_attack: return attack_listed(t);
    case task_kind::summary: return summarise_configuration(t.subject);
    case task_kind::report:
      if (report) report();
  }
}

directory_lock executor::hold(std::filesystem::path const& directory) {
  directory_lock lock(directory);
  if (!lock.holds() && !std::exchange(without_locks_, true))
    watcher_->note(message(places_.out().string(),
        " is on a file system without locks: nothing keeps a second program from working on the same network"));
  return lock;
}

template <class Part> void executor::finish(task const& t, Part const& part) const {
  write_part(places_.part(*plan_, t), *plan_->identity_of(t), part, maker_, places_.data(*plan_, t));
}

void executor::train(task const& t) {
  study::run const& r = plan_->runs[t.subject];
  if (adopt(t)) return;
  auto const directory = places_.run(r);
  make_directory(directory);
  auto const lock = hold(directory);
  if (is_finished(*plan_, places_, t)) return;  // another process has just finished it
  session_record session(directory / "provenance.json", *lab_, *watcher_);
  network_result result;
  try {
    result = lab_->train(order_of(r), *watcher_, stop_);
  } catch (error const& e) {
    try {
      session.end(e.code() == errc::interrupted ? "interrupted" : "failed");
    } catch (error const&) {  // the first error is the one to tell
    }
    throw;
  }
  result.run = r.name();
  session.end("finished");
  finish(t, result);
  watcher_->trained(r, result);
}

bool executor::adopt(task const& t) {
  study::run const& r = plan_->runs[t.subject];
  auto const old = places_.run_1(r);
  if (old.empty() || !is_there(old / "result.json")) return false;
  auto const name = old.filename().string();
  if (r.configuration.settings.train.convolution != convolution::direct) {
    watcher_->note(name +
                   " is not used: an earlier version of this program trained it, whose sums were rounded "
                   "otherwise; with train.convolution=direct a study goes on from it");
    return false;
  }
  network_result result;
  try {
    result = read_part<network_result>(old / "result.json", identity{{}, r.identity_1});
  } catch (error const& e) {
    watcher_->note(name + " is not used: " + e.what());
    return false;
  }
  result.run = r.name();
  auto const lock = hold(old);
  // The result last: until it is written, the directory is what it was under either name.
  auto const directory = places_.networks() / r.name();
  std::error_code problem;
  std::filesystem::rename(old, directory, problem);
  if (problem)
    throw error(errc::failed, message("cannot rename ", old.string(), " (", problem.message(), ") make it writable"));
  finish(t, result);
  watcher_->note(
      name + " was trained by an earlier version of this program with these very settings: it is " + r.name() + " now");
  return true;
}

void executor::ask(task const& t) {
  auto const& asked = plan_->networks[t.subject];
  auto const& r = plan_->runs[asked.second.run];
  auto const lock = hold(places_.run(r));
  auto const order = order_of(asked);
  int const epoch = lab_->ask(order, stop_);
  auto const quality =
      quality_of(network_outputs(order.outputs, *order.data, r.seed), images_of(*data_, r.cohort, r.seed), epoch);
  finish(t, quality);
  watcher_->asked(r, quality);
}

void executor::measure(task const& t) {
  auto const& asked = plan_->networks[t.subject];
  auto const lock = hold(places_.run(plan_->runs[asked.second.run]));
  lab_->measure(order_of(asked), stop_);
  write_seal(places_.part(*plan_, t), asked.second.features, maker_, places_.data(*plan_, t));
}

void executor::attack(task const& t) {
  make_directory(places_.attacks());
  experiment const& e = plan_->experiments[t.subject];
  auto const& s = plan_->configurations[e.configuration].settings;
  auto scores = places_.part(*plan_, t);
  finish(t, lab_->attack({&s, &labelled_.of(s), e.seed, places_.features(*plan_, e.target),
                             places_.features(*plan_, e.shadow), scores.replace_extension(".npy")},
                stop_));
}

attack_inputs executor::inputs_of(experiment const& e) const {
  attack_inputs in;
  in.settings = &plan_->configurations[e.configuration].settings;
  in.data = &labelled_.of(*in.settings);
  in.seed = e.seed;
  std::array const networks{&e.target, &e.shadow};
  for (std::size_t r = 0; r < 2; ++r) {
    in.outputs[r] = places_.outputs(*plan_, *networks[r]);
    in.features[r] = places_.features(*plan_, *networks[r]);
  }
  for (experiment const& other : plan_->experiments) {
    bool const own_split = settings_->study.splits == drawn_splits::seed && other.seed != e.seed;
    if (other.configuration != e.configuration || own_split) continue;
    in.of_role[0].push_back(places_.outputs(*plan_, other.target));
    in.of_role[1].push_back(places_.outputs(*plan_, other.shadow));
  }
  for (auto const& n : e.references) in.references.push_back(places_.outputs(*plan_, n));
  return in;
}

void executor::attack_listed(task const& t) {
  make_directory(places_.attacks());
  experiment const& e = plan_->experiments[t.subject];
  auto const& name = e.listed[t.item].first;
  auto in = inputs_of(e);
  if (name == memorisation_analysis) return finish(t, run_memorisation(in));
  if (name == matched_analysis) return finish(t, match(e));
  seed_result discriminators;
  if (name == "nine") {
    auto const of_paper = places_.attack(*plan_, e);
    discriminators = read_part<seed_result>(of_paper, e.attack);
    in.discriminators = &discriminators;
    in.discriminator_scores = std::filesystem::path(of_paper).replace_extension(".npy");
  }
  auto const found = run_listed_attack(name, in);
  for (std::size_t i = 0; i < found.judged.size(); ++i)
    write_scores(places_.scores(*plan_, e, t.item, found.result.experiments[i].role), found.judged[i]);
  for (auto const& note : found.notes)
    watcher_->note(message(plan_->configurations[e.configuration].name, ", seed ", e.seed, ", ", name, ": ", note));
  finish(t, found.result);
}

namespace {

/// The defence of both networks of an experiment, averaged, against the strongest attack of the list that needs outputs
/// alone: the one of best accuracy on held-out images of the other role.
double defence_by_outputs(attack_inputs const& in) {
  double best = missing, accuracy = missing;
  for (auto const& name : in.settings->attack.list) {
    if (attack_of(name).needs != attack_need::outputs) continue;
    double holdout = 0, reached = 0;
    auto const found = run_listed_attack(name, in).result.experiments;
    for (auto const& e : found) {
      holdout += e.holdout_accuracy / static_cast<double>(found.size());
      reached += e.accuracy / static_cast<double>(found.size());
    }
    if (is_missing(best) || holdout > best) best = holdout, accuracy = reached;
  }
  return privacy::defence(accuracy);
}

}  // namespace

std::optional<std::pair<std::size_t, network>> executor::ask_at_accuracy(
    std::size_t dense, network const& n, double percent) {
  auto const& r = plan_->runs[n.run];
  auto const directory = places_.run(r), file_of_epochs = directory / "metrics.csv";
  if (!is_there(file_of_epochs)) return {};
  require_part(places_.result(r), r.identity);
  metrics_file const metrics(file_of_epochs, r.configuration.settings.train.epochs, r.identity.hash);
  std::vector<double> accuracies;
  for (auto const& line : metrics.lines()) accuracies.push_back(line.validation_accuracy);
  int const epoch = train::first_epoch_reaching((percent - 1e-9) / 100, accuracies);  // percent is rounded
  if (epoch < 0 || !is_there(directory / train::snapshot_name(epoch))) return {};
  auto settings = plan_->configurations[dense].settings;
  settings.train.evaluate = message("epoch:", epoch);
  network early = n;
  early.outputs = outputs_identity(settings, r.identity.hash);
  auto order = order_of({dense, early});
  order.settings = &settings;
  auto const file = places_.quality(*plan_, early);
  auto const found = check_part(file, early.outputs, look::at_contents);
  refuse_unusable(found);
  if (found.state == part_state::old_form) {
    seal_old_part(file, {}, {order.outputs});
  } else if (!found.finished()) {
    auto const lock = hold(directory);
    (void)lab_->ask(order, stop_);
    write_part(file, early.outputs,
        quality_of(network_outputs(order.outputs, *order.data, r.seed), images_of(*data_, r.cohort, r.seed), epoch),
        maker_, {order.outputs});
  }
  return std::pair{dense, early};
}

matched_result executor::match(experiment const& e) {
  experiment const& dense = *plan_->dense_beside(e);
  auto const quality = [&](network const& n) {
    return read_part<network_quality>(places_.quality(*plan_, n), n.outputs);
  };
  auto const in = inputs_of(e);
  matched_result m;
  m.seed = e.seed;
  m.partner_accuracy = quality(e.target).test_accuracy;
  m.partner_defence = defence_by_outputs(in);
  double const wanted = quality(e.shadow).validation_accuracy;
  auto const target = ask_at_accuracy(dense.configuration, dense.target, wanted);
  auto const shadow = ask_at_accuracy(dense.configuration, dense.shadow, wanted);
  if (!target || !shadow) return m;
  auto beside = inputs_of(dense);
  beside.outputs = {places_.outputs(*plan_, target->second), places_.outputs(*plan_, shadow->second)};
  auto const early = quality(target->second);
  m.epoch = early.epoch;
  m.accuracy = early.test_accuracy;
  m.defence = defence_by_outputs(beside);
  return m;
}

void executor::summarise_configuration(std::size_t c) {
  results part;
  auto const& kind = plan_->configurations[c];
  part.configurations.push_back(read_configuration(*plan_, labelled_.of(kind.settings), places_, c, size_of(kind)));
  summarise(part);
  watcher_->summarised(part.configurations.front());
}

}  // namespace papillon::study
