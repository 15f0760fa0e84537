// SPDX-License-Identifier: MIT
/// What is measured of a machine are rates and sizes that any machine has.
#include <catch2/catch.hpp>

#include <papillon/exec/machine.hpp>

using namespace papillon;

namespace {
void check_plausible(machine const& m) {
  CHECK(m.multiply_adds > 0);
  CHECK(m.gathers > 0);
  CHECK(m.read_first > 0);
  CHECK(m.read_second > 0);
  CHECK(m.read_beyond > 0);
  CHECK(m.first_cache > 0);
  CHECK(m.second_cache > 0);
  CHECK(m.call > 0);
  CHECK(m.start_threads > 0);
}
}  // namespace

TEST_CASE("a machine's figures are positive, by default and measured") {
  check_plausible(machine{});
  machine const m = measure_machine(exec::omp{2});
  check_plausible(m);
  CHECK(m.threads == exec::thread_count(exec::omp{2}));
  CHECK(measure_machine(exec::seq{}).threads == 1);
}
