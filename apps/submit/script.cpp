// SPDX-License-Identifier: MIT
#include <submit/script.hpp>

#include <algorithm>
#include <string_view>

#include <papillon/error.hpp>

namespace papillon::submit {

namespace {

/// A line for sbatch; none where nothing is asked for.
std::string directive(std::string const& option, std::string const& value) {
  if (value.empty()) return {};
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.,:+@/";
  if (value.find_first_not_of(plain) != std::string::npos)
    throw error(errc::usage, message("--", option, " cannot be '", value,
                                 "' (letters, digits and -_.,:+@/ may stand in it) write it as sbatch wants it"));
  return message("#SBATCH --", option, "=", value, "\n");
}

/// That time is nearly over Slurm tells the batch shell alone (B:), by a signal of its own; what it sends when a job
/// has to make room, is put back or cancelled goes to every process, and told twice the program would end at once. A
/// shell waits for what it has started before it listens: so it waits with `wait`, which a signal ends. Slurm looks at
/// time limits twice a minute, hence two minutes. Few clusters put back by themselves what ends with 75; what is
/// cancelled must not come back.
constexpr char const* body = R"(
# Asked to stop, the program keeps what it has, and ends with 75 if a new start would go on from there.
time_is_over=
trap 'told=yes; time_is_over=yes; kill -TERM "$!"' USR1
trap 'told=yes' TERM
"${command[@]}" &
program=$!
told=yes
while [ -n "$told" ]; do
  told=
  wait "$program"
  status=$?
done
if [ "$status" = 75 ] && [ -n "$time_is_over" ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}"
fi
exit "$status"
)";

}  // namespace

std::string quoted(std::string const& text) {
  std::string word = "'";
  for (char const c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string slurm_script(job_script const& s) {
  auto const& asks = s.asks;
  std::string text = "#!/bin/bash\n";
  text += directive("job-name", s.job);
  text += directive("partition", asks.partition);
  text += directive("account", asks.account);
  text += directive("time", asks.time);
  text += directive("mem", asks.memory);
  text += "#SBATCH --ntasks=1\n";
  text += directive("cpus-per-task", std::to_string(asks.processors));
  text += "#SBATCH --requeue\n#SBATCH --open-mode=append\n#SBATCH --signal=B:USR1@120\n";
  text += "# Written by papillon study submit, and written anew by the next one.\n";
  auto part = quoted(s.parts.begin()->second);
  bool const same = std::ranges::all_of(s.parts, [&](auto const& p) { return p.second == s.parts.begin()->second; });
  if (!same) {
    text += "part=(\n";
    for (auto const& [number, name] : s.parts) text += message("  [", number, "]=", quoted(name), "\n");
    text += ")\n";
    part = "\"${part[$SLURM_ARRAY_TASK_ID]}\"";
  }
  text += "command=(";
  for (auto const& word : s.command) text += quoted(word) + " ";
  text += message("--threads ", asks.processors, " --part ", part, ")\n");
  return text + body;
}

}  // namespace papillon::submit
