// SPDX-License-Identifier: MIT
// metrics.csv of a training that goes on: the first character of an input is the number of epochs that it should have.
#include <study/metrics_file.hpp>

#include "files.hpp"
#include "target.hpp"

namespace {

using namespace papillon;

void run(std::string_view input) {
  if (input.empty()) return;
  auto const path = fuzz::file_with(input.substr(1), "metrics.csv"), again = fuzz::directory() / "again.csv";
  fuzz::accepted([&] {
    study::metrics_file const read(path, input[0] & 7);
    study::metrics_file copy(again, 0);
    for (auto const& line : read.lines()) copy.append(line);
    auto const count = static_cast<int>(read.lines().size());
    if (count == 0) return;
    auto const text = io::read_file<std::string>(again);
    study::metrics_file back(again, count - 1);
    back.append(read.lines().back());
    fuzz::require(io::read_file<std::string>(again) == text, "metrics changed");
  });
}

std::vector<std::string> seeds() {
  std::string const lines = "0,0.1,2.3,0.1,2.2,0.125,1,0.5,100\n1,0.05,1e-3,1,2.2,0.125,0,inf,0\n";
  return {
      "2" + std::string(study::metrics_file::header) + lines, "1" + std::string(study::metrics_file::header) + lines};
}

fuzz::registration const registered({"metrics", run, seeds});

}  // namespace
