// SPDX-License-Identifier: MIT
// Runs one kernel on the CUDA device; without a device it says so in one line and ends as the program papillon would.
#include <cstdio>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/exec/memory.hpp>
#include <papillon/nn/kernels/elementwise.hpp>

int main() {
  try {
    papillon::exec::device const on = papillon::exec::cuda{};
    papillon::exec::memory<float> x(on, 4);
    papillon::nn::for_each_value(on, papillon::nn::set_zero<float>{x.data(), 4});
    std::vector<float> values(4, 1);
    x.download(values);
    return values == std::vector<float>(4) ? 0 : 3;
  } catch (papillon::error const& e) {
    std::fprintf(stderr, "papillon: %s\n", e.what());
    return static_cast<int>(e.code());
  }
}
