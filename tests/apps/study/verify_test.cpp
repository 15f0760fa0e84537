// SPDX-License-Identifier: MIT
// What is found in the directory of a study, and that a study goes on from what is left once it is moved away; real
// checkpoints are verified in tests/apps/verify.sh.
#include <study/verify.hpp>

#include <algorithm>
#include <fstream>

#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

#include "apps/study/small_study.hpp"

using namespace papillon;
using namespace papillon::study;
using namespace papillon::study::test;
using Catch::Matchers::Contains;

namespace {

/// A finished study of which every file that is data or a result is known by its bytes.
struct finished_study : small_study {
  finished_study() { run(); }

  [[nodiscard]] std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (auto const* folder : {"networks", "attacks"})
      for (auto const& entry : fs::recursive_directory_iterator(here / folder))
        if (entry.is_regular_file() && entry.path().filename() != "provenance.json") all.push_back(entry.path());
    std::ranges::sort(all);
    return all;
  }
  [[nodiscard]] std::vector<finding> findings() const { return verify_study(places).findings; }
};

}  // namespace

TEST_CASE("nothing is found in a study that is as it was made, and everything of it was read") {
  finished_study const t;
  auto const found = verify_study(t.places);
  for (auto const& f : found.findings) FAIL(f.file << ": " << f.why);
  CHECK(found.files == t.files().size() + t.p.runs.size());  // and a provenance.json each
  REQUIRE(found.makers.size() == 1);
  CHECK(found.makers.begin()->first.device == "pretended");
}

TEST_CASE("a changed bit of any file is found; what it was is moved away and made again, to the same bytes") {
  finished_study t;
  auto const files = t.files();
  std::map<fs::path, std::string> whole;
  for (auto const& file : files) whole[file] = io::read_file<std::string>(file);
  std::size_t moved = 0;
  for (auto const& file : files) {
    CAPTURE(file.string());
    auto changed = whole[file];
    changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 4);
    io::write_atomically(file, changed);
    auto const found = verify_study(t.places);
    REQUIRE(found.findings.size() == 1);
    CHECK(found.findings[0].file == file);
    CHECK(found.findings[0].what == fault::damaged);
    auto const removed = move_away(found, t.places);
    CHECK(io::read_file<std::string>(removed / file.lexically_relative(t.here.path())) == changed);
    CHECK(!fs::exists(file));
    ++moved;
    t.run();
    for (auto const& each : files) CHECK(io::read_file<std::string>(each) == whole[each]);
    CHECK(t.findings().empty());
  }
  CHECK(moved == files.size());
  CHECK(static_cast<std::size_t>(std::distance(fs::directory_iterator(t.here / "removed"), {})) == moved);
}

TEST_CASE("results in another's place are foreign") {
  finished_study const t;
  auto const& e = t.p.experiments;
  fs::copy_file(t.places.attack(t.p, e[0]), t.places.attack(t.p, e[1]), fs::copy_options::overwrite_existing);
  fs::copy_file(t.places.result(t.p.runs[0]), t.places.result(t.p.runs[1]), fs::copy_options::overwrite_existing);
  auto const found = t.findings();
  REQUIRE(found.size() == 2);
  for (auto const& f : found) CHECK(f.what == fault::foreign);
  CHECK(found[0].file == t.places.result(t.p.runs[1]));
  CHECK(found[1].file == t.places.attack(t.p, e[1]));
}

TEST_CASE("what belongs to nothing is left over, and goes nowhere but to removed/") {
  finished_study const t;
  auto const& e = t.p.experiments[0];
  auto const leave = [&](fs::path const& file) {
    std::ofstream(file) << "left over";
    return file;
  };
  auto const scores = leave(t.places.attacks() / "dense-s1-loss-00000000-target.npy"),
             draft = leave(t.places.attacks() / "a.json.tmp.another.1.1.0"),
             outputs = leave(t.places.run(t.p.runs[0]) / "outputs-00000000.npy"),
             snapshot = leave(t.places.run(t.p.runs[0]) / "snapshot-epoch-001.safetensors");
  fs::remove(t.places.attack(t.p, e));  // its scores are left
  auto const found = verify_study(t.places);
  std::vector<fs::path> files;
  for (auto const& f : found.findings) {
    CAPTURE(f.file.string());
    CHECK(f.what == fault::left_over);
    files.push_back(f.file);
  }
  std::ranges::sort(files);
  auto papers = t.places.attack(t.p, e);
  std::vector<fs::path> expected{scores, draft, outputs, snapshot, papers.replace_extension(".npy")};
  std::ranges::sort(expected);
  CHECK(files == expected);
  auto const removed = move_away(found, t.places);
  CHECK(t.findings().empty());
  CHECK(io::read_file<std::string>(removed / "attacks" / draft.filename()) == "left over");
}

TEST_CASE("settings and splits that cannot be read are damaged") {
  finished_study const t;
  io::write_atomically(t.places.settings(), "{");
  fs::create_directories(t.here / "splits");
  io::write_atomically(t.here / "splits" / "12345678.safetensors", "no split");
  auto const found = t.findings();
  REQUIRE(found.size() == 2);
  for (auto const& f : found) CHECK(f.what == fault::damaged);
}

TEST_CASE("claims are no leftover, failures are told, and a repair lets what failed be tried anew") {
  finished_study t;
  fs::remove(t.places.result(t.p.runs[5]));
  t.lab.fails_at = "train S1L2 shadow";
  CHECK(t.run_to_error() == errc::failed);
  auto const file = t.places.outputs(t.p, t.p.experiments[0].target);
  auto changed = io::read_file<std::string>(file);
  changed.back() ^= 1;
  io::write_atomically(file, changed);
  auto const found = verify_study(t.places);
  REQUIRE(found.findings.size() == 1);
  REQUIRE(found.failures.size() == 1);
  CHECK(found.failures[0].work == "train S1L2 shadow s1");
  {
    claims other(t.places.claims());
    auto const network = other.take(claim_on_network(t.p.runs[0].identity.short_hash()), "ask dense target s1");
    REQUIRE(network);
    try {
      (void)move_away(found, t.places);
      FAIL("it was moved");
    } catch (error const& e) {
      CHECK_THAT(e.what(), Contains(file.string()) && Contains("in use"));
    }
    CHECK(fs::exists(file));
  }
  (void)move_away(found, t.places);
  CHECK(verify_study(t.places).failures.empty());
  t.lab.fails_at.clear();
  t.run();
  CHECK(t.findings().empty());
}
