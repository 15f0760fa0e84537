// SPDX-License-Identifier: MIT
#include <study/executor.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <new>
#include <system_error>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/sha256.hpp>
#include <papillon/privacy/metrics.hpp>
#include <papillon/train/snapshots.hpp>

#include <study/attack_names.hpp>
#include <study/collect.hpp>
#include <study/directories.hpp>
#include <study/finished_discriminators.hpp>
#include <study/metrics_file.hpp>
#include <study/outputs.hpp>
#include <study/part_file.hpp>
#include <study/provenance.hpp>
#include <study/results.hpp>
#include <study/session_record.hpp>
#include <study/summary.hpp>

namespace papillon::study {

void executor::run(std::vector<std::size_t> const& wanted, report_maker const& report) {
  auto tasks = needed_tasks(*plan_, wanted);
  begin(tasks);
  bool const reports = !tasks.empty() && plan_->tasks[tasks.back()].kind == task_kind::report;
  if (reports) tasks.pop_back();
  auto const order = longest_first(tasks, ways_behind(plan_->tasks, work_));
  auto wait = ways_.first_wait;
  while (auto const made = do_next(order)) {
    if (*made == step::later) wait_unless_stopped(wait, stop_);
    wait = *made == step::later ? std::min(2 * wait, ways_.longest_wait) : ways_.first_wait;
  }
  if (reports) make_report(tasks, report);
  sweep();  // after those that ended beside this one
  tell_failures(tasks);
}

std::optional<executor::step> executor::do_next(std::vector<std::size_t> const& order) {
  std::optional<step> found;
  for (auto const index : order) {
    if (states_[index] != task_state::open || !is_ready(plan_->tasks[index], states_)) continue;
    found = attempt(index);
    if (*found == step::changed) break;
  }
  return found;
}

executor::step executor::attempt(std::size_t index) {
  task const& t = plan_->tasks[index];
  if (is_finished(*plan_, places_, t)) return set_state(index, task_state::done);
  check_interruption(stop_);
  if (auto const known = failure_of(index)) {
    if (is_final(*known)) return set_state(index, task_state::failed);
    auto const written = failure_file(claims_.directory(), plan_->name_of(t));
    if (is_there(written) && age_of(written) < pause_after(*known, ways_.pause)) return step::later;
  }
  progress_.work_of_task = work_[index];
  auto const claimed = plan_->claim_of(t);
  if (claimed.empty()) {
    watcher_->begin(*plan_, t, progress_);
    perform(t);
    return set_state(index, task_state::done);
  }
  try {
    if (auto held = claims_.take(claimed, plan_->words_of(t))) return attempt(index, *held);
    if (!std::exchange(waits_, true)) watcher_->note("another program works on this study: what it does is left to it");
  } catch (error const& e) {  // of the claim: a full disk
    if (kind_of(e) != failure_kind::transient || ways_.stop_at_error) throw;
    note_failure(index, kind_of(e), e.what(), e.code());
  }
  return step::later;
}

executor::step executor::attempt(std::size_t index, claim& held) {
  task const& t = plan_->tasks[index];
  // Another may have done it a moment ago, or begun it under another name of the same work.
  if (t.kind == task_kind::training) places_ = layout(places_.out());
  if (is_finished(*plan_, places_, t)) return set_state(index, task_state::done);
  try {
    if (is_of_others(t)) return set_state(index, task_state::left_alone);
    if (held.from_dead() && held.before() && held.before()->work == plan_->words_of(t))
      note_failure(index, failure_kind::died, "the worker died (" + to_string(held.before()->owner) + ")");
    if (auto const known = failure_of(index); known && is_final(*known)) return set_state(index, task_state::failed);
    watcher_->begin(*plan_, t, progress_);
    require_inputs(t);
    perform(t);
    std::error_code none;
    std::filesystem::remove(failure_file(claims_.directory(), plan_->name_of(t)), none);
    return set_state(index, task_state::done);
  } catch (claim_lost const& e) {
    watcher_->note(e.what());
  } catch (error const& e) {
    if (e.code() == errc::interrupted || ways_.stop_at_error) throw;
    note_failure(index, kind_of(e), e.what(), e.code());
  } catch (std::bad_alloc const& e) {
    if (ways_.stop_at_error) throw;
    note_failure(index, kind_of(e), "out of memory (the network or its images do not fit) take a smaller train.batch");
  }
  return step::later;
}

executor::step executor::set_state(std::size_t index, task_state state) {
  states_[index] = state;
  if (state == task_state::done) {
    failures_.erase(index);
    progress_.work_done += work_[index];
    ++progress_.tasks_done;
  }
  return step::changed;
}

bool executor::is_of_others(task const& t) {
  if (ways_.mix || t.kind != task_kind::training) return false;
  auto const directory = places_.run(plan_->runs[t.subject]);
  if (!is_there(directory / "last.safetensors")) return false;
  auto const by = other_bits(directory / "provenance.json", *lab_);
  if (by.empty()) return false;
  watcher_->note(message(plan_->words_of(t), " is left alone (it was begun by ", by,
      ", and would go on with other bits) --mix goes on with it"));
  return true;
}

std::optional<failure> executor::failure_of(std::size_t index) const {
  if (ways_.stop_at_error) return {};
  if (auto const own = failures_.find(index); own != failures_.end()) return own->second;
  return read_failure(failure_file(claims_.directory(), plan_->name_of(plan_->tasks[index])));
}

void executor::forget_failure(task const& t) const {
  auto const file = failure_file(claims_.directory(), plan_->name_of(t));
  auto const known = read_failure(file);
  std::error_code none;
  if (known && (ways_.retry_failed || !is_for_good(*known))) std::filesystem::remove(file, none);
}

/// How far a task that failed had come: the state of what a training goes on from.
std::string executor::progress_of(task const& t) const {
  if (t.kind != task_kind::training) return {};
  std::error_code none;
  auto const written = std::filesystem::last_write_time(places_.run(plan_->runs[t.subject]) / "last.safetensors", none);
  return none ? std::string() : std::to_string(written.time_since_epoch().count());
}

void executor::note_failure(std::size_t index, failure_kind kind, std::string const& what, errc code) {
  task const& t = plan_->tasks[index];
  auto const words = plan_->words_of(t);
  auto const now =
      counted({words, kind, what, static_cast<int>(code), to_string(claims_.me()), time_text(), progress_of(t)},
          failure_of(index));
  watcher_->note(message(words, kind == failure_kind::died ? " is taken over: " : " failed: ", what,
      is_final(now) ? " (it is not tried again)" : ""));
  try {
    claims_.require();
    write_failure(failure_file(claims_.directory(), plan_->name_of(t)), now);
    failures_.erase(index);
  } catch (claim_lost const&) {  // whoever has it now has failures of its own
  } catch (error const&) {       // the disk is full
    failures_[index] = now;
  }
}

void executor::make_report(std::vector<std::size_t> const& tasks, report_maker const& report) {
  check_interruption(stop_);
  std::string made_of;
  for (auto const index : tasks)
    made_of += message(plan_->name_of(plan_->tasks[index]), " ", static_cast<int>(states_[index]), "\n");
  made_of = io::sha256_hex(std::string_view(made_of));
  for (bool done = false; !done;) {
    auto held = claims_.wait_for("report", plan_->words_of(plan_->tasks.back()), stop_);
    try {
      make_report(made_of, report, held);
      done = true;
    } catch (claim_lost const& e) {  // whoever has it now makes the report, which is waited for
      watcher_->note(e.what());
    }
  }
}

void executor::make_report(std::string const& made_of, report_maker const& report, claim& held) {
  auto const& last = held.before();
  if (last && last->number > reports_before_ && last->left == made_of) {
    watcher_->note("another program has made the report");
  } else {
    progress_.work_of_task = 0;
    watcher_->begin(*plan_, plan_->tasks.back(), progress_);
    if (report) report(fence());
  }
  held.release(made_of);
}

void executor::tell_failures(std::vector<std::size_t> const& tasks) const {
  std::size_t failed = 0, left_alone = 0;
  auto code = errc::bad_input;
  bool for_good = false;
  std::string first;
  for (auto const index : tasks) {
    if (states_[index] == task_state::left_alone) ++left_alone;
    if (states_[index] != task_state::failed) continue;
    auto const known = failure_of(index);
    auto const text = message(plan_->words_of(plan_->tasks[index]), ": ", known ? known->what : "it is not known why");
    watcher_->note("failed: " + text);
    for_good |= known && is_for_good(*known);
    if (!known || known->status != static_cast<int>(errc::bad_input)) code = errc::failed;
    if (++failed == 1) first = text;
  }
  auto const waiting = held_up(plan_->tasks, tasks, states_).size();
  auto const others =
      waiting == 0 ? std::string() : message("; ", waiting, waiting == 1 ? " waits" : " wait", " for this");
  if (failed > 0)
    throw error(code, message(failed, failed == 1 ? " task failed (" : " tasks failed (the first: ", first, others,
                          for_good ? ") --retry-failed tries anew" : ") the same command tries anew"));
  if (left_alone > 0)
    throw error(errc::failed,
        message(left_alone, left_alone == 1 ? " training is" : " trainings are",
            " left alone (begun with other lanes or on another device", others, ") --mix goes on with them"));
}

void executor::sweep() const {
  // Of another machine nobody knows which processes are alive; a draft is written at once, or by somebody dead.
  auto const silent_since = claims_.silent_since();
  auto const& out = places_.out();
  for (auto const& directory : {out, claims_.directory(), places_.networks(), places_.attacks(), places_.tunings(),
           places_.report(), places_.report() / "figures", out / "splits"})
    io::remove_drafts(directory, silent_since);
  finished_discriminators::sweep(places_.attacks());
}

void executor::begin(std::vector<std::size_t> const& tasks) {
  if (!claims_.locks_hold())
    watcher_->note(message(places_.out().string(),
        " is on a file system whose locks keep nobody out: what another program works on is known by time stamps "
        "alone"));
  sweep();
  progress_ = {};
  progress_.tasks = tasks.size();
  states_.assign(plan_->tasks.size(), task_state::open);
  work_.assign(plan_->tasks.size(), 0);
  failures_.clear();
  std::size_t old = 0;
  for (auto const index : tasks) {
    task const& t = plan_->tasks[index];
    work_[index] = work_of(t);
    progress_.work += work_[index];
    forget_failure(t);
    auto const found = check_task(*plan_, places_, t, look::at_sizes);
    refuse_unusable(found);
    if (found.finished()) (void)set_state(index, task_state::done);
    if (found.state != part_state::old_form) continue;
    while (check_task(*plan_, places_, t, look::at_sizes).state == part_state::old_form) seal_old(t);
    ++old;
  }
  if (old > 0)
    watcher_->note(message(old, old == 1 ? " result" : " results",
        " of an earlier version, which sealed nothing, taken as they are: from now on their contents are compared"));
}

void executor::seal_old(task const& t) {
  auto const held = claims_.wait_for(plan_->claim_of(t), plan_->words_of(t), stop_);
  if (check_task(*plan_, places_, t, look::at_sizes).state != part_state::old_form) return;
  try {
    seal_held(t);
  } catch (claim_lost const& e) {
    watcher_->note(e.what());
  }
}

void executor::seal_held(task const& t) const {
  auto const file = places_.part(*plan_, t);
  auto const data = places_.data(*plan_, t);
  if (t.kind == task_kind::training) {
    for (auto const& path : data)
      if (path.extension() == ".safetensors") (void)train::check_contents(path);
    // Features had no part file. The result is sealed last: until then all of this is of the old form.
    for (auto const& [c, n] : plan_->networks)
      if (auto const features = places_.features(*plan_, n), part = places_.measured(*plan_, n);
          n.run == t.subject && is_there(features) && !is_there(part)) {
        claims_.require();
        write_seal(part, n.features, {}, {features});
      }
  }
  claims_.require();
  seal_old_part(file, {}, data);
}

void executor::require_inputs(task const& t) const {
  if (!plan_->identity_of(t)) return;  // what summaries and reports read they compare themselves
  for (auto const need : t.needs) {
    check_interruption(stop_);
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
    auto const images = images_of_run(r);
    return size_of(r.configuration).multiply_adds * epochs_of(r.configuration.settings) *
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
  run_order o{&s, &r, &labelled_.of(s), places_.run(r), {}, {}, {}, nullptr, fence()};
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

void executor::perform(task const& t) {
  switch (t.kind) {
    case task_kind::training: return train(t);
    case task_kind::outputs: return ask(t);
    case task_kind::features: return measure(t);
    case task_kind::attack: return attack(t);
    case task_kind::listed_attack: return attack_listed(t);
    case task_kind::summary: return summarise_configuration(t.subject);
    case task_kind::report: return;  // make_report
  }
}

std::function<void()> executor::fence() const {
  return [this] { claims_.require(); };
}

template <class Part> void executor::finish(task const& t, Part const& part) const {
  claims_.require();
  write_part(places_.part(*plan_, t), *plan_->identity_of(t), part, maker_, places_.data(*plan_, t));
}

void executor::train(task const& t) {
  study::run const& r = plan_->runs[t.subject];
  if (adopt(t)) return;
  auto const directory = places_.run(r);
  make_directory(directory);
  io::remove_drafts(directory);
  session_record session(directory / "provenance.json", *lab_, *watcher_, fence());
  network_result result;
  try {
    result = lab_->train(order_of(r), *watcher_, stop_);
  } catch (error const& e) {
    try {
      session.end(e.code() == errc::interrupted ? "interrupted" : "failed");  // not if the claim is lost
    } catch (error const&) {                                                  // the first error is the one to tell
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
  io::remove_drafts(old);
  // The result last: until it is written, the directory is what it was under either name.
  auto const directory = places_.networks() / r.name();
  std::error_code problem;
  claims_.require();
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
  auto const order = order_of(asked);
  io::remove_drafts(order.directory);
  int const epoch = lab_->ask(order, stop_);
  auto const quality = quality_of(network_outputs(order.outputs, *order.data, r.seed), images_of_run(r), epoch);
  finish(t, quality);
  watcher_->asked(r, quality);
}

void executor::measure(task const& t) {
  auto const& asked = plan_->networks[t.subject];
  auto const order = order_of(asked);
  io::remove_drafts(order.directory);
  lab_->measure(order, stop_);
  claims_.require();
  write_seal(places_.part(*plan_, t), asked.second.features, maker_, places_.data(*plan_, t));
}

void executor::attack(task const& t) {
  make_directory(places_.attacks());
  experiment const& e = plan_->experiments[t.subject];
  auto const& s = plan_->configurations[e.configuration].settings;
  auto scores = places_.part(*plan_, t);
  finished_discriminators const kept(scores, e.attack, maker_);
  finish(t, lab_->attack({&s, &labelled_.of(s), e.seed, places_.features(*plan_, e.target),
                             places_.features(*plan_, e.shadow), scores.replace_extension(".npy"), fence(), &kept},
                stop_));
  kept.remove();
}

attack_inputs executor::inputs_of(experiment const& e) const {
  attack_inputs in;
  in.settings = &plan_->configurations[e.configuration].settings;
  in.data = &labelled_.of(*in.settings);
  in.seed = e.seed;
  in.before_network = [stop = stop_] { check_interruption(stop); };
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
  if (name == course_analysis) return finish(t, follow(e));
  if (name == audit_analysis) return finish(t, run_audit(in));
  seed_result discriminators;
  if (name == "nine") {
    auto const of_paper = places_.attack(*plan_, e);
    discriminators = read_part<seed_result>(of_paper, e.attack);
    in.discriminators = &discriminators;
    in.discriminator_scores = std::filesystem::path(of_paper).replace_extension(".npy");
  }
  if (name == "samia")
    in.samia = lab_->samia({in.settings, in.data, e.seed, in.features[0], in.features[1], {}, fence(), nullptr}, stop_);
  auto const found = run_listed_attack(name, in);
  for (std::size_t i = 0; i < found.judged.size(); ++i) {
    claims_.require();
    write_scores(places_.scores(*plan_, e, t.item, found.result.experiments[i].role), found.judged[i]);
  }
  for (auto const& note : found.notes)
    watcher_->note(message(plan_->configurations[e.configuration].name, ", seed ", e.seed, ", ", name, ": ", note));
  finish(t, found.result);
}

void executor::summarise_configuration(std::size_t c) {
  results part;
  auto const& kind = plan_->configurations[c];
  part.configurations.push_back(read_configuration(
      *plan_, labelled_.of(kind.settings), places_, c, size_of(kind), [this] { check_interruption(stop_); }));
  summarise(part);
  watcher_->summarised(part.configurations.front());
}

}  // namespace papillon::study
