// SPDX-License-Identifier: MIT
// papillon split: which image is in which set of a study, as csv for programs that train elsewhere.
#include <cstdio>

#include <papillon/io/atomic_file.hpp>

#include <audit/split_csv.hpp>

#include "commands.hpp"

namespace papillon::app {

void split(options const& o) {
  auto const settings = settings_of(o);
  auto const data = study::load_study_data(settings, o.data);
  io::write_atomically(o.save, audit::split_csv(settings, data));
  for (std::size_t r = 0; r < 2; ++r) {
    auto const& role = data.split.roles[r];
    if (role.trained.empty()) continue;
    std::printf("%s: train on %zu images, choose the epoch by %zu, keep %zu unseen\n", r == 0 ? "target" : "shadow",
        role.trained.size(), role.validation.size(), role.test.size());
  }
  std::printf("in %s; its hash is %s\n", o.save.c_str(), data.split.hash.c_str());
}

}  // namespace papillon::app
