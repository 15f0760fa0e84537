// SPDX-License-Identifier: MIT
#include <study/failure.hpp>

#include <cerrno>
#include <new>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;

namespace {

failure failed(failure_kind kind, std::string const& what, std::string const& progress = "") {
  failure f;
  f.work = "train dense target s1";
  f.kind = kind;
  f.what = what;
  f.progress = progress;
  return f;
}

}  // namespace

TEST_CASE("what comes of the machine may pass, everything else lasts") {
  for (int const cause : {EIO, ENOSPC, ENOMEM})
    CHECK(kind_of(error(errc::failed, "x", cause)) == failure_kind::transient);
  CHECK(kind_of(std::bad_alloc()) == failure_kind::transient);
  CHECK(kind_of(error(errc::failed, "the training diverged")) == failure_kind::lasting);
  CHECK(kind_of(error(errc::bad_input, "x", ENOENT)) == failure_kind::lasting);
  for (int const cause : {EFBIG, EACCES, EROFS})
    CHECK(kind_of(error(errc::failed, "x", cause)) == failure_kind::refused);
  CHECK(kind_of(std::runtime_error("x")) == failure_kind::lasting);
}

TEST_CASE("a new start tries anew what came of the machine") {
  for (auto const kind : {failure_kind::refused, failure_kind::transient, failure_kind::died}) {
    auto now = counted(failed(kind, "a"), {});
    while (!is_final(now)) now = counted(failed(kind, "a"), now);
    CHECK(now.times == (kind == failure_kind::refused ? 2 : 4));
    CHECK(!is_for_good(now));
  }
}

TEST_CASE("what fails the same way twice fails for good") {
  auto const first = counted(failed(failure_kind::lasting, "a"), {});
  CHECK(!is_final(first));
  CHECK(pause_after(first, std::chrono::seconds(10)) == std::chrono::seconds(0));
  CHECK(!is_for_good(first));
  CHECK(is_for_good(counted(failed(failure_kind::lasting, "a"), first)));
  auto const other = counted(failed(failure_kind::lasting, "b"), first);
  CHECK(!is_final(other));
  CHECK(other.tries == 2);
  CHECK(!is_final(counted(failed(failure_kind::lasting, "a", "further"), first)));
}

TEST_CASE("what may pass is tried four times, with pauses that double") {
  auto now = counted(failed(failure_kind::transient, "a"), {});
  for (int k = 1; k < 4; ++k) {
    CHECK(now.times == k);
    CHECK(!is_final(now));
    CHECK(pause_after(now, std::chrono::seconds(10)) == std::chrono::seconds(10 << (k - 1)));
    now = counted(failed(k == 3 ? failure_kind::died : failure_kind::transient, std::to_string(k)), now);
  }
  CHECK(is_final(now));
  CHECK(!is_final(counted(failed(failure_kind::died, "a", "further"), now)));
}

TEST_CASE("what fails in ever new ways is not tried for ever") {
  auto now = counted(failed(failure_kind::lasting, "0"), {});
  int tries = 1;
  for (; !is_final(now) && tries < 100; ++tries)
    now = counted(failed(failure_kind::lasting, std::to_string(tries)), now);
  CHECK(tries == 8);
}

TEST_CASE("a failure is read as it was written, and a damaged one is none") {
  test::temporary_directory const here;
  auto const file = failure_file(here.path(), "train-12345678");
  CHECK(file.filename() == "train-12345678.failure.json");
  CHECK(!read_failure(file));
  auto f = failed(failure_kind::died, "the \"worker\" died\n\xff", "7");
  f.by = "node-3, process 12";
  f.when = "2026-01-31T12:00:00Z";
  f.status = 3;
  f.times = 3;
  f.tries = 4;
  write_failure(file, f);
  auto const read = failures_in(here.path());
  REQUIRE(read.size() == 1);
  CHECK(read[0].kind == f.kind);
  CHECK(read[0].work == f.work);
  CHECK(read[0].by == f.by);
  CHECK(read[0].when == f.when);
  CHECK(read[0].progress == "7");
  CHECK(read[0].status == 3);
  CHECK(read[0].times == 3);
  CHECK(read[0].tries == 4);
  io::write_atomically(here / "network-12345678.json", "{}");
  forget_failures(here.path());
  CHECK(failures_in(here.path()).empty());
  CHECK(std::filesystem::exists(here / "network-12345678.json"));
  for (auto const* text : {"", "[]", "{\"work\": \"x\"}", "{\"work\": \"x\", \"kind\": \"odd\"}"}) {
    io::write_atomically(file, text);
    CHECK(!read_failure(file));
  }
}
