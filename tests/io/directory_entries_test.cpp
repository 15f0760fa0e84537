// SPDX-License-Identifier: MIT
#include <papillon/io/directory_entries.hpp>

#include <cerrno>
#include <fstream>

#include <catch2/catch.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;

TEST_CASE("a directory is listed in the order of names, and one that is not there is empty") {
  test::temporary_directory const here;
  for (auto const* name : {"b", "a", "c.d"}) std::ofstream(here / name) << name;
  CHECK(io::directory_entries(here.path()) == std::vector<std::filesystem::path>{here / "a", here / "b", here / "c.d"});
  CHECK(io::directory_entries(here / "nowhere").empty());
  CHECK(io::directory_entries(here / "a").empty());
}

TEST_CASE("a directory that cannot be listed is an error with its cause") {
  test::temporary_directory const here;
  std::filesystem::create_symlink(here / "second", here / "first");
  std::filesystem::create_symlink(here / "first", here / "second");
  try {
    (void)io::directory_entries(here / "first");
    FAIL("no error");
  } catch (error const& e) {
    CHECK(e.code() == errc::failed);
    CHECK(e.cause() == ELOOP);
    CHECK_THAT(e.what(), Catch::Contains("cannot list") && Catch::Contains("first"));
  }
}
