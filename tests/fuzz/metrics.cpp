// SPDX-License-Identifier: MIT
// metrics.csv of a training that goes on: the first character of an input is the number of epochs that it should have.
// Lines below the header of today get their hashes here, those below that of earlier versions have none.
#include <study/metrics_file.hpp>

#include <papillon/io/sha256.hpp>

#include "files.hpp"
#include "target.hpp"

namespace {

using namespace papillon;

std::string const work(64, 'a');

std::string with_hashes(std::string_view text) {
  auto constexpr header = study::metrics_file::header;
  if (!text.starts_with(header)) return std::string(text);
  std::string all(header), hash = work;
  for (text.remove_prefix(header.size()); !text.empty();) {
    auto const end = std::min(text.find('\n'), text.size());
    auto const line = text.substr(0, end);
    hash = io::to_hex(io::sha256().update(std::string_view(hash)).update(line).finish());
    all += std::string(line) + "," + hash + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

void run(std::string_view input) {
  if (input.empty()) return;
  auto const path = fuzz::file_with(with_hashes(input.substr(1)), "metrics.csv"),
             again = fuzz::directory() / "again.csv";
  fuzz::accepted([&] {
    study::metrics_file const read(path, input[0] & 7, work);
    study::metrics_file copy(again, 0, work);
    for (auto const& line : read.lines()) copy.append(line);
    auto const count = static_cast<int>(read.lines().size());
    if (count == 0) return;
    auto const text = io::read_file<std::string>(again);
    study::metrics_file back(again, count - 1, work);
    back.append(read.lines().back());
    fuzz::require(io::read_file<std::string>(again) == text, "metrics changed");
  });
}

std::vector<std::string> seeds() {
  std::string const lines = "0,0.1,2.3,0.1,2.2,0.125,1,0.5,100\n1,0.05,1e-3,1,2.2,0.125,0,inf,0\n";
  std::string const header(study::metrics_file::header), old = header.substr(0, header.rfind(',')) + "\n";
  return {"2" + header + lines, "1" + header + lines, "2" + old + lines};
}

fuzz::registration const registered({"metrics", run, seeds});

}  // namespace
