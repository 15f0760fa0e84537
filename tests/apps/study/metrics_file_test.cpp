// SPDX-License-Identifier: MIT
#include <study/metrics_file.hpp>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/io/sha256.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;
using Catch::Matchers::Contains;

namespace {

train::epoch_metrics some_epoch(int epoch) {
  train::epoch_metrics m;
  m.epoch = epoch;
  m.learning_rate = 0.03;
  m.train_loss = 2.3 / (epoch + 1);
  m.train_accuracy = 0.1;
  m.validation_loss = 2.25;
  m.validation_accuracy = 1.0 / 3;
  m.best = epoch == 1;
  m.seconds = 0.125;
  m.images_per_second = 640.5;
  return m;
}

std::string const work(64, 'a');

/// The error that reading a number of epochs from a file ends with.
std::string failure(std::filesystem::path const& file, int epochs) {
  try {
    metrics_file const m(file, epochs, work);
  } catch (error const& e) {
    CHECK(e.code() == errc::bad_input);
    CHECK_THAT(e.what(), Contains(file.string()));
    return e.what();
  }
  FAIL("no error");
  return {};
}

}  // namespace

TEST_CASE("metrics.csv has a line an epoch, and reads back exactly") {
  test::temporary_directory const here;
  auto const file = here / "metrics.csv";
  metrics_file m(file, 0, work);
  for (int e = 0; e < 3; ++e) m.append(some_epoch(e));
  auto const text = io::read_file<std::string>(file);
  CHECK(text.substr(0, text.find("\n1,")) ==
        "epoch,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy,best,seconds,images_per_"
        "second,sha256\n"
        "0,0.03,2.3,0.1,2.25,0.3333333333333333,0,0.125,640.5," +
            io::sha256_hex(work + "0,0.03,2.3,0.1,2.25,0.3333333333333333,0,0.125,640.5"));
  metrics_file again(file, 3, work);
  REQUIRE(again.lines().size() == 3);
  CHECK(again.lines()[0].validation_accuracy == 1.0 / 3);
  CHECK(again.lines()[1].best);
  CHECK_FALSE(again.lines()[2].best);
}

TEST_CASE("resuming drops the epochs that the checkpoint has not got") {
  test::temporary_directory const here;
  auto const file = here / "metrics.csv";
  metrics_file m(file, 0, work);
  for (int e = 0; e < 3; ++e) m.append(some_epoch(e));
  auto const whole = io::read_file<std::string>(file);
  metrics_file resumed(file, 2, work);
  CHECK(resumed.lines().size() == 2);
  resumed.append(some_epoch(2));
  CHECK(io::read_file<std::string>(file) == whole);
  CHECK(metrics_file(file, 0, work).lines().empty());
  CHECK(metrics_file(file, -1, work).lines().size() == 3);
}

TEST_CASE("metrics with fewer epochs than the checkpoint, or damaged ones, are bad input") {
  test::temporary_directory const here;
  auto const file = here / "metrics.csv";
  (void)failure(file, 1);
  metrics_file m(file, 0, work);
  m.append(some_epoch(0));
  CHECK_THAT(failure(file, 2), Contains("epoch 1"));
  auto const good = io::read_file<std::string>(file);
  io::write_atomically(file, good.substr(0, good.size() - 9));
  (void)failure(file, 1);
  auto lost = some_epoch(0);
  lost.train_loss = std::numeric_limits<double>::quiet_NaN();
  metrics_file(file, 0, work).append(lost);
  CHECK_THAT(failure(file, 1), Contains("a number of epoch 0 is not finite"));
  io::write_atomically(file, "something else\n");
  (void)failure(file, 1);
}

TEST_CASE("a changed number, a line of another training and metrics of another training are seen") {
  test::temporary_directory const here;
  auto const file = here / "metrics.csv";
  metrics_file m(file, 0, work);
  for (int e = 0; e < 3; ++e) m.append(some_epoch(e));
  auto const whole = io::read_file<std::string>(file);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    io::write_atomically(file, changed);
    CAPTURE(i);
    CHECK_THROWS_AS(metrics_file(file, 3, work), error);
  }
  io::write_atomically(file, whole);
  CHECK_THROWS_AS(metrics_file(file, 3, std::string(64, 'b')), error);
}

TEST_CASE("metrics of earlier versions, without hashes, are read, and have them from the next epoch on") {
  test::temporary_directory const here;
  auto const file = here / "metrics.csv";
  io::write_atomically(file,
      "epoch,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy,best,"
      "seconds,images_per_second\n0,0.03,2.3,0.1,2.25,0.3333333333333333,0,0.125,640.5\n");
  metrics_file m(file, 1, work);
  REQUIRE(m.lines().size() == 1);
  m.append(some_epoch(1));
  CHECK(metrics_file(file, 2, work).lines().size() == 2);
  CHECK_THROWS_AS(metrics_file(file, 2, std::string(64, 'b')), error);
}
