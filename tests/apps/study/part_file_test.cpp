// SPDX-License-Identifier: MIT
#include <study/part_file.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/io/sha256.hpp>

#include <study/results.hpp>

#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;

namespace {

identity work_of(std::string const& text) { return {text, io::sha256_hex(std::string_view(text))}; }

struct sealed_result {
  papillon::test::temporary_directory here;
  std::filesystem::path file = here / "outputs-12345678.json", data = here / "outputs-12345678.npy";
  identity work = work_of("papillon outputs\nseed 1\n\"quoted\"\n");
  network_quality quality{.epoch = 7, .train_accuracy = 99.5, .validation_accuracy = -0.0, .test_accuracy = missing};

  sealed_result() {
    io::write_atomically(data, "some numbers");
    write_part(file, work, quality, {"papillon 9.9", "omp, 16 lanes"}, {data});
  }
  [[nodiscard]] part_state state(look how = look::at_contents) const { return check_part(file, work, how).state; }
};

}  // namespace

TEST_CASE("a part says what it is of, what made it and which files belong to it, and reads back") {
  sealed_result const t;
  CHECK(t.state() == part_state::whole);
  auto const back = read_part<network_quality>(t.file, t.work);
  CHECK(back.epoch == 7);
  CHECK(back.train_accuracy == 99.5);
  CHECK(is_missing(back.test_accuracy));
  auto const seal = *read_seal(t.file);
  CHECK(seal.work.text == t.work.text);
  CHECK(seal.work.hash == t.work.hash);
  CHECK(seal.made_by == maker{"papillon 9.9", "omp, 16 lanes"});
  REQUIRE(seal.files.size() == 1);
  CHECK(seal.files[0].name == "outputs-12345678.npy");
  CHECK(seal.files[0].bytes == 12);
  CHECK(seal.files[0].sha256 == io::sha256_hex(std::string_view("some numbers")));
  CHECK_NOTHROW(require_part(t.file, t.work));
}

TEST_CASE("no changed bit, and no cut, of a part is taken for a whole one") {
  sealed_result const t;
  auto const whole = io::read_file<std::string>(t.file);
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (int bit = 0; bit < 8; bit += 3) {
      auto changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      io::write_atomically(t.file, changed);
      CAPTURE(i, bit);
      CHECK(t.state() == part_state::damaged);
    }
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    io::write_atomically(t.file, whole.substr(0, size));
    CHECK(t.state() == part_state::damaged);
  }
}

TEST_CASE("a part of other work is foreign, wherever it lies") {
  sealed_result const t;
  auto const other = work_of("papillon outputs\nseed 2\n");
  CHECK(check_part(t.file, other, look::at_sizes).state == part_state::foreign);
  CHECK(
      check_part(t.file, {"the same hash of another text", t.work.hash}, look::at_sizes).state == part_state::foreign);
  CHECK_THAT(papillon::test::error_text(errc::bad_input, [&] { (void)read_part<network_quality>(t.file, other); }),
      Contains(t.file.string()) && Contains("of other work") && Contains("study verify --repair"));
}

TEST_CASE("files of data are part of the result") {
  sealed_result const t;
  io::write_atomically(t.data, "some numberz");
  CHECK(t.state(look::at_sizes) == part_state::whole);
  CHECK(t.state() == part_state::damaged);
  CHECK_THAT(papillon::test::error_text(errc::bad_input, [&] { require_part(t.file, t.work); }),
      Contains(t.data.string()) && Contains("not those that its work wrote"));
  io::write_atomically(t.data, "some number");
  CHECK(t.state(look::at_sizes) == part_state::damaged);
  std::filesystem::remove(t.data);
  CHECK(t.state(look::at_sizes) == part_state::absent);
  std::filesystem::remove(t.file);
  CHECK(t.state() == part_state::absent);
}

TEST_CASE("a part of the old form is recognised, and sealed as it is") {
  sealed_result const t;
  nlohmann::ordered_json const document{
      {"sha256", t.work.hash}, {"identity", t.work.text}, {"result", {{"epoch", 3}, {"train_accuracy", 50}}}};
  io::write_atomically(t.file, document.dump());
  CHECK(t.state() == part_state::old_form);
  CHECK(read_part<network_quality>(t.file, t.work).epoch == 3);
  CHECK(check_part(t.file, work_of("other"), look::at_sizes).state == part_state::foreign);
  seal_old_part(t.file, {}, {t.data});
  CHECK(t.state() == part_state::whole);
  CHECK(read_part<network_quality>(t.file, t.work).train_accuracy == 50);
  CHECK(read_seal(t.file)->files.size() == 1);
  io::write_atomically(t.file, "{\"sha256\": 3, \"identity\": \"\", \"result\": {}}");
  CHECK(t.state() == part_state::damaged);
}
