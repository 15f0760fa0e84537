// SPDX-License-Identifier: MIT
#include <submit/script.hpp>

#include <fstream>

#include <catch2/catch.hpp>
#include <submit/process.hpp>

#include "support/refusal.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::submit;
using Catch::Matchers::Contains;
using strings = std::vector<std::string>;

namespace {

void write(std::filesystem::path const& file, std::string const& text) { std::ofstream(file) << text; }

std::string read(std::filesystem::path const& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a script says what is asked of the cluster, and nothing that is not") {
  job_script s{"papillon-1234-train-dense", {{0, "train:dense-target-s1"}}, {"/bin/papillon"}, {}};
  auto const plain = slurm_script(s);
  CHECK_THAT(plain, Contains("#SBATCH --job-name=papillon-1234-train-dense\n") && Contains("#SBATCH --requeue\n") &&
                        Contains("#SBATCH --open-mode=append\n") && Contains("#SBATCH --signal=B:USR1@120\n") &&
                        Contains("#SBATCH --cpus-per-task=1\n"));
  CHECK_THAT(plain, !Contains("partition") && !Contains("account") && !Contains("--time") && !Contains("--mem"));
  s.asks = {"gpu,long", "1-12:00:00", "project", "4G", 8};
  CHECK_THAT(slurm_script(s), Contains("#SBATCH --partition=gpu,long\n") && Contains("#SBATCH --time=1-12:00:00\n") &&
                                  Contains("#SBATCH --account=project\n") && Contains("#SBATCH --mem=4G\n") &&
                                  Contains("#SBATCH --cpus-per-task=8\n") && Contains(" --threads 8 "));
  s.asks.time = "1 day\n#SBATCH --exclusive";
  CHECK_THAT(test::refusal([&] { (void)slurm_script(s); }), Contains("--time"));
}

TEST_CASE("an element of an array runs its own part, with its words as they are") {
  test::temporary_directory const here;
  write(here / "program", "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$SAID\"\n");
  std::filesystem::permissions(here / "program", std::filesystem::perms::owner_all);
  strings const odd{(here / "program").string(), "it's", "two words", "$HOME", "a\"b"};
  write(here / "array", slurm_script({"x", {{2, "train:a-s1"}, {7, "train:b-s1"}}, odd, {}}));
  write(here / "one", slurm_script({"x", {{0, "report"}}, odd, {}}));
  auto const run = [&](char const* script, char const* element) {
    auto const found = run_program({"env", "SAID=" + (here / "said").string(),
        std::string("SLURM_ARRAY_TASK_ID=") + element, "bash", (here / script).string()});
    CHECK(found.status == 0);
    CHECK(found.complained.empty());
    return read(here / "said");
  };
  CHECK(run("array", "7") == "it's\ntwo words\n$HOME\na\"b\n--threads\n1\n--part\ntrain:b-s1\n");
  CHECK(run("one", "") == "it's\ntwo words\n$HOME\na\"b\n--threads\n1\n--part\nreport\n");
}

TEST_CASE("a job passes on that its time is over, once, and goes back into the queue where it can go on") {
  test::temporary_directory const here;
  // Programs that have their shell told something, and end with 75 when they are told themselves, or after a while.
  auto const stand_in = [&](char const* name, std::string const& signal, std::string const& end) {
    write(here / name, "#!/bin/sh\ntrap 'echo told >>\"$SAID\"; exit 75' TERM\nkill -" + signal +
                           " $PPID\nfor i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done\nexit " + end + "\n");
  };
  stand_in("late", "USR1", "1");
  stand_in("cancelled", "TERM", "75");
  write(here / "fails", "#!/bin/sh\nexit 3\n");
  write(here / "scontrol", "#!/bin/sh\necho \"$@\" >>\"$SAID\"\n");
  for (auto const* name : {"late", "cancelled", "fails", "scontrol"})
    std::filesystem::permissions(here / name, std::filesystem::perms::owner_all);
  auto const run = [&](char const* program, strings const& environment) {
    write(here / "script", slurm_script({"x", {{2, "p"}}, {(here / program).string()}, {}}));
    write(here / "said", "");
    strings words{"env", "-u", "SLURM_ARRAY_JOB_ID", "SAID=" + (here / "said").string(),
        "PATH=" + here.path().string() + ":/usr/bin:/bin", "SLURM_ARRAY_TASK_ID=2", "SLURM_JOB_ID=41"};
    words.insert(words.end(), environment.begin(), environment.end());
    words.insert(words.end(), {"bash", (here / "script").string()});
    return run_program(words).status;
  };
  CHECK(run("late", {"SLURM_ARRAY_JOB_ID=40"}) == 75);
  CHECK(read(here / "said") == "told\nrequeue 40_2\n");
  // What is sent to all processes is not sent on, and what was cancelled does not come back.
  CHECK(run("cancelled", {"SLURM_ARRAY_JOB_ID=40"}) == 75);
  CHECK(read(here / "said").empty());
  CHECK(run("fails", {"SLURM_ARRAY_JOB_ID=40"}) == 3);
  CHECK(read(here / "said").empty());
}
