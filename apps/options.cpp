// SPDX-License-Identifier: MIT
// From the command line to settings: preset, configuration file, assignments.
#include <algorithm>

#include <papillon/error.hpp>

#include <study/assign.hpp>
#include <study/directories.hpp>
#include <study/presets.hpp>
#include <study/settings_file.hpp>

#include "commands.hpp"

namespace papillon::app {

study::settings settings_of(options const& o) {
  study::settings s;
  auto const kept = out_of(o) / "settings.json";
  if (!o.preset.empty()) {
    s = study::preset_settings(o.preset);
  } else if (o.config.empty() && !o.out.empty() && study::is_there(kept)) {
    study::read_settings_file(kept, s);
  } else if (o.config.empty() && o.assignments.empty() && !o.print_config) {
    throw error(
        errc::usage, "no study is named (neither --preset nor --config nor --out of an earlier run) try --preset demo");
  }
  if (!o.config.empty()) study::read_settings_file(o.config, s);
  for (auto const& assignment : o.assignments) set(s, assignment);
  study::check_together(s);
  return s;
}

std::uint32_t seed_of(options const& o, study::settings const& s) {
  auto const& seeds = s.study.seeds;
  if (o.seed < 0) return seeds.front();
  auto const found = std::find(seeds.begin(), seeds.end(), o.seed);
  if (found == seeds.end())
    throw error(errc::usage, message("seed ", o.seed, " is not part of this study (study.seeds = ",
                                 study::to_text(get(s, "study.seeds")), ") choose one of them, or --set study.seeds"));
  return *found;
}

std::filesystem::path out_of(options const& o) {
  if (!o.out.empty()) return o.out;
  return std::filesystem::path("runs") / (o.preset.empty() ? "study" : o.preset);
}

}  // namespace papillon::app
