// SPDX-License-Identifier: MIT
#include <study/reference.hpp>

#include <string_view>

#include <study/presets.hpp>
#include <study/schema.hpp>
#include <study/value.hpp>

namespace papillon::study {

namespace {

std::string_view part_name(concern c) {
  switch (c) {
    case concern::selection: return "the selection of networks";
    case concern::data: return "the data";
    case concern::training: return "every training";
    case concern::structured: return "trainings with a structure";
    case concern::pruning: return "rounds of pruning";
    case concern::references: return "the selection of networks";
    case concern::evaluation: return "outputs, features, attacks";
    case concern::outputs: return "outputs and the list of attacks";
    case concern::features: return "features and the paper's attack";
    case concern::attack: return "the paper's attack";
    case concern::listed: return "the list of attacks";
  }
  return "";
}

}  // namespace

std::string reference_page() {
  std::string page =
      "# Configuration\n\n"
      "<!-- Made from the schema by `papillon reference`; do not edit. -->\n\n"
      "A study is described by the keys below. The defaults are the paper's study. A preset changes some of them, then "
      "a file\n"
      "(`--config FILE`: JSON, comments allowed, dotted names or nested objects), then `--set key=value` (repeatable; "
      "items of a list\n"
      "separated by commas). `--print-config` prints all keys as they stand, as a file that `--config` reads.\n\n"
      "\"Part of\" says which work a key belongs to: a key that is changed gives the runs it is part of another hash, "
      "so they are\n"
      "computed anew beside the old ones; all other runs are found finished.\n";
  std::string group;
  for (key const& k : schema()) {
    auto const part = k.name.substr(0, k.name.find('.'));
    if (part != group)
      page +=
          "\n## " + part + "\n\n| key | type | default | allowed | part of | meaning |\n|---|---|---|---|---|---|\n";
    group = part;
    auto const standard = to_text(k.standard);
    page += "| `" + k.name + "` | " + type_name(k) + " | `" + (standard.empty() ? " " : standard) + "` | " +
            allowed(k) + " | " + std::string(part_name(k.part_of)) + " | " + k.help + " |\n";
  }
  page += "\n## Presets\n";
  for (preset const& p : presets()) {
    page += "\n### " + std::string(p.name) + "\n\n" + std::string(p.help) + "\n";
    if (!p.changes.empty()) page += "\n| key | value |\n|---|---|\n";
    for (auto const& [name, text] : p.changes)
      page += "| `" + std::string(name) + "` | " + (text.empty() ? "(none)" : "`" + std::string(text) + "`") + " |\n";
  }
  return page;
}

}  // namespace papillon::study
