// SPDX-License-Identifier: MIT
// The script that fetches CIFAR-10, as far as it goes without a network.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/wait.h>

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

outcome fetch(test::temporary_directory const& scratch, std::string const& arguments) {
  auto const log = scratch / "log";
  std::string const command = std::string("'") + PAPILLON_GOLDEN_DIR + "/../../scripts/fetch-cifar10' " + arguments +
                              " >'" + log.string() + "' 2>&1";
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

TEST_CASE("fetch-cifar10: a complete directory is left alone, without a download") {
  test::temporary_directory const scratch;
  auto const folder = scratch / "cifar-10-batches-bin";
  std::filesystem::create_directory(folder);
  for (std::string name :
      {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"}) {
    std::ofstream(folder / (name + ".bin")).put('x');
    std::filesystem::resize_file(folder / (name + ".bin"), 30730000);  // sparse
  }
  auto const r = fetch(scratch, "'" + scratch.path().string() + "'");
  CHECK(r.status == 0);
  CHECK_THAT(r.said, Catch::Contains("already complete"));
}
