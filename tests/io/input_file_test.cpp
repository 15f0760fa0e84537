// SPDX-License-Identifier: MIT
#include <papillon/io/input_file.hpp>

#include <array>
#include <string>

#include <catch2/catch.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using test::error_text;

namespace {

std::string refused(std::filesystem::path const& path, std::uint64_t most = 100) {
  auto const why = error_text(errc::bad_input, [&] { (void)io::read_file<std::string>(path, most); });
  CHECK_THAT(why, Catch::StartsWith("cannot read " + path.string() + " ("));
  return why;
}

}  // namespace

TEST_CASE("a file is read as it is, an empty one too") {
  test::temporary_directory const directory;
  std::string const text("a\0b\n", 4);
  io::write_atomically(directory / "file", text);
  CHECK(io::read_file<std::string>(directory / "file", 4) == text);
  CHECK(io::read_file(directory / "file").size() == 4);
  io::write_atomically(directory / "empty", "");
  CHECK(io::read_file<std::string>(directory / "empty").empty());
  std::filesystem::create_symlink("file", directory / "link");
  CHECK(io::read_file<std::string>(directory / "link") == text);
}

TEST_CASE("only regular files are read, and nothing is waited for") {
  test::temporary_directory const directory;
  CHECK_THAT(refused(directory / "none"), Catch::Contains("no such file"));
  CHECK_THAT(refused(directory.path()), Catch::Contains("it is a directory"));
  CHECK_THAT(refused("/dev/zero"), Catch::Contains("it is a pipe or a device, not a file"));
  auto const pipe = directory / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THAT(refused(pipe), Catch::Contains("it is a pipe or a device, not a file"));
}

TEST_CASE("a file that is larger than files of its kind is refused before it is read") {
  test::temporary_directory const directory;
  auto const path = directory / "large";
  io::write_atomically(path, "");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40);  // of holes: it takes no place
  CHECK_THAT(refused(path), Catch::Contains("it has 1099511627776 bytes, files of its kind have at most 100"));
}

TEST_CASE("a file that changes its size while it is read is refused") {
  test::temporary_directory const directory;
  auto const path = directory / "file";
  std::array<std::byte, 10> bytes{};
  io::write_atomically(path, "0123456789");
  {
    io::input_file file(path, 100);
    file.read(std::span(bytes).first(4));
    std::filesystem::resize_file(path, 6);
    CHECK_THAT(error_text(errc::bad_input, [&] { file.read(std::span(bytes).first(6)); }),
        Catch::Contains("it became shorter while it was read"));
  }
  io::input_file file(path, 100);
  file.read(std::span(bytes).first(6));
  std::filesystem::resize_file(path, 7);
  CHECK_THAT(error_text(errc::bad_input, [&] { file.finish(); }), Catch::Contains("it became longer"));
}
