// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "policies/attack.hpp"

using namespace papillon;

namespace {
using order = exec::emulated::thread_order;
}

TEST_CASE("noise has the bits of the written-out loop under every policy") {
  test::check_noise<float>(exec::seq{}, {1, 17, 40});
  test::check_noise<float>(exec::omp{.threads = 2}, {1, 17, 40});
  test::check_noise<float>(exec::emulated{order::shuffled, 2}, {1, 17, 40});
  test::check_noise<float>(exec::emulated_threads{}, {17});
  test::check_noise<double>(exec::omp{.threads = 1}, {1, 17, 40});
  test::check_noise<double>(exec::emulated{order::reverse}, {1, 17, 40});
}

TEMPLATE_TEST_CASE("attack features are the written-out loop's", "", exec::seq, exec::omp, exec::emulated) {
  test::check_features(TestType{});
}

TEST_CASE("where attack features add in the written-out order they have its bits") {
  auto const c = test::resnets(2, data::cifar_extent)[1];
  auto const want = test::reference_features(c, 40, 17);
  CHECK((test::features(exec::seq{}, c, 40, 17) == want));
  CHECK((test::features(exec::emulated{}, c, 40, 17) == want));
}
