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

TEST_CASE("a directory is locked against a second worker until the first ends") {
  test::temporary_directory const here;
  {
    directory_lock const first(here.path());
    CHECK_THAT(failure(errc::failed, [&] { directory_lock second(here.path()); }), Contains("in use"));
  }
  CHECK_NOTHROW(directory_lock(here.path()));
  CHECK_THAT(failure(errc::failed, [&] { directory_lock(here / "missing"); }), Contains("cannot write"));
}
