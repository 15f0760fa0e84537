// SPDX-License-Identifier: MIT
// Runs one functor on the CUDA device; without a device it says so in one line and ends as the program papillon would.
#include <cstdio>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/exec/context.hpp>

int main() {
  try {
    papillon::exec::context const where(papillon::exec::cuda{});
    auto const x = where.make<float>(4);
    where.for_each(4, papillon::exec::zero_value<float>{x.data()});
    std::vector<float> values(4, 1);
    x.download(values);
    return values == std::vector<float>(4) ? 0 : 3;
  } catch (papillon::error const& e) {
    std::fprintf(stderr, "papillon: %s\n", e.what());
    return static_cast<int>(e.code());
  }
}
