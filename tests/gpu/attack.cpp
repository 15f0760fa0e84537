// SPDX-License-Identifier: MIT
/// What a study does with trained networks, on the CUDA device, against the reference. Skipped where no device is.
#include <catch2/catch.hpp>

#include "gpu/gpu_found.hpp"
#include "policies/attack.hpp"
#include "policies/discriminators.hpp"

using namespace papillon;

TEST_CASE("noise and attack features on the device are the written-out loops'") {
  if (!test::gpu_found()) return;
  test::check_noise<float>(exec::cuda{}, {1, 17, 40});
  test::check_features(exec::cuda{});
}

TEST_CASE("discriminators and the attack on the device are the reference's") {
  if (!test::gpu_found()) return;
  test::check_discriminators(exec::cuda{}, 100, 4);
  test::check_attack(exec::cuda{});
}
