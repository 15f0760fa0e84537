// SPDX-License-Identifier: MIT
#include <study/provenance.hpp>

#include <algorithm>
#include <cstdlib>

#include <unistd.h>

#include <catch2/catch.hpp>
#include <papillon/config.hpp>

using namespace papillon::study;
using Catch::Matchers::Contains;

TEST_CASE("what numbers are made by says build and lanes, and not threads, which change no bit") {
  auto const made = made_here("omp, 2 threads, 16 lanes");
  CHECK(made.device == "omp, 16 lanes");
  CHECK(made == made_here("omp, 48 threads, 16 lanes"));
  CHECK(made != made_here("omp, 2 threads, 8 lanes"));
  CHECK_THAT(made.build, Contains("papillon " PAPILLON_VERSION) && Contains(instruction_set()));
}

TEST_CASE("a worker is named by host and process, and by its job where Slurm started it") {
  auto const value = [](char const* name) {
    auto const all = worker_facts();
    auto const found = std::ranges::find(all, name, &facts::value_type::first);
    return found == all.end() ? std::string("none") : found->second;
  };
  CHECK(value("host") != "none");
  CHECK(value("process") == std::to_string(::getpid()));
  ::setenv("SLURM_JOB_ID", "1234", 1);
  CHECK(value("SLURM_JOB_ID") == "1234");
  ::unsetenv("SLURM_JOB_ID");
  CHECK(value("SLURM_JOB_ID") == "none");
}
