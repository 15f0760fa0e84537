// SPDX-License-Identifier: MIT
#include <study/directories.hpp>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

template <class F> std::string failure(errc code, F&& f) {
  try {
    f();
  } catch (error const& e) {
    CHECK(e.code() == code);
    CHECK(std::string(e.what()).find('\n') == std::string::npos);
    return e.what();
  }
  FAIL("no error");
  return {};
}

}  // namespace

TEST_CASE("a directory that cannot be made is one error, and the file in its place stays") {
  test::temporary_directory const here;
  io::write_atomically(here / "file", "kept");
  CHECK_THAT(failure(
                 errc::failed, [&] { make_directory(here / "file"); }),
      Contains("cannot make the directory") && Contains("--out"));
  CHECK_THAT(
      failure(errc::failed, [&] { make_directory(here / "file" / "below"); }), Contains("cannot make the directory"));
  CHECK(io::read_file<std::string>(here / "file") == "kept");
  CHECK_NOTHROW(make_directory(here / "a" / "b"));
  CHECK_NOTHROW(make_directory(here / "a" / "b"));
}

TEST_CASE("looking whether something is there never fails") {
  test::temporary_directory const here;
  CHECK(is_there(here.path()));
  CHECK_FALSE(is_there(here / "missing"));
  CHECK_FALSE(is_there(here / std::string(5000, 'x')));  // too long for a name
  CHECK_FALSE(is_there(""));
  io::write_atomically(here / "file", "");
  CHECK_FALSE(is_there(here / "file" / "below"));
}
