// SPDX-License-Identifier: MIT
// A configuration file and --set: lines that begin with "--set " are assignments, the others are the file.
#include <sstream>

#include <study/assign.hpp>
#include <study/configuration.hpp>
#include <study/settings_file.hpp>

#include "target.hpp"

namespace {

using namespace papillon;

void run(std::string_view input) {
  std::istringstream lines{std::string(input)};
  std::string file;
  std::vector<std::string> assignments;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("--set ")) assignments.push_back(line.substr(6));
    else file += line + "\n";
  study::settings s;
  fuzz::accepted([&] { study::read_settings(file, "fuzz.json", s); });
  for (auto const& assignment : assignments) fuzz::accepted([&] { study::set(s, assignment); });
  auto const printed = study::print_settings(s);
  study::settings back;
  study::read_settings(printed, "printed", back);
  fuzz::require(study::print_settings(back) == printed, "settings changed");
  fuzz::accepted([&] {
    check_together(s);
    (void)study::configurations(s);
  });
}

std::vector<std::string> seeds() {
  return {"{\"train.epochs\": 3, // c\n\"prune\": {\"fraction\": 0.3, \"rounds\": 2}, \"study.seeds\": [1, 2]}\n",
      "{\"configurations\": {\"mine\": {\"like\": \"S3L2\", \"train.epochs\": 5, \"series\": \"m\"}},\n"
      "\"study.configurations\": [\"dense\", \"mine\", \"imp-01..imp-03\"]}\n",
      "{\"study.butterflies\": [\"S1L2\"], \"imp.rounds\": 3, \"learning_rate.dense\": 0.1}\n",
      "{}\n--set train.epochs=4\n--set study.configurations=dense,imp-01..03\n--set attack.list=gap,loss\n",
      study::print_settings({})};
}

fuzz::registration const registered({"settings", run, seeds});

}  // namespace
