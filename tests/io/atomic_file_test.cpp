// SPDX-License-Identifier: MIT
#include <papillon/io/atomic_file.hpp>

#include <csignal>
#include <string>

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <papillon/io/read_file.hpp>

#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using io::read_file;
using io::write_atomically;
using test::error_text;

namespace {

std::size_t files_in(std::filesystem::path const& directory) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory), {}));
}

/// No file of this process can grow beyond so many bytes: writing then fails as on a full disk.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    rlimit const limited{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~file_size_limit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int);
};

}  // namespace

TEST_CASE("a file is created, then replaced, and nothing else is left in the directory") {
  test::temporary_directory const directory;
  auto const path = directory / "a file";
  write_atomically(path, "first, and longer");
  CHECK(read_file<std::string>(path) == "first, and longer");
  write_atomically(path, "second");
  CHECK(read_file<std::string>(path) == "second");
  std::string const empty;
  write_atomically(path, empty);
  CHECK(read_file<std::string>(path).empty());
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("pieces are written one after the other") {
  test::temporary_directory const directory;
  auto const path = directory / "f";
  std::string const a = "ab", b, c = "cde";
  write_atomically(path, {std::as_bytes(std::span(a)), std::as_bytes(std::span(b)), std::as_bytes(std::span(c))});
  CHECK(read_file<std::string>(path) == "abcde");
}

TEST_CASE("when the disk is full the old file stays and the temporary one goes") {
  test::temporary_directory const directory;
  auto const path = directory / "results";
  write_atomically(path, "old");
  {
    file_size_limit const limit(1000);
    auto const text = error_text(errc::failed, [&] { write_atomically(path, std::string(5000, 'x')); });
    CHECK_THAT(text, Catch::Contains("cannot write " + path.string()) && Catch::Contains("ulimit -f"));
  }
  CHECK(read_file<std::string>(path) == "old");
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("a directory that is missing, a directory in the file's place and a device are clear failures") {
  test::temporary_directory const directory;
  CHECK_THAT(error_text(errc::failed, [&] { write_atomically(directory / "none/f", "x"); }),
      Catch::Contains("No such file or directory"));
  std::filesystem::create_directory(directory / "d");
  CHECK_THAT(error_text(
                 errc::failed, [&] { write_atomically(directory / "d", "x"); }),
      Catch::Contains("not a plain file"));
  CHECK_THAT(
      error_text(errc::failed, [&] { write_atomically("/dev/null", "x"); }), Catch::Contains("not a plain file"));
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("a temporary file that a crash left behind is stepped over") {
  test::temporary_directory const directory;
  auto const path = directory / "f";
  auto const stale = directory / ("f" + io::draft_suffix(0));
  write_atomically(stale, "stale");
  write_atomically(path, "new");
  CHECK(read_file<std::string>(path) == "new");
  CHECK(read_file<std::string>(stale) == "stale");
}

TEST_CASE("reading says why it cannot") {
  test::temporary_directory const directory;
  CHECK_THAT(error_text(
                 errc::bad_input, [&] { (void)read_file(directory / "none"); }),
      Catch::Contains("no such file"));
  CHECK_THAT(error_text(errc::bad_input, [&] { (void)read_file(directory.path()); }), Catch::Contains("a directory"));
}
