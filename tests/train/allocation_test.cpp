// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

#include <papillon/train/trainer.hpp>

#include "train/small_training.hpp"

using namespace papillon;

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t size) {
  ++allocations;
  if (void* const p = std::malloc(size == 0 ? 1 : size)) return p;
  throw std::bad_alloc();
}

void* counted(std::size_t size, std::align_val_t align) {
  ++allocations;
  auto const unit = static_cast<std::size_t>(align);
  if (void* const p = std::aligned_alloc(unit, (size + unit - 1) / unit * unit)) return p;
  throw std::bad_alloc();
}

}  // namespace

// For the whole program. The nothrow form must be replaced along: a sanitizer's own does not call the plain one.
void* operator new(std::size_t size) { return counted(size); }
void* operator new(std::size_t size, std::nothrow_t const&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new(std::size_t size, std::align_val_t align) { return counted(size, align); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::nothrow_t const&) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

TEST_CASE("the batches of an epoch allocate nothing", "[trainer]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto state = test::initial_state(net);
  std::vector<long> after(6);
  std::size_t batches = 0;
  train::trainer trainer(exec::omp{.threads = 1}, net, test::small_data(images), test::small_options(2));
  long const before = allocations;
  trainer.run(state, {.batch = [&](auto const&) { after[batches++] = allocations; }});
  REQUIRE(batches == 6);
  REQUIRE(after[0] > before);  // the counter counts: a run copies the state, an epoch makes its order
  CHECK(after[1] == after[0]);
  CHECK(after[2] == after[0]);
  CHECK(after[4] == after[3]);
  CHECK(after[5] == after[3]);
  CHECK(after[3] - after[2] <= 2);  // between two epochs: the next order
}
