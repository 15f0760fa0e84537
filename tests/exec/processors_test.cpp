// SPDX-License-Identifier: MIT
/// Processors that a process may use, by files as control groups have them.
#include <papillon/exec/processors.hpp>

#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
namespace fs = std::filesystem;

namespace {

struct fake_groups {
  test::temporary_directory here{};

  void write(fs::path const& file, std::string const& text) const {
    fs::create_directories((here / file).parent_path());
    std::ofstream(here / file) << text;
  }
  [[nodiscard]] double quota() const { return exec::detail::quota(here / "list", here / "mount"); }
};

}  // namespace

TEST_CASE("without a quota the affinity says how many processors there are") {
  fake_groups const g;
  CHECK(std::isinf(g.quota()));
  CHECK(exec::allowed_processors(g.here / "list", g.here / "mount") >= 1);
  g.write("list", "0::/job\n");
  g.write("mount/job/cpu.max", "max 100000\n");
  CHECK(std::isinf(g.quota()));
}

TEST_CASE("the smallest quota of a group and those around it counts, in either version of control groups") {
  fake_groups const unified;
  unified.write("list", "0::/slice/job\n");
  unified.write("mount/slice/cpu.max", "150000 100000\n");
  unified.write("mount/slice/job/cpu.max", "max 100000\n");
  CHECK(unified.quota() == 1.5);
  unified.write("mount/slice/job/cpu.max", "20000 100000\n");
  CHECK(unified.quota() == 0.2);
  CHECK(exec::allowed_processors(unified.here / "list", unified.here / "mount") == 1);

  fake_groups const separate;
  separate.write("list", "4:memory:/docker/a\n3:cpu,cpuacct:/docker/a\nnonsense\n");
  separate.write("mount/cpu/docker/a/cpu.cfs_quota_us", "250000\n");
  separate.write("mount/cpu/docker/a/cpu.cfs_period_us", "100000\n");
  CHECK(separate.quota() == 2.5);
  separate.write("mount/cpu/docker/a/cpu.cfs_quota_us", "-1\n");
  CHECK(std::isinf(separate.quota()));
}
