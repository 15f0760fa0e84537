// SPDX-License-Identifier: MIT
#include <papillon/study/directories.hpp>

#include <catch2/catch.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/study/metrics_file.hpp>

#include "study/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

template <class F>
std::string failure(errc code, F&& f) {
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

epoch_metrics some_epoch(int epoch) { return {epoch, 0.03, 2.3 / epoch, 10.1 * epoch, 2.25, 11, 0.125, 640.5}; }

}  // namespace

TEST_CASE("a directory that cannot be made is one error, and the file in its place stays") {
  temporary_directory const here;
  io::write_atomically(here / "file", "kept");
  CHECK_THAT(failure(errc::failed, [&] { make_directory(here / "file"); }), Contains("cannot make the directory") && Contains("--out"));
  CHECK_THAT(failure(errc::failed, [&] { make_directory(here / "file" / "below"); }), Contains("cannot make the directory"));
  CHECK(io::read_file<std::string>(here / "file") == "kept");
  CHECK_NOTHROW(make_directory(here / "a" / "b"));
  CHECK_NOTHROW(make_directory(here / "a" / "b"));
}

TEST_CASE("a directory is locked against a second worker until the first ends") {
  temporary_directory const here;
  {
    directory_lock const first(here.path());
    CHECK_THAT(failure(errc::failed, [&] { directory_lock second(here.path()); }), Contains("in use"));
  }
  CHECK_NOTHROW(directory_lock(here.path()));
  CHECK_THAT(failure(errc::failed, [&] { directory_lock(here / "missing"); }), Contains("cannot write"));
}

TEST_CASE("metrics read back exactly, and resuming drops the epochs that the checkpoint has not got") {
  temporary_directory const here;
  metrics_file m(here / "metrics.csv", 0);
  for (int e = 1; e <= 3; ++e) m.append(some_epoch(e));
  CHECK(metrics_file(here / "metrics.csv", 3).lines() == m.lines());
  metrics_file resumed(here / "metrics.csv", 2);
  CHECK(resumed.lines().size() == 2);
  resumed.append(some_epoch(3));
  CHECK(resumed.lines() == m.lines());
  CHECK(metrics_file(here / "metrics.csv", 0).lines().empty());
}

TEST_CASE("metrics with fewer epochs than the checkpoint, or damaged ones, are bad input") {
  temporary_directory const here;
  auto const file = here / "metrics.csv";
  (void)failure(errc::bad_input, [&] { metrics_file(file, 1); });
  metrics_file m(file, 0);
  m.append(some_epoch(1));
  CHECK_THAT(failure(errc::bad_input, [&] { metrics_file(file, 2); }), Contains("epoch 2"));
  auto const good = io::read_file<std::string>(file);
  io::write_atomically(file, good.substr(0, good.size() - 9));
  (void)failure(errc::bad_input, [&] { metrics_file(file, 1); });
  io::write_atomically(file, "something else\n");
  (void)failure(errc::bad_input, [&] { metrics_file(file, 1); });
}
