// SPDX-License-Identifier: MIT
// The script that fetches CIFAR-10, as far as it goes without a network.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;

namespace {

struct outcome {
  int status;
  std::string said;
};

std::string const names[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
    "data_batch_5.bin", "test_batch.bin"};

std::string script() { return PAPILLON_GOLDEN_DIR "/../../scripts/fetch-cifar10"; }

outcome fetch(test::temporary_directory const& scratch, std::string const& arguments,
    std::string const& program = "'" + script() + "'") {
  auto const log = scratch / "log";
  std::string const command = program + " " + arguments + " >'" + log.string() + "' 2>&1";
  int const status = std::system(command.c_str());
  return {WEXITSTATUS(status), io::read_file<std::string>(log)};
}

}  // namespace

TEST_CASE("fetch-cifar10: wrong arguments are status 2 and say the usage") {
  test::temporary_directory const scratch;
  for (std::string arguments : {"", "''", "a b c"}) {
    auto const r = fetch(scratch, arguments);
    CHECK(r.status == 2);
    CHECK_THAT(r.said, Catch::Contains("usage: fetch-cifar10 DIR [ARCHIVE]"));
  }
  auto const help = fetch(scratch, "--help");
  CHECK(help.status == 0);
  CHECK_THAT(help.said, Catch::Contains("Exit status"));
}

TEST_CASE("fetch-cifar10: an archive that is missing or another is status 3 and leaves nothing behind") {
  test::temporary_directory const scratch;
  auto const target = scratch / "target";
  auto const missing = fetch(scratch, "'" + target.string() + "' '" + (scratch / "none").string() + "'");
  CHECK(missing.status == 3);
  CHECK_FALSE(std::filesystem::exists(target));
  io::write_atomically(scratch / "other.tar.gz", "not an archive");
  auto const other = fetch(scratch, "'" + target.string() + "' '" + (scratch / "other.tar.gz").string() + "'");
  CHECK(other.status == 3);
  CHECK_THAT(other.said, Catch::Contains("should be c32a1d4ab5d03f1284b67883e8d87530"));
  CHECK(std::filesystem::is_empty(target));
}

TEST_CASE("fetch-cifar10: other images are left alone, and that is status 3") {
  test::temporary_directory const scratch;
  auto const folder = scratch / "cifar-10-batches-bin";
  std::filesystem::create_directory(folder);
  for (std::string const& name : names) {
    std::ofstream(folder / name).put('x');
    std::filesystem::resize_file(folder / name, 30730000);  // sparse
  }
  auto const r = fetch(scratch, "'" + scratch.path().string() + "'");
  CHECK(r.status == 3);
  CHECK_THAT(r.said, Catch::Contains("holds other images") && Catch::Contains("is not CIFAR-10's"));
  CHECK(std::filesystem::file_size(folder / names[5]) == 30730000);
}

TEST_CASE("fetch-cifar10: an archive is unpacked without its owners, and checked by both sums and by its files") {
  test::temporary_directory const scratch;
  auto const in = [&](std::string const& command) {
    REQUIRE(std::system(("cd '" + scratch.path().string() + "' && " + command).c_str()) == 0);
  };
  // The same script for an archive of ten bytes a file.
  std::filesystem::create_directory(scratch / "cifar-10-batches-bin");
  for (std::string const& name : names)
    io::write_atomically(scratch / ("cifar-10-batches-bin/" + name), name.substr(0, 10));
  in("tar --owner=12345 --group=12345 -czf a.tar.gz cifar-10-batches-bin && cp -r cifar-10-batches-bin good");
  in("sed -E \"s/^file_bytes=.*/file_bytes=10/; s/^md5=.*/md5=$(md5sum <a.tar.gz | cut -c-32)/; "
     "s/^sha256=.*/sha256=$(sha256sum <a.tar.gz | cut -c-64)/; "
     "s/(data_batch_.\\.bin\\]=).*/\\1$(printf data_batch | sha256sum | cut -c-64)/; "
     "s/(test_batch\\.bin\\]=).*/\\1$(printf test_batch | sha256sum | cut -c-64)/\" '" +
      script() + "' >fetch");
  auto const run = [&](std::string const& target) {
    return fetch(scratch, "'" + (scratch / target).string() + "' '" + (scratch / "a.tar.gz").string() + "'",
        "bash '" + (scratch / "fetch").string() + "'");
  };
  auto const r = run("new");
  CHECK(r.status == 0);
  CHECK_THAT(r.said, Catch::Contains("checksums good"));
  struct stat found {};
  REQUIRE(::stat((scratch / "new/cifar-10-batches-bin/test_batch.bin").c_str(), &found) == 0);
  CHECK(found.st_uid == ::getuid());
  CHECK_THAT(run("new").said, Catch::Contains("is already complete"));

  in("printf x >new/cifar-10-batches-bin/test_batch.bin");  // not whole: unpacked anew
  CHECK(run("new").status == 0);
  CHECK(io::read_file<std::string>(scratch / "new/cifar-10-batches-bin/test_batch.bin") == "test_batch");
  in("printf 0123456789 >new/cifar-10-batches-bin/test_batch.bin");
  CHECK_THAT(run("new").said, Catch::Contains("holds other images (test_batch.bin"));

  in("sed -i s/^sha256=./sha256=x/ fetch");
  auto const other = run("other");
  CHECK(other.status == 3);
  CHECK_THAT(other.said, Catch::Contains("its SHA-256 is"));
}
