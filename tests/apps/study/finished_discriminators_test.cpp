// SPDX-License-Identifier: MIT
#include <study/finished_discriminators.hpp>

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/io/sha256.hpp>

#include <study/directories.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;
namespace fs = std::filesystem;

namespace {

identity work_of(std::string const& text) { return {text, io::sha256_hex(std::string_view(text))}; }

struct kept_attack {
  papillon::test::temporary_directory here;
  fs::path part = here / "dense-s1-12345678.json", directory = here / "dense-s1-12345678.unfinished";
  maker made_by{"papillon 9.9", "omp, 16 lanes"};
  finished_discriminators kept{part, work_of("an attack"), made_by};
  privacy::discriminator_outcome outcome{
      {"30 lr 0.01", 100.0 / 3, 61.7, {.accuracy = 50.1}}, {0.1f, -1.0f / 3, 1e-42f, 3e38f}};

  [[nodiscard]] fs::path file() const { return fs::directory_iterator(directory)->path(); }
};

}  // namespace

TEST_CASE("a discriminator that is kept is found again, bit by bit, under its reading and number alone") {
  kept_attack const t;
  CHECK(!t.kept.find("all", 3));
  t.kept.keep("all", 3, t.outcome);
  auto const found = t.kept.find("all", 3);
  REQUIRE(found);
  CHECK(found->result.name == "30 lr 0.01");
  CHECK(found->result.holdout_accuracy == 100.0 / 3);
  CHECK(found->result.shadow_accuracy == 61.7);
  CHECK(found->result.target.accuracy == 50.1);
  CHECK(std::isnan(found->result.target.auc));
  CHECK(found->target_scores == t.outcome.target_scores);
  CHECK(!t.kept.find("strict", 3));
  CHECK(!t.kept.find("all", 2));
}

TEST_CASE("a discriminator of another attack, build or device, or a damaged one, is none") {
  kept_attack const t;
  t.kept.keep("all", 0, t.outcome);
  CHECK(!finished_discriminators(t.part, work_of("another attack"), t.made_by).find("all", 0));
  CHECK(!finished_discriminators(t.part, work_of("an attack"), {"papillon 9.8", "omp, 16 lanes"}).find("all", 0));
  CHECK(!finished_discriminators(t.part, work_of("an attack"), {"papillon 9.9", "omp, 8 lanes"}).find("all", 0));
  auto const whole = io::read_file<std::string>(t.file());
  for (auto const at : {std::size_t{0}, whole.size() / 2, whole.size() - 2}) {
    auto changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    io::write_atomically(t.file(), changed);
    CHECK(!t.kept.find("all", 0));
  }
  io::write_atomically(t.file(), whole.substr(0, whole.size() / 2));
  CHECK(!t.kept.find("all", 0));
  // Of another discriminator, under this one's name.
  auto const name = t.file();
  t.kept.keep("all", 1, t.outcome);
  for (auto const& entry : fs::directory_iterator(t.directory))
    if (entry.path() != name) fs::copy_file(entry.path(), name, fs::copy_options::overwrite_existing);
  CHECK(!t.kept.find("all", 0));
  t.kept.keep("all", 0, t.outcome);
  CHECK(t.kept.find("all", 0));
}

TEST_CASE("scores that no file can say are not kept") {
  kept_attack t;
  t.outcome.target_scores[2] = std::numeric_limits<float>::infinity();
  t.kept.keep("all", 0, t.outcome);
  CHECK(!t.kept.find("all", 0));
  CHECK(!is_there(t.directory));
}

TEST_CASE("what is kept goes with its attack, and what was left of finished ones is swept") {
  kept_attack const t;
  t.kept.keep("strict", 8, t.outcome);
  CHECK(finished_discriminators::is_of(t.directory));
  CHECK(!finished_discriminators::is_of(t.part));
  finished_discriminators::sweep(t.here.path());
  CHECK(t.kept.find("strict", 8));  // the attack is not finished
  io::write_atomically(t.part, "{}");
  finished_discriminators::sweep(t.here.path());
  CHECK(!is_there(t.directory));
  CHECK(is_there(t.part));
  t.kept.keep("strict", 8, t.outcome);
  t.kept.remove();
  CHECK(!is_there(t.directory));
  finished_discriminators::sweep(t.here / "no such directory");
}
