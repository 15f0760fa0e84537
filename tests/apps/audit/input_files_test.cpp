// SPDX-License-Identifier: MIT
#include <audit/input_files.hpp>

#include <catch2/catch.hpp>
#include <xtensor/xtensor.hpp>

#include <papillon/io/npy.hpp>

#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using bytes = std::vector<std::uint8_t>;
using numbers = std::vector<double>;

namespace {

/// A folder of input files.
struct inputs {
  test::temporary_directory directory;

  std::filesystem::path text(std::string const& content) const {
    auto const path = directory / "a.csv";
    io::write_atomically(path, content);
    return path;
  }
  std::filesystem::path array(xt::xarray<double> const& values) const {
    auto const path = directory / "a.npy";
    io::write_npy(path, values);
    return path;
  }
};

template <class F> std::string refusal(F&& f) { return test::error_text(errc::bad_input, f); }

}  // namespace

TEST_CASE("scores and members stand in one csv file, columns in any order") {
  inputs const in;
  auto const s = audit::read_scores(in.text("member, \"score\" ,id\r\nTrue,0.5,a\r\n0,-1e3,b\r\n1,inf,c"));
  CHECK(s.scores == numbers{0.5, -1000, std::numeric_limits<double>::infinity()});
  CHECK(s.members == bytes{1, 0, 1});
  CHECK(audit::read_scores(in.text("score\n1\n2\n")).members.empty());
}

TEST_CASE("a csv file is a matrix of all its columns") {
  inputs const in;
  auto const a = audit::read_array(in.text("cat,dog\n1,2\n3,4\n5,6\n"));
  REQUIRE(a.dimension() == 2);
  CHECK(a.shape(0) == 3);
  CHECK(a(2, 1) == 6);
  CHECK(audit::read_column(in.text("class,label\n1,7\n2,8\n"), "label") == numbers{7, 8});
}

TEST_CASE("members are said by a one or zero an image, or by their indices") {
  inputs const in;
  CHECK(audit::read_members(in.array(xt::xarray<double>{1, 0, 0, 1}), 4) == bytes{1, 0, 0, 1});
  CHECK(audit::read_members(in.array(xt::xarray<double>{3, 0}), 4) == bytes{1, 0, 0, 1});
  CHECK(audit::read_members(in.array(xt::xarray<double>{1, 0}), 4) == bytes{1, 1, 0, 0});
  CHECK(audit::read_members(in.text("index\n2\n"), 3) == bytes{0, 0, 1});
  CHECK(audit::read_members(in.text("member\n0\n1\n"), 2) == bytes{0, 1});
}

TEST_CASE("members that cannot be are refused") {
  inputs const in;
  auto const refused = [&](xt::xarray<double> const& values, std::size_t images) {
    return refusal([&] { (void)audit::read_members(in.array(values), images); });
  };
  CHECK_THAT(refused({1, 0, 1}, 4), Catch::Contains("speaks of 3 images, there are 4"));
  CHECK_THAT(refused({5, 2, 5}, 9), Catch::Contains("image 5 is in it twice"));
  CHECK_THAT(refused({5, 9}, 9), Catch::Contains("names image 9, there are 9"));
  CHECK_THAT(refused({0.5, 2}, 9), Catch::Contains("names image 0.5"));
  CHECK_THAT(refused({std::nan(""), 2}, 9), Catch::Contains("image nan"));
  CHECK_THAT(refused(xt::xarray<double>{{1, 0}, {0, 1}}, 4), Catch::Contains("2 axes"));
  CHECK_THAT(
      refusal([&] { (void)audit::read_members(in.text("member\n2\n"), 1); }), Catch::Contains("neither 0 nor 1"));
}

TEST_CASE("a csv file that is none is refused with the line at fault") {
  inputs const in;
  auto const refused = [&](std::string const& content) {
    return refusal([&] { (void)audit::read_scores(in.text(content)); });
  };
  CHECK_THAT(refused(""), Catch::Contains("its first line is empty"));
  CHECK_THAT(refused("points,member\n1,1\n"), Catch::Contains("no column score (its first line names points, member)"));
  CHECK_THAT(refused(std::string(10000, ',')), Catch::Contains("a line has more than 10000 cells"));
  CHECK_THAT(refused("score\n" + std::string(10000, ',')), Catch::Contains("a line has more than 10000 cells"));
  CHECK_THAT(refused("score,member\n1,1\n2\n"), Catch::Contains("line 3: 1 cells, the first line names 2 columns"));
  CHECK_THAT(refused("score,member\n1,1\n0x2,1\n"), Catch::Contains("line 3: '0x2' in column score is no number"));
  CHECK_THAT(refused("score,member\n1,maybe\n"), Catch::Contains("'maybe' in column member"));
  CHECK_THAT(
      refusal([&] { (void)audit::read_array(in.directory / "a.txt"); }), Catch::Contains("neither .npy nor .csv"));
}
