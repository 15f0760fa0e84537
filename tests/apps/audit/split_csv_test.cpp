// SPDX-License-Identifier: MIT
#include <audit/split_csv.hpp>

#include <algorithm>

#include <catch2/catch.hpp>

#include <papillon/io/atomic_file.hpp>
#include <study/presets.hpp>

#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;

namespace {

struct small_study {
  study::settings settings = study::preset_settings("smoke");
  study::study_data data = study::load_study_data(settings, "");
  test::temporary_directory directory;

  std::array<data::split::role, 2> read(std::string const& text) const {
    auto const path = directory / "split.csv";
    io::write_atomically(path, text);
    return audit::read_split_csv(path, settings, data.collection);
  }
  std::string refusal(std::string const& text) const {
    return test::error_text(
        errc::bad_input, [&] { (void)read(text); });
  }
};

std::string replaced(std::string text, std::string const& from, std::string const& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("a split comes back from csv, rows in any order, digests or not") {
  small_study const small;
  auto const csv = audit::split_csv(small.settings, small.data);
  CHECK_THAT(csv, Catch::StartsWith("file,record,digest,part\nbuilt-in,"));
  CHECK(small.read(csv) == small.data.split.roles);

  std::vector<std::string> lines;
  std::string without_digests = "file,record,part\n";
  for (std::size_t at = csv.find('\n') + 1; at < csv.size(); at = csv.find('\n', at) + 1)
    lines.push_back(csv.substr(at, csv.find('\n', at) + 1 - at));
  CHECK(lines.size() == small.data.images().size());
  std::reverse(lines.begin(), lines.end());
  for (auto const& line : lines) {
    auto const second = line.find(',', line.find(',') + 1);
    without_digests += line.substr(0, second) + line.substr(line.rfind(','));
  }
  CHECK(small.read(without_digests) == small.data.split.roles);
}

TEST_CASE("records name the images of the source") {
  small_study const small;
  auto const roles = small.read("file,record,member\nbuilt-in,5,1\nbuilt-in,0,0\nbuilt-in,3,True\n");
  auto const& source = small.data.collection.source;
  REQUIRE(roles[0].trained.size() == 2);
  CHECK(source[roles[0].trained[0]] + source[roles[0].trained[1]] == 8);
  REQUIRE(roles[0].strict_test.size() == 1);
  CHECK(source[roles[0].strict_test[0]] == 0);
  CHECK(roles[0].test == roles[0].strict_test);
}

TEST_CASE("a split of other images, or with an image in two sets, is refused") {
  small_study const small;
  std::string const head = "file,record,digest,part\n";
  CHECK_THAT(small.refusal(head + "built-in,5,,target.trained\nbuilt-in,5,,target.test\n"),
      Catch::Contains("line 3: the image is there a second time"));
  CHECK_THAT(
      small.refusal(head + "data_batch_1.bin,5,,target.trained\n"), Catch::Contains("no file 'data_batch_1.bin'"));
  CHECK_THAT(small.refusal(head + "built-in,100000,,target.trained\n"), Catch::Contains("has records 0 to"));
  CHECK_THAT(small.refusal(head + "built-in,-1,,target.trained\n"), Catch::Contains("has records 0 to"));
  CHECK_THAT(small.refusal(head + "built-in,5,abc,target.trained\n"), Catch::Contains("another digest"));
  CHECK_THAT(small.refusal(head + "built-in,5,,target.train\n"), Catch::Contains("no part 'target.train'"));
  CHECK_THAT(small.refusal("file,record\nbuilt-in,5\n"), Catch::Contains("no column member"));
  CHECK_THAT(small.refusal("file,record,member\nbuilt-in,5,2\n"), Catch::Contains("neither 0 nor 1"));
  auto const csv = audit::split_csv(small.settings, small.data);
  CHECK_THAT(
      small.refusal(replaced(csv, "target.trained", "target.eaten")), Catch::Contains("line 2: there is no part"));
}
