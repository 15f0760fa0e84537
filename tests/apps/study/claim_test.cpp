// SPDX-License-Identifier: MIT
// Claims among workers of one process, whose locks keep them apart as those of two do, and of processes that died. A
// lock that keeps nobody out is pretended by removing its file: the next worker opens, and locks, another one.
#include <study/claim.hpp>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;
using std::chrono::milliseconds;

namespace {

void make_old(fs::path const& file) {
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(1));
}

/// Changes what a claim says of its owner.
void change(fs::path const& file, char const* member, nlohmann::ordered_json value) {
  auto document = nlohmann::ordered_json::parse(io::read_file<std::string>(file));
  document[member] = std::move(value);
  io::write_atomically(file, document.dump());
}

/// A process that takes a claim and dies of it.
void die_with(fs::path const& directory, std::string const& name) {
  auto const child = ::fork();
  if (child == 0) {
    claims own(directory);
    auto const held = own.take(name, "a work");
    ::_exit(held ? 0 : 1);
  }
  REQUIRE(child > 0);
  int status = 1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
}

}  // namespace

TEST_CASE("a claim is held by one worker until that gives it back, and its number grows with every owner") {
  test::temporary_directory const here;
  claims one(here / "claims"), other(here / "claims");
  CHECK(!fs::exists(here / "claims"));
  {
    auto first = one.take("a", "train dense");
    REQUIRE(first);
    CHECK(!first->before());
    CHECK(!other.take("a", "train dense"));
    CHECK(!one.take("a", "train dense"));
    CHECK(other.take("b", "something else"));
    auto const said = read_claim(here / "claims" / "a.json");
    REQUIRE(said);
    CHECK(said->owner == one.me());
    CHECK(said->work == "train dense");
    CHECK(said->number == 1);
    CHECK_NOTHROW(one.require());
    first->release("a word");
  }
  auto const second = other.take("a", "train dense");
  REQUIRE(second);
  REQUIRE(second->before());
  CHECK(second->before()->released);
  CHECK(second->before()->owner == one.me());
  CHECK(second->before()->left == "a word");
  CHECK(!second->from_dead());
  CHECK(read_claim(here / "claims" / "a.json")->number == 2);
}

TEST_CASE("who waits for a claim gets it when it is given back, or is stopped") {
  test::temporary_directory const here;
  claims one(here.path()), other(here.path());
  auto first = one.take("a", "work");
  REQUIRE(first);
  std::atomic<bool> stop{true};
  CHECK_THROWS_AS(other.wait_for("a", "work", &stop), error);
  stop = false;
  std::thread giver([&] {
    std::this_thread::sleep_for(milliseconds(30));
    first->release({});
  });
  auto const second = other.wait_for("a", "work", &stop);
  giver.join();
  CHECK(second.before()->owner == one.me());
}

TEST_CASE("the claim of a process that is no more is taken at once, and whether it died meanwhile is known") {
  test::temporary_directory const here;
  {
    claims own(here.path());
    auto const begun = own.take("other", "to begin with");
    std::this_thread::sleep_for(milliseconds(50));
    die_with(here.path(), "a");
    auto const seen = claims_in(here.path());
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].name == "a");
    CHECK(seen[0].state == claim_state::dead);
    CHECK(seen[1].state == claim_state::working);
    auto const taken = own.take("a", "a work");
    REQUIRE(taken);
    CHECK(taken->from_dead());
    CHECK(taken->before()->work == "a work");
  }
  CHECK(claims_in(here.path()).empty());
  die_with(here.path(), "a");
  std::this_thread::sleep_for(milliseconds(50));
  claims later(here.path());
  auto const taken = later.take("a", "a work");
  REQUIRE(taken);
  CHECK(!taken->from_dead());
}

TEST_CASE("the claim of a worker elsewhere is taken when its stamp is five beats old") {
  test::temporary_directory const here;
  auto const file = here / "a.json";
  die_with(here.path(), "a");
  change(file, "host", "elsewhere");
  claims own(here.path());
  CHECK(!own.take("a", "a work"));
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::seconds(90));
  CHECK(!own.take("a", "a work"));
  make_old(file);
  CHECK(claims_in(here.path()).at(0).state == claim_state::silent);
  CHECK(own.take("a", "a work"));
  // With other beats.
  die_with(here.path(), "b");
  change(here / "b.json", "boot", "another");
  claims fast(here.path(), milliseconds(2));
  std::this_thread::sleep_for(milliseconds(50));
  CHECK(fast.take("b", "a work"));
}

TEST_CASE("stamps of claims that are held are renewed") {
  test::temporary_directory const here;
  claims own(here.path(), milliseconds(1));
  auto const held = own.take("a", "work");
  make_old(here / "a.json");
  while (age_of(here / "a.json") > std::chrono::minutes(30)) std::this_thread::sleep_for(milliseconds(1));
}

TEST_CASE("a claim that was taken over is not held, and giving it back does nothing to the new one") {
  test::temporary_directory const here;
  auto const file = here / "a.json";
  claims one(here.path()), other(here.path());
  auto first = one.take("a", "train dense");
  fs::remove(here / "a.lock");  // as on a file system whose locks keep nobody out
  CHECK(!other.take("a", "train dense"));
  make_old(file);
  auto const second = other.take("a", "train dense");
  REQUIRE(second);
  try {
    one.require();
    FAIL("it is still held");
  } catch (claim_lost const& lost) {
    CHECK_THAT(lost.what(), Contains("train dense is left to others") && Contains(to_string(other.me())));
  }
  auto const before = io::read_file<std::string>(file);
  first->release("mine");
  CHECK(io::read_file<std::string>(file) == before);
  CHECK_NOTHROW(one.require());  // it holds nothing
  CHECK_NOTHROW(other.require());
  fs::remove(file);
  CHECK_THROWS_AS(other.require(), claim_lost);
}

TEST_CASE("a damaged claim is nobody's: whoever held it writes nothing more, and another gets it with the lock") {
  test::temporary_directory const here;
  auto const file = here / "a.json";
  for (auto const& text : {std::string(), std::string("{\"work\": \"tra"), std::string(100, '\0')}) {
    claims one(here.path()), other(here.path());
    auto const held = one.take("a", "work");
    REQUIRE(held);
    io::write_atomically(file, text);
    CHECK_THROWS_AS(one.require(), claim_lost);
    CHECK(!other.take("a", "work"));  // as long as its lock is held
    fs::remove(here / "a.lock");
    CHECK(other.take("a", "work"));
    fs::remove(here / "a.lock");
  }
}

TEST_CASE("a claim of a form that is not known is somebody's until its stamp is old") {
  test::temporary_directory const here;
  claims own(here.path());
  for (std::string const text : {"[]", "{\"work\": 3}", "{\"number\": -1}"}) {
    auto const file = here / "a.json";
    io::write_atomically(file, text);
    CHECK(!read_claim(file));
    CHECK(!own.take("a", "work"));
    CHECK(claims_in(here.path()).empty());
    make_old(file);
    CHECK(own.take("a", "work"));
  }
}

TEST_CASE("locks keep other processes out here, and leave nothing behind") {
  test::temporary_directory const here;
  claims const own(here / "claims");
  if (!own.locks_hold()) WARN("[skipped] the file system has no locks");
  CHECK(fs::is_empty(here / "claims"));
}

TEST_CASE("files of claims follow the umask, so that a group can share a study") {
  test::temporary_directory const here;
  auto const before = ::umask(0);
  claims own(here.path());
  auto const held = own.take("a", "work");
  ::umask(before);
  for (auto const* name : {"a.lock", "a.json"})
    CHECK((fs::status(here / name).permissions() & fs::perms::mask) == fs::perms(0666));
}

TEST_CASE("where claims cannot be written that is one error") {
  test::temporary_directory const here;
  io::write_atomically(here / "file", "");
  claims own(here / "file");
  try {
    (void)own.take("a", "work");
    FAIL("no error");
  } catch (error const& e) {
    CHECK(e.code() == errc::failed);
    CHECK_THAT(e.what(), Contains("cannot make the directory"));
  }
}
