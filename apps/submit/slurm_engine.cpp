// SPDX-License-Identifier: MIT
#include <submit/slurm_engine.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <papillon/error.hpp>

#include <study/text.hpp>
#include <submit/jobs.hpp>
#include <submit/process.hpp>

namespace papillon::submit {

namespace {

/// States of jobs that have ended; in all others one may still do something.
constexpr std::array<std::string_view, 10> ended{"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED",
    "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT"};

/// What a command of Slurm prints.
std::string answer(std::vector<std::string> const& words) {
  auto const found = run_program(words);
  if (found.status == 0) return found.printed;
  auto const& why = found.complained.empty() ? found.printed : found.complained;
  throw error(errc::failed,
      message(words.front(), " failed (status ", found.status, ": ", study::escaped(why.substr(0, why.find('\n'))),
          ") see what Slurm says, and give the same command again: what is queued is not submitted twice"));
}

[[noreturn]] void refuse(std::string const& program, std::string_view answer) {
  throw error(errc::failed, message(program, " answered what is not understood ('",
                                study::escaped(answer.substr(0, 200)), "') look whether it is Slurm's"));
}

std::string_view without_newline(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view word_of(waits_for what) {
  switch (what) {
    case waits_for::same_element: return "aftercorr";
    case waits_for::success: return "afterok";
    case waits_for::end: return "afterany";
  }
  return {};
}

std::string dependency(std::vector<wait> const& after) {
  std::string text;
  for (auto const& w : after) {
    text += message(text.empty() ? "" : ",", word_of(w.what));
    for (auto const& at : w.of) text += ":" + at.job + (at.element ? "_" + std::to_string(*at.element) : "");
  }
  return text;
}

/// In names of logs sbatch writes other things for '%'.
std::string plain_percent(std::string const& text) {
  std::string plain;
  for (char const c : text) plain.append(c == '%' ? 2 : 1, c);
  return plain;
}

}  // namespace

bool slurm_engine::is_here() {
  return std::ranges::all_of(std::array{"sbatch", "squeue", "scancel", "scontrol"}, is_installed);
}

std::string slurm_engine::script(job_script const& s) const {
  auto named = s;
  named.job = prefix_ + s.job;
  return slurm_script(named);
}

std::size_t slurm_engine::largest_array() {
  auto const settings = answer({"scontrol", "show", "config"});
  for (auto const line : study::split_list(settings, '\n')) {
    if (!line.starts_with("MaxArraySize ")) continue;
    std::size_t largest = 0;
    auto const at = line.find_first_not_of(' ', line.find('=') + 1);
    if (line.find('=') == line.npos || at == line.npos || !study::read_number(line.substr(at), largest))
      refuse("scontrol", line);
    if (largest == 0)
      throw error(errc::failed,
          "this cluster has no arrays of jobs (its MaxArraySize is 0) ask who runs it, or use study run on one node");
    return largest;
  }
  refuse("scontrol", settings);
}

std::vector<std::string> slurm_engine::words(order const& o) const {
  // Options of the command line hold, whatever stands in the environment or the script.
  std::vector<std::string> all{"sbatch", "--parsable", "--job-name=" + prefix_ + o.name};
  auto const log = plain_percent((o.logs / o.name).string());
  all.push_back("--output=" + log + (o.elements.empty() ? "-%j.log" : "-%A_%a.log"));
  if (!o.elements.empty())
    all.push_back("--array=" + ranges(o.elements) + (o.at_once > 0 ? message("%", o.at_once) : ""));
  if (!o.after.empty()) {
    all.push_back("--dependency=" + dependency(o.after));
    all.emplace_back("--kill-on-invalid-dep=yes");  // else it waits for ever behind what has failed
  }
  all.push_back(o.script.string());
  return all;
}

std::string slurm_engine::submit(order const& o) {
  auto const said = answer(words(o));
  auto job = without_newline(said);
  job = job.substr(0, job.find(';'));  // what follows is the name of the cluster
  if (!is_number(job)) refuse("sbatch", said);
  return std::string(job);
}

std::vector<queued_job> slurm_engine::queued() {
  auto const said = answer({"squeue", "--noheader", "--array", "--states=all", "--user=" + std::to_string(::getuid()),
      "--format=%F|%K|%T|%j"});
  std::vector<queued_job> all;
  for (auto const line : study::split_list(without_newline(said), '\n')) {
    if (line.empty()) continue;
    auto const words = study::split_list(line, '|');
    if (words.size() < 4) refuse("squeue", line);
    auto const job = words[0], element = words[1], state = words[2];
    auto const name = line.substr(job.size() + element.size() + state.size() + 3);
    if (!name.starts_with(prefix_) || std::ranges::find(ended, state) != ended.end()) continue;
    queued_job found{std::string(name.substr(prefix_.size())), {std::string(job), {}}};
    if (std::size_t number = 0; study::read_number(element, number)) found.at.element = number;
    else if (element != "N/A") refuse("squeue", line);
    if (!is_number(job)) refuse("squeue", line);
    all.push_back(std::move(found));
  }
  return all;
}

void slurm_engine::cancel(std::vector<std::string> const& jobs) {
  if (jobs.empty()) return;
  std::vector<std::string> all{"scancel"};
  all.insert(all.end(), jobs.begin(), jobs.end());
  (void)answer(all);
}

}  // namespace papillon::submit
