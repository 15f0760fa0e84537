// SPDX-License-Identifier: MIT
#include <papillon/io/draft.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <papillon/io/atomic_file.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
using io::draft_owner;
using io::owner_of_draft;

TEST_CASE("a draft's name says who writes it, and whether that process is alive") {
  auto const mine = "result.json" + io::draft_suffix(0);
  CHECK(io::is_draft(mine));
  CHECK_FALSE(io::is_draft("result.json"));
  CHECK(owner_of_draft(mine) == draft_owner::alive);

  // A child that has ended, and its number given to another process: the start tells them apart.
  pid_t const child = ::fork();
  if (child == 0) ::_exit(0);
  auto const of = [](auto const& host, auto process, auto start) {
    return owner_of_draft(message("a.npy.tmp.", host, ".", process, ".", start, ".0"));
  };
  siginfo_t ended{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0);
  CHECK(of(io::host_name(), child, io::state_of(child).start) == draft_owner::dead);  // nobody has asked for its status
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  auto const start = io::state_of(::getpid()).start;
  CHECK(start > 0);
  CHECK(of(io::host_name(), child, start) == draft_owner::dead);
  CHECK(of(io::host_name(), ::getpid(), start) == draft_owner::alive);
  CHECK(of(io::host_name(), ::getpid(), start + 1) == draft_owner::dead);
  CHECK(of("another", ::getpid(), start) == draft_owner::unknown);
  for (auto const* name : {"a.tmp.", "a.tmp.12.0", "a.tmp.x.y.z.0", "a.tmp.1.2.3.4.5", "a"})
    CHECK(owner_of_draft(name) == draft_owner::unknown);
}

TEST_CASE("drafts of the dead are removed; those of which nobody knows where nobody else writes") {
  test::temporary_directory const here;
  auto const dead = message("a.tmp.", io::host_name(), ".999999999.1.0");
  for (std::string const& name :
      {dead, std::string("b.tmp.another.1.1.0"), "c" + io::draft_suffix(3), std::string("d")})
    std::ofstream(here / name) << "x";
  auto const exists = [&](std::string const& name) { return std::filesystem::exists(here / name); };
  using std::chrono::hours;
  auto const written = std::filesystem::last_write_time(here / "b.tmp.another.1.1.0");
  io::remove_drafts(here.path(), written - hours(1));
  CHECK_FALSE(exists(dead));
  CHECK(exists("b.tmp.another.1.1.0"));
  io::remove_drafts(here.path(), written + hours(1));
  CHECK_FALSE(exists("b.tmp.another.1.1.0"));
  CHECK(exists("c" + io::draft_suffix(3)));
  CHECK(exists("d"));
  CHECK_NOTHROW(io::remove_drafts(here / "missing"));
}
