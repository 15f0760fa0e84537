// SPDX-License-Identifier: MIT
#include <study/reference.hpp>

#include <string_view>

#include <papillon/error.hpp>

#include <study/assign.hpp>
#include <study/attack_names.hpp>
#include <study/configuration.hpp>
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
    case concern::arithmetic: return "every training, outputs and features";
    case concern::structured: return "trainings with a structure";
    case concern::pruning: return "rounds of pruning";
    case concern::wished: return "trainings that ask for it";
    case concern::wished_pruning: return "rounds of pruning that ask for it";
    case concern::grouped: return "trainings with group norm";
    case concern::privacy: return "private trainings";
    case concern::adversary: return "trainings with an adversary";
    case concern::canaries: return "trainings with canaries";
    case concern::audit: return "audits";
    case concern::course: return "courses of trainings";
    case concern::references: return "the selection of references";
    case concern::evaluation: return "outputs, features, attacks";
    case concern::outputs: return "outputs and the list of attacks";
    case concern::features: return "features and the paper's attack";
    case concern::attack: return "the paper's attack";
    case concern::listed: return "the list of attacks";
  }
  return "";
}

/// Lines of a table: the built-in configurations, and in what each differs from the one that it is a control of, or
/// else from the dense network.
std::string built_in_table() {
  std::string text =
      "| name | series | control of | differs from that, or from dense, by | what the difference is due to |\n"
      "|---|---|---|---|---|\n";
  settings const s;
  for (auto const& name : built_in_names()) {
    auto const c = resolve(s, name);
    std::string keys;
    for (auto const& [key, value] :
        differences(c.settings, c.control_of.empty() ? s : resolve(s, c.control_of).settings))
      keys += message(keys.empty() ? "" : ", ", "`", key, "=", value, "`");
    text += message("| `", name, "` | ", c.series, " | ", c.control_of, " | ", keys, " | ", c.isolates, " |\n");
  }
  return text;
}

std::string configurations_section() {
  std::string text = R"(
## Configurations

A configuration is a kind of network that the study trains: the settings of the study, and laid over them the keys in
which it differs. `study.configurations` lists them by name; `imp-01..08` stands for `imp-01` to `imp-08`, and any name
that ends in a round has such ranges. These are built in. For 01 stands any round to 200, for `narrow-6` any width to
256, and for S3L2 in the name of a control any of the six butterflies. `narrow-6` explains the sparse configuration of
the study that has about as many weights.

)" + built_in_table() +
                     R"(
`configurations` describes others, or changes these. A description has any keys but those that are part of the data or
of the selection of networks, and

- `like`: the configuration that it is like; without it the built-in one of its own name, or else `dense`;
- `series`: a word that it is drawn and grouped by; without it that of what it is like, or `other`;
- `control_of`: the configuration whose change it explains; without it that of what it is like.

```json
{
  "study.configurations": ["dense", "S3L2"],
  "configurations": {
    "S3L2": {"train.learning_rate": 0.1},
    "narrow": {"like": "dense", "series": "control", "control_of": "S3L2", "model.width": 6},
    "dense": {"attack.references": 8}
  }
}
```

With `--set` the same is `configurations.narrow.model.width=6`. A name that is described and not built in is part of the
study without being listed. `attack.references` is not passed on: what is like it has the study's. The name is no part
of the work: configurations that differ in nothing else share their networks.

## Keys of version 0.1

`--set` refuses them and says what to write; a file of that version is read as the study that it was. NAME is that of a
butterfly.

| key | now |
|---|---|
)";
  for (auto const& r : replaced_keys()) text += message("| `", r.name, "` | `", r.now, "` |\n");
  return text;
}

std::string_view need_name(attack_need need) {
  switch (need) {
    case attack_need::outputs: return "";
    case attack_need::features: return "the response to noise";
    case attack_need::other_role: return "networks that never saw the image: those of the other role";
    case attack_need::references: return "reference networks, half of which saw the image";
  }
  return "";
}

std::string attacks_section() {
  std::string text =
      "\n## Attacks\n\nWhat `attack.list` may name. Target and shadow are attacked with what the other one teaches, "
      "but "
      "for nine and attacks with\nreferences, which attack the target. Each scores images; its threshold is learned "
      "where members are known.\n\n"
      "| name | score | needs beyond outputs |\n|---|---|---|\n";
  for (auto const& a : known_attacks) text += message("| `", a.name, "` | ", a.help, " | ", need_name(a.needs), " |\n");
  return text;
}

std::string presets_section() {
  std::string page = "\n## Presets\n";
  for (preset const& p : presets()) {
    page += "\n### " + std::string(p.name) + "\n\n" + std::string(p.help) + "\n";
    if (!p.changes.empty()) page += "\n| key | value |\n|---|---|\n";
    for (auto const& [name, text] : p.changes)
      page += "| `" + std::string(name) + "` | " + (text.empty() ? "(none)" : "`" + std::string(text) + "`") + " |\n";
  }
  return page;
}

}  // namespace

std::string reference_page() {
  std::string page =
      R"(# Configuration

<!-- Made from the schema by `papillon reference`; do not edit. -->

A study is described by the keys below. The defaults are the paper's study. A preset changes some of them, then a file
(`--config FILE`: JSON, comments allowed, dotted names or nested objects), then `--set key=value` (repeatable; items of
a list separated by commas). `--print-config` prints all keys as they stand, as a file that `--config` reads. What holds
for one kind of network only is said of its [configuration](#configurations).

"Part of" says which work a key belongs to: a key that is changed gives that work, and all that builds on it, another
hash, so that it is done anew beside the old; all other work is found finished.
)";
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
  return page + configurations_section() + attacks_section() + presets_section();
}

}  // namespace papillon::study
