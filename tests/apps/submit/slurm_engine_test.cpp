// SPDX-License-Identifier: MIT
#include <submit/slurm_engine.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>

#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::submit;
using Catch::Matchers::Contains;

namespace {

/// Commands of a scheduler that say what a test has them say, first on the PATH while this lives.
class stand_ins {
 public:
  stand_ins() : path_(std::getenv("PATH")) {
    ::setenv("PATH", (here_.path().string() + ":" + path_).c_str(), 1);
    for (auto const* name : {"sbatch", "squeue", "scancel", "scontrol"}) answers(name, "");
  }
  ~stand_ins() { ::setenv("PATH", path_.c_str(), 1); }

  void answers(std::string const& name, std::string const& text, int status = 0, std::string const& complaint = "") {
    std::ofstream(here_ / (name + ".text")) << text;
    std::ofstream(here_ / (name + ".complaint")) << complaint;
    std::ofstream(here_ / name) << "#!/bin/sh\nhere=$(dirname \"$0\")\necho \"" + name +
                                       " $*\" >>\"$here/calls\"\ncat \"$here/" + name + ".text\"\ncat \"$here/" + name +
                                       ".complaint\" >&2\nexit " + std::to_string(status) + "\n";
    std::filesystem::permissions(here_ / name, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] std::string calls() const {
    std::ifstream in(here_ / "calls");
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  test::temporary_directory here_;
  std::string path_;
};

order const plain{"train-imp-01", "/study/slurm/train-imp-01.sh", "/study/slurm/log", {0, 1, 2, 5}, 0, {}};

}  // namespace

TEST_CASE("a job is submitted with its elements and what it waits for") {
  stand_ins slurm;
  slurm.answers("sbatch", "17;cluster\n");
  slurm_engine engine("papillon-1234");
  CHECK(slurm_engine::is_here());
  CHECK(engine.submit(plain) == "17");
  CHECK(slurm.calls() ==
        "sbatch --parsable --job-name=papillon-1234-train-imp-01 --output=/study/slurm/log/train-imp-01-%A_%a.log "
        "--array=0-2,5 /study/slurm/train-imp-01.sh\n");
  auto waiting = plain;
  waiting.at_once = 2;
  waiting.after = {{waits_for::same_element, {{"16", {}}}}, {waits_for::success, {{"9", 3}, {"10", {}}}}};
  CHECK(engine.words(waiting)[4] == "--array=0-2,5%2");
  CHECK(engine.words(waiting)[5] == "--dependency=aftercorr:16,afterok:9_3:10");
  CHECK(engine.words(waiting)[6] == "--kill-on-invalid-dep=yes");
  CHECK(engine.words({"report", "/100%/report.sh", "/100%/log", {}, 0, {{waits_for::end, {{"4", {}}}}}}) ==
        std::vector<std::string>{"sbatch", "--parsable", "--job-name=papillon-1234-report",
            "--output=/100%%/log/report-%j.log", "--dependency=afterany:4", "--kill-on-invalid-dep=yes",
            "/100%/report.sh"});
}

TEST_CASE("the queue is what of this study waits or runs") {
  stand_ins slurm;
  slurm.answers("squeue",
      "12|0|RUNNING|papillon-1234-train-dense\n12|3|PENDING|papillon-1234-train-dense\n"
      "12|1|COMPLETED|papillon-1234-train-dense\n12|2|FAILED|papillon-1234-train-dense\n"
      "13|N/A|COMPLETING|papillon-1234-report\n14|N/A|RUNNING|somebody's | "
      "work\n15|4|RUNNING|papillon-9999-train-dense\n");
  auto const found = slurm_engine("papillon-1234").queued();
  REQUIRE(found.size() == 3);
  CHECK(found[0].name == "train-dense");
  CHECK(found[0].at == place{"12", 0});
  CHECK(found[1].at == place{"12", 3});
  CHECK(found[2].name == "report");
  CHECK(found[2].at == place{"13", {}});
  slurm.answers("squeue", "");
  CHECK(slurm_engine("papillon-1234").queued().empty());
}

TEST_CASE("how large arrays may be the cluster says") {
  stand_ins slurm;
  slurm.answers("scontrol", "Configuration data as of today\nMaxArraySize            = 1001\nMaxBatchRequeue = 5\n");
  CHECK(slurm_engine("p").largest_array() == 1001);
  CHECK(slurm.calls() == "scontrol show config\n");
  slurm.answers("scontrol", "MaxArraySize            = 0\n");
  CHECK_THAT(test::error_text(errc::failed, [] { (void)slurm_engine("p").largest_array(); }), Contains("MaxArraySize"));
}

TEST_CASE("jobs are forgotten by their names, and nothing is asked for none") {
  stand_ins const slurm;
  slurm_engine engine("p");
  engine.cancel({});
  engine.cancel({"12", "13"});
  CHECK(slurm.calls() == "scancel 12 13\n");
}

TEST_CASE("answers that are not understood are errors, and so is what Slurm refuses") {
  stand_ins slurm;
  auto const refused = [](auto&& call) { return test::error_text(errc::failed, call); };
  slurm_engine engine("p");
  for (auto const* text : {"", "Submitted batch job 17\n", "17 18\n", "-3\n"}) {
    slurm.answers("sbatch", text);
    CHECK_THAT(refused([&] { (void)engine.submit(plain); }), Contains("sbatch answered what is not understood"));
  }
  for (auto const* text :
      {"12\n", "12|x|RUNNING|p-train-dense\n", "x|1|RUNNING|p-train-dense\n", "slurm is unwell\n"}) {
    slurm.answers("squeue", text);
    CHECK_THAT(refused([&] { (void)engine.queued(); }), Contains("squeue answered what is not understood"));
  }
  for (auto const* text : {"", "MaxArraySize is large\n", "MaxArraySize            = many\n"}) {
    slurm.answers("scontrol", text);
    CHECK_THAT(refused([&] { (void)engine.largest_array(); }), Contains("scontrol answered what is not understood"));
  }
  slurm.answers("sbatch", "", 1, "sbatch: error: invalid partition specified: night\nsbatch: more\n");
  CHECK_THAT(refused([&] { (void)engine.submit(plain); }),
      Contains("sbatch failed (status 1: sbatch: error: invalid partition specified: night)"));
}
