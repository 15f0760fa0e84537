// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "policies/attack.hpp"

using namespace papillon;

namespace {
using order = exec::emulated::thread_order;
}

TEST_CASE("pruning as kernels removes what the reference removes") {
  test::check_pruning(exec::emulated{}, {0, 1, 40, 3000});
  test::check_pruning(exec::emulated{order::shuffled, 4}, {3000});
}

TEST_CASE("noise as a kernel has the bits of the host's") {
  test::check_noise<float>(exec::emulated{order::shuffled, 2}, {1, 17, 40});
  test::check_noise<double>(exec::emulated{order::reverse}, {1, 17, 40});
}

TEST_CASE("attack features as kernels are the reference's") { test::check_features(exec::emulated{}); }

TEST_CASE("pruning and noise with real threads give what they give as loops") {
  test::check_pruning(exec::emulated_threads{}, {40});
  test::check_noise<float>(exec::emulated_threads{}, {17});
}
