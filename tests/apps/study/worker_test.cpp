// SPDX-License-Identifier: MIT
#include <study/worker.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include <catch2/catch.hpp>
#include <papillon/io/draft.hpp>

using namespace papillon;
using namespace papillon::study;

TEST_CASE("a worker is this process, and another one every time") {
  auto const one = new_worker(), other = new_worker();
  CHECK(one.process == ::getpid());
  CHECK(one.id.size() == 16);
  CHECK(one.id != other.id);
  CHECK(!is_gone(one));
}

TEST_CASE("a worker is gone where its process ended, or its number is that of another process now") {
  auto w = new_worker();
  if (w.boot.empty() || w.numbering.empty() || w.start == 0) {
    WARN("[skipped] this system does not tell processes apart");
    return;
  }
  auto const child = ::fork();
  if (child == 0) ::_exit(0);
  REQUIRE(child > 0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  auto ended = w;
  ended.process = child;
  CHECK(is_gone(ended));
  auto earlier = w;
  earlier.start -= 1;
  CHECK(is_gone(earlier));
}

TEST_CASE("of processes of other machines, of their starts before, and of other name spaces nothing is known") {
  auto w = new_worker();
  w.start = 1;
  for (auto const part : {&worker::host, &worker::boot, &worker::numbering})
    for (std::string const text : {"another", ""}) {
      auto elsewhere = w;
      elsewhere.*part = text;
      CHECK(!is_gone(elsewhere));
    }
  w.process = 0;
  CHECK(!is_gone(w));
}

TEST_CASE("a job of Slurm is named by its array where it is part of one") {
  CHECK(to_string(worker{}) == "an unknown process");
  worker w;
  w.host = "node-3";
  w.process = 12;
  CHECK(to_string(w) == "node-3, process 12");
  ::setenv("SLURM_JOB_ID", "17", 1);
  CHECK(new_worker().job == "17");
  ::setenv("SLURM_ARRAY_JOB_ID", "15", 1);
  ::setenv("SLURM_ARRAY_TASK_ID", "2", 1);
  w.job = new_worker().job;
  CHECK(to_string(w) == "node-3, process 12, job 15_2");
  for (auto const* name : {"SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"}) ::unsetenv(name);
}
