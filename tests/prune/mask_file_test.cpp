// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include <papillon/error.hpp>
#include <papillon/io/safetensors.hpp>
#include <papillon/prune/mask_file.hpp>

#include "prune/resnet_slots.hpp"

using namespace papillon;

namespace {

struct temporary_file {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("papillon-mask-" + std::to_string(::getpid()) + ".safetensors");
  temporary_file() = default;
  temporary_file(temporary_file const&) = delete;
  temporary_file& operator=(temporary_file const&) = delete;
  ~temporary_file() { std::filesystem::remove(path); }
};

}  // namespace

TEST_CASE("a mask reads back as it was written", "[mask]") {
  temporary_file const file;
  auto const slots = test::resnet_slots(8, 3);
  prune::mask m = prune::dense_mask(test::size_of(slots));
  for (auto const& s : slots)
    for (std::size_t i = s.offset; prune::prunable(s) && i < s.offset + s.size; i += 3) m.keep[i] = 0;
  prune::save_mask(file.path, slots, m);
  CHECK(prune::load_mask(file.path, slots) == m);
}

TEST_CASE("a mask of another network or with foreign values is refused", "[mask]") {
  temporary_file const file;
  auto const slots = test::resnet_slots(8, 3);
  prune::save_mask(file.path, slots, prune::dense_mask(test::size_of(slots)));
  CHECK_THROWS_AS(prune::load_mask(file.path, test::resnet_slots(8, 4)), error);
  CHECK_THROWS_AS(prune::load_mask(file.path, test::resnet_slots(14, 3)), error);
  auto fewer = slots;
  fewer.erase(fewer.begin());
  CHECK_THROWS_WITH(prune::load_mask(file.path, fewer), Catch::Contains("another network"));
  prune::mask m = prune::dense_mask(test::size_of(slots));
  m.keep[slots[0].offset + 1] = 7;
  prune::save_mask(file.path, slots, m);
  CHECK_THROWS_WITH(prune::load_mask(file.path, slots), Catch::Contains("conv1.weight"));
}
