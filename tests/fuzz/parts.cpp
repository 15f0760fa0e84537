// SPDX-License-Identifier: MIT
// Parts of a study's results, in the form of today, whose seal is set here, and in that of earlier versions, which has
// none. The first character of an input says of which kind the part is.
#include <study/part_file.hpp>

#include <papillon/io/sha256.hpp>
#include <study/results_json.hpp>

#include "apps/study/synthetic_study.hpp"
#include "files.hpp"
#include "target.hpp"

namespace {

using namespace papillon;

study::identity const work{"some work", std::string(64, 'a')};

std::string sealed(std::string const& document) {
  return document + ",\n  \"contents\": \"" + io::sha256_hex(std::string_view(document + "\n}\n")) + "\"\n}\n";
}

template <class Part> void read_from(std::string const& document) {
  auto const path = fuzz::file_with(document, "part.json");
  fuzz::accepted([&] {
    auto const read = study::read_part<Part>(path, work);
    study::write_part(path, work, read);
    auto const back = study::read_part<Part>(path, work);
    fuzz::require(study::to_json(back) == study::to_json(read), "a part changed");
  });
}

template <class Part> void part_in(std::string_view result) {
  std::string const head = "{\n  \"sha256\": \"" + work.hash + "\",\n  \"identity\": \"" + work.text + "\"",
                    end = ",\n  \"result\": " + std::string(result);
  read_from<Part>(head + end + "}");
  read_from<Part>(sealed(head + ",\n  \"made_by\": {\"build\": \"b\", \"device\": \"d\"},\n  \"files\": {}" + end));
}

void run(std::string_view input) {
  if (input.empty()) return;
  auto const rest = input.substr(1);
  switch (input[0]) {
    case 'n': return part_in<study::network_result>(rest);
    case 'q': return part_in<study::network_quality>(rest);
    case 's': return part_in<study::seed_result>(rest);
    case 'a': return part_in<study::listed_attack>(rest);
    case 'm': return part_in<study::memorisation_result>(rest);
    case 'd': return part_in<study::matched_result>(rest);
    default:
      fuzz::accepted(
          [&] { (void)study::read_part<study::network_quality>(fuzz::file_with(input, "part.json"), work); });
  }
}

std::vector<std::string> seeds() {
  auto const all = test::synthetic_study(1);
  auto const& c = all.configurations[1];
  auto const& s = c.seeds[0];
  std::vector<std::string> inputs{"n" + study::to_json(s.target).dump(), "q" + study::to_json(s.target.quality).dump(),
      "s" + study::to_json(s).dump(), "a" + study::to_json(c.attacks[2]).dump(),
      "m" + study::to_json(study::memorisation_result{}).dump(), "d" + study::to_json(study::matched_result{}).dump()};
  return inputs;
}

fuzz::registration const registered({"parts", run, seeds});

}  // namespace
