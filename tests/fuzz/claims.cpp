// SPDX-License-Identifier: MIT
// What a worker says of itself and of what failed, in the directory of claims: whatever stands there, it is read as
// something or as nothing.
#include <study/claim.hpp>
#include <study/failure.hpp>

#include <papillon/io/draft.hpp>

#include "files.hpp"
#include "target.hpp"

namespace {

using namespace papillon;

void run(std::string_view input) {
  auto const file = fuzz::file_with(input, "claims/a.json");
  fuzz::accepted([&] {
    if (auto const claim = study::read_claim(file)) {
      (void)study::is_gone(claim->owner);
      (void)study::claims_in(file.parent_path());
    }
  });
  auto const failed = fuzz::file_with(input, "claims/a.failure.json");
  if (auto const failure = study::read_failure(failed)) {
    (void)study::is_final(*failure);
    (void)study::is_final(study::counted(*failure, failure));
    (void)study::pause_after(*failure, std::chrono::seconds(10));
    study::write_failure(failed, *failure);
    auto const back = study::read_failure(failed);
    fuzz::require(back && back->what == failure->what && back->times == failure->times, "a failure changed");
  }
}

std::vector<std::string> seeds() {
  return {R"({"work": "train dense target s1", "number": 2, "worker": "0123456789abcdef", "host": "node-3", "boot": "b",
    "numbering": "pid:[1]", "process": 12, "start": 34, "job": "", "since": "2026-01-31T12:00:00Z", "released": false,
    "left": ""})",
      R"({"work": "train dense target s1", "kind": "transient", "what": "no space", "status": 1, "by": "node-3, process 12",
    "when": "2026-01-31T12:00:00Z", "progress": "", "times": 1, "tries": 1})"};
}

fuzz::registration const registered({"claims", run, seeds});

}  // namespace
