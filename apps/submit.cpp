// SPDX-License-Identifier: MIT
// papillon study submit: the study as jobs of a cluster's scheduler, or on this machine; study run --part: what a job
// does.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/exec/processors.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/sha256.hpp>
#include <study/claim.hpp>
#include <study/directories.hpp>
#include <study/failure.hpp>
#include <study/provenance.hpp>
#include <submit/jobs.hpp>
#include <submit/parts.hpp>
#include <submit/slurm_engine.hpp>

#include "interruption.hpp"
#include "pool.hpp"
#include "workplace.hpp"

namespace papillon::app {

namespace {

/// Arrays that clusters allow if nobody has changed it.
constexpr std::size_t usual_largest_array = 1001;

/// The name that a person starts: of a program for one instruction set, the launcher beside it.
std::filesystem::path this_program() {
  std::error_code unknown;
  auto const own = std::filesystem::read_symlink("/proc/self/exe", unknown);
  if (unknown) throw error(errc::failed, "cannot tell where this program is (/proc/self/exe does not say) mount /proc");
  auto const launcher = own.parent_path() / "papillon";
  return own.filename() == "papillon-" + study::isa() && study::is_there(launcher) ? launcher : own;
}

/// Tells the jobs of one study in one directory from all others.
std::string name_of_study(study::plan const& p, std::filesystem::path const& out) {
  auto text = out.string();
  for (auto const& t : p.tasks)
    if (auto const* const work = p.identity_of(t)) text += "\n" + work->hash;
  return "papillon-" + io::sha256_hex(std::string_view(text)).substr(0, 8);
}

class submission {
 public:
  explicit submission(options const& o)
      : options_(&o), here_(o),
        out_(std::filesystem::weakly_canonical(std::filesystem::absolute(here_.places().out()))),
        slurm_(name_of_study(here_.plan(), out_)),
        parts_(o.submit.pool > 0 ? std::vector{submit::whole_study(here_.plan())} : submit::parts_of(here_.plan())) {
    // What cannot be asked for is refused before anything is written.
    (void)slurm_.script(script_of({"report", {{0, parts_.size() - 1}}}));
  }

  void show() {
    bool const asks = submit::slurm_engine::is_here();
    if (!asks)
      std::printf("(no Slurm here: as if nothing were queued, and arrays of %zu allowed)\n", usual_largest_array);
    plan(asks ? slurm_.largest_array() : usual_largest_array,
        asks ? slurm_.queued() : std::vector<submit::queued_job>{});
    std::size_t elements = 0;
    for (auto const& j : list_.jobs) {
      std::printf("%s\n", line_of(j).c_str());
      elements += j.elements.size();
    }
    std::printf("%zu submissions of %zu jobs\n", list_.jobs.size(), elements);
  }

  void submit() {
    auto const largest = slurm_.largest_array();  // where there is no Slurm, nothing is written either
    here_.claim(options_->change_settings);
    auto const scripts = out_ / "slurm";
    study::make_directory(scripts / "log");
    study::claims claims(here_.places().claims());
    auto const one_at_a_time = claims.wait_for("submit", "submit the study", &interruption());
    auto const queue = slurm_.queued();
    plan(largest, queue);
    // Of a pool nobody is told to try anew what failed: each of its workers, whenever it starts, would do so.
    if (is_pool() && std::ranges::find(queue, submit::pool_name, &submit::queued_job::name) == queue.end())
      study::forget_failures(here_.places().claims());
    for (auto const& a : arrays_) io::write_atomically(scripts / (a.name + ".sh"), slurm_.script(script_of(a)));
    std::vector<std::string> taken;
    std::size_t elements = 0;
    for (auto const& j : list_.jobs) {
      if (is_report(j)) slurm_.cancel(list_.instead);
      auto const& name = arrays_[j.array].name;
      taken.push_back(slurm_.submit({name, scripts / (name + ".sh"), scripts / "log",
          is_report(j) ? std::vector<std::size_t>{} : j.elements, options_->submit.max_running, waits_of(j, taken)}));
      std::printf("%-10s %s\n", taken.back().c_str(), line_of(j).c_str());
      std::fflush(stdout);
      elements += j.elements.size();
    }
    if (taken.empty()) std::puts("nothing to submit: all is finished or queued");
    else std::printf("%zu submissions of %zu jobs; scripts and logs in %s\n", taken.size(), elements, scripts.c_str());
  }

 private:
  void plan(std::size_t largest, std::vector<submit::queued_job> const& queue) {
    if (is_pool()) return plan_pool(largest, queue);
    arrays_ = submit::arrays_of(parts_, largest);
    auto states = submit::states_of(arrays_, parts_.size(), queue);
    for (std::size_t i = 0; i < parts_.size(); ++i)
      states[i].finished = submit::is_finished(here_.plan(), here_.places(), parts_[i]);
    list_ = submit::jobs_of(parts_, arrays_, states);
  }

  void plan_pool(std::size_t largest, std::vector<submit::queued_job> const& queue) {
    auto const workers = static_cast<std::size_t>(options_->submit.pool);
    if (workers > largest)
      throw error(errc::usage, message("there can be no pool of ", workers, " (arrays of this cluster have at most ",
                                   largest, " elements) take a smaller --pool"));
    submit::part_array pool{submit::pool_name, {}};
    for (std::size_t k = 0; k < workers; ++k) pool.parts.emplace(k, 0);
    arrays_ = {std::move(pool)};
    list_ = submit::pool_of(workers, submit::is_finished(here_.plan(), here_.places(), parts_.front()), queue);
  }

  [[nodiscard]] bool is_pool() const { return options_->submit.pool > 0; }
  [[nodiscard]] bool is_report(submit::job const& j) const { return arrays_[j.array].name == "report"; }

  [[nodiscard]] submit::job_script script_of(submit::part_array const& a) const {
    auto const& asks = options_->submit;
    submit::job_script s;
    s.job = a.name;
    for (auto const& [number, index] : a.parts) s.parts[number] = parts_[index].name();
    s.command = {this_program().string(), "study", "run", "--out", out_.string(), "--data",
        std::filesystem::weakly_canonical(std::filesystem::absolute(options_->data)).string(), "--device",
        options_->device};
    if (!is_pool()) s.command.emplace_back("--retry-failed");
    if (!options_->isa.empty()) s.command.insert(s.command.end(), {"--isa", options_->isa});
    s.asks = {asks.partition, asks.time, asks.account, asks.memory, asks.processors};
    return s;
  }

  [[nodiscard]] static std::vector<submit::wait> waits_of(submit::job const& j, std::vector<std::string> const& taken) {
    std::vector<submit::wait> all;
    for (auto const& w : j.after) {
      submit::wait known{w.what, w.queued};
      for (auto const other : w.jobs) known.of.push_back({taken[other], {}});
      all.push_back(std::move(known));
    }
    return all;
  }

  /// "train-imp-01           0-5, each behind its own of train-dense".
  [[nodiscard]] std::string line_of(submit::job const& j) const {
    std::string text = arrays_[j.array].name;
    text.resize(std::max<std::size_t>(text.size() + 1, 24), ' ');
    if (!is_report(j)) text += submit::ranges(j.elements);
    for (auto const& w : j.after) {
      text += w.what == submit::waits_for::same_element ? ", each behind its own of"
              : w.what == submit::waits_for::success    ? ", behind"
                                                        : "behind the end of";
      if (w.what == submit::waits_for::end && w.queued.empty() && w.jobs.size() + 1 == list_.jobs.size()) {
        text += " all";
        continue;
      }
      for (auto const other : w.jobs) text += " " + arrays_[list_.jobs[other].array].name;
      for (auto const& at : w.queued)
        text += " " + at.job + (at.element ? "_" + std::to_string(*at.element) : std::string());
    }
    return text;
  }

  options const* options_;
  workplace here_;
  std::filesystem::path out_;
  submit::slurm_engine slurm_;
  std::vector<submit::part> parts_;
  std::vector<submit::part_array> arrays_;
  submit::job_list list_;
};

/// Whether another program holds what a part works on.
bool waits_for_others(workplace const& here, std::vector<std::size_t> const& tasks) {
  std::set<std::string> wanted;
  for (auto const index : study::needed_tasks(here.plan(), tasks))
    wanted.insert(here.plan().claim_of(here.plan().tasks[index]));
  return std::ranges::any_of(study::claims_in(here.places().claims()),
      [&](auto const& c) { return c.state == study::claim_state::working && wanted.contains(c.name); });
}

/// What has no queue has nothing to list or to cancel, and its jobs would wait for one another where workers take other
/// work: so this machine gets a pool, here and now.
void submit_here(options const& o) {
  auto const& asks = o.submit;
  if (!asks.partition.empty() || !asks.time.empty() || !asks.account.empty() || !asks.memory.empty() ||
      asks.max_running > 0)
    throw error(errc::usage,
        "nobody is asked for --partition, --time, --account, --mem or --max-running (the engine local runs the study "
        "on this machine) leave them out, or write --engine slurm");
  workplace const here(o);
  int const workers = asks.pool > 0 ? asks.pool : std::max(1, exec::allowed_processors() / asks.processors);
  (void)threads_of_worker(workers, asks.processors);
  if (o.dry_run) {
    std::printf("workers that start now, on this machine: %d of %d threads each\n", workers, asks.processors);
    return here.show({here.plan().tasks.size() - 1});
  }
  here.require_fit(workers);
  here.claim(o.change_settings);
  study::forget_failures(here.places().claims());
  std::vector<std::string> arguments{
      "study", "run", "--out", here.places().out().string(), "--data", o.data.string(), "--device", o.device};
  if (!o.isa.empty()) arguments.insert(arguments.end(), {"--isa", o.isa});
  run_pool(arguments, workers, asks.processors);
}

}  // namespace

void study_submit(options const& o) {
  if (o.submit.engine == "local") return submit_here(o);
  if (o.submit.engine != "slurm")
    throw error(errc::usage,
        message("there is no engine '", o.submit.engine, "' (there are slurm and local) write --engine slurm"));
  submission all(o);
  o.dry_run ? all.show() : all.submit();
}

void study_part(options const& o) {
  if (o.part == "report") return study_report(o);
  workplace const here(o);
  auto const parts = submit::parts_of(here.plan());
  auto const whole = submit::whole_study(here.plan());
  bool const is_whole = o.part == whole.name();
  auto const& mine = is_whole ? whole : submit::find_part(parts, o.part);
  auto all = mine.own;
  all.insert(all.end(), mine.then.begin(), mine.then.end());
  if (o.dry_run) return here.show(all);
  auto const before = submit::kept_of(here.plan(), here.places(), mine);
  try {
    if (is_whole) return here.run_all();
    for (auto const* tasks : {&mine.own, &mine.then}) here.run(*tasks);
  } catch (error const& e) {
    if (e.code() != errc::interrupted || submit::kept_of(here.plan(), here.places(), mine) != before ||
        (!is_whole && waits_for_others(here, all)))
      throw;
    throw error(errc::failed, message(mine.name(),
                                  " was stopped before there was anything to keep (starting again would not get "
                                  "further) give it more time (--time), or more processors"));
  }
}

}  // namespace papillon::app
