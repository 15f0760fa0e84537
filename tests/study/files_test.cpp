// SPDX-License-Identifier: MIT
#include <papillon/study/files.hpp>

#include <sys/stat.h>

#include <cstdio>
#include <iterator>

#include <catch2/catch.hpp>
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

TEST_CASE("a file is written as a whole and replaced as a whole") {
  temporary_directory const here;
  write_file(here / "a", "first, longer");
  write_file(here / "a", "second");
  CHECK(read_file(here / "a") == "second");
  write_file(here / "a", "");
  CHECK(read_file(here / "a").empty());
  CHECK(std::distance(fs::directory_iterator(here.path()), {}) == 1);  // no draft is left
}

TEST_CASE("a directory that cannot be written is one error, and what was there stays") {
  temporary_directory const here;
  CHECK_THAT(failure(errc::failed, [&] { write_file(here / "missing" / "a", "x"); }), Contains("cannot write") && Contains("--out"));
  write_file(here / "file", "kept");
  CHECK_THAT(failure(errc::failed, [&] { make_directory(here / "file"); }), Contains("cannot make the directory"));
  CHECK_THAT(failure(errc::failed, [&] { make_directory(here / "file" / "below"); }), Contains("cannot make the directory"));
  fs::create_directory(here / "occupied");
  write_file(here / "occupied" / "inside", "kept");
  (void)failure(errc::failed, [&] { write_file(here / "occupied", "x"); });
  CHECK(read_file(here / "occupied" / "inside") == "kept");
  CHECK(read_file(here / "file") == "kept");
  CHECK(std::distance(fs::directory_iterator(here.path()), {}) == 2);
}

TEST_CASE("a full disk is one error that says so") {
  if (!fs::exists("/dev/full")) {
    std::puts("[skipped] there is no /dev/full");
    return;
  }
  temporary_directory const here;
  auto const draft = (here / "a").string() + ".part" + std::to_string(::getpid());
  write_file(here / "a", "kept");
  fs::create_symlink("/dev/full", draft);  // what the content is written to first
  CHECK_THAT(failure(errc::failed, [&] { write_file(here / "a", "new"); }), Contains("No space left") && Contains("free some space"));
  CHECK(read_file(here / "a") == "kept");
}

TEST_CASE("a file that is missing or a directory is bad input") {
  temporary_directory const here;
  (void)failure(errc::bad_input, [&] { (void)read_file(here / "missing"); });
  (void)failure(errc::bad_input, [&] { (void)read_file(here.path()); });
}

TEST_CASE("a directory is locked against a second worker until the first ends") {
  temporary_directory const here;
  {
    directory_lock const first(here / "lock");
    CHECK_THAT(failure(errc::failed, [&] { directory_lock second(here / "lock"); }), Contains("in use"));
  }
  CHECK_NOTHROW(directory_lock(here / "lock"));
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
  auto const good = read_file(file);
  write_file(file, good.substr(0, good.size() - 9));
  (void)failure(errc::bad_input, [&] { metrics_file(file, 1); });
  write_file(file, "something else\n");
  (void)failure(errc::bad_input, [&] { metrics_file(file, 1); });
}
