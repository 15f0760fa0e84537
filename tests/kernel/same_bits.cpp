// SPDX-License-Identifier: MIT
// Where kernels add in the order of the reference, both give the same bits: forward products of every structure and linear
// layers. Compiled with -ffp-contract=off, without which a compiler may fuse a product and a sum in one and not in the other.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

#include <papillon/ops/convolution.hpp>
#include <papillon/ops/device/structured_product.hpp>
#include <papillon/ops/linear.hpp>
#include <papillon/structure/smallest_monotone.hpp>

#include "ops/support.hpp"

using namespace papillon;

namespace {

constexpr int L = exec::device_lanes;
int failures = 0;

template <class Structure>
void check(char const* what, ops::convolution_geometry const& g, Structure const& w, bool bias = false) {
  std::size_t weights = 0;
  for (auto const& f : ops::factors_of(w)) weights += ops::storage_of(f);
  auto parameters = test::noise<float>(weights + (bias ? static_cast<std::size_t>(g.outputs) : 0), 1);
  if constexpr (std::is_same_v<Structure, ops::masked>) {
    auto const support = papillon::support(*w.support);
    for (std::size_t i = 0; i < support.size(); ++i) parameters[i] *= static_cast<float>(support[i]);
  }
  std::span<float const> const all(parameters);
  std::vector<int> tables;
  ops::device::structured_product const product(g, w, bias, tables);
  for (int images : {1, 17, 40}) {
    std::vector<float> scratch(product.scratch(images, false));
    auto const x = test::noise_tensor<float, L>(g.input, images, 2);
    tensor<float, L> want(g.output(), images), got = want;
    if (bias) ops::linear_forward<float, L>(exec::seq{}, w, all.first(weights), all.subspan(weights), x.cview(), want.view());
    else ops::convolution_forward<float, L>(exec::seq{}, g, w, all, x.cview(), want.view());
    product.forward(kernel::device(exec::emulated{}), tables.data(), parameters.data(), x.storage().data(), got.storage().data(), images, scratch.data());
    if (std::equal(want.storage().begin(), want.storage().end(), got.storage().begin())) continue;
    std::printf("FAILED: %s with %d images\n", what, images);
    ++failures;
  }
}

csr_mask mask_of(int rows, int cols, float density) {
  std::vector<std::uint8_t> keep;
  for (float const n : test::noise<float>(static_cast<std::size_t>(rows * cols), 9)) keep.push_back(n < 2 * density - 1);
  return {rows, cols, keep};
}

}  // namespace

int main() {
  check("dense", {{3, 5, 6}, 8}, dense(8, 27));
  check("dense, stride 2", {{3, 5, 4}, 5, 3, 2, 1}, dense(5, 27));
  csr_mask const sparse = mask_of(6, 27, 0.1f), full = mask_of(6, 27, 0.7f);
  check("masked", {{3, 4, 6}, 6}, ops::masked{&sparse});
  check("masked, multiplied in full", {{3, 4, 6}, 6}, ops::masked{&full});
  check("chain of two", {{4, 5, 4}, 8}, make_smallest_monotone(8, 36, 2));
  check("chain of three, stride 2", {{4, 5, 4}, 8, 3, 2, 1}, make_smallest_monotone(8, 36, 3));
  check("linear", {{7, 1, 1}, 10, 1, 1, 0}, dense(10, 7), true);
  std::printf("%d failures\n", failures);
  return failures;
}
