// SPDX-License-Identifier: MIT
#include <papillon/structure/smallest_monotone.hpp>
#include <papillon/version.hpp>

#include <cstdio>

int main() {
  using weight = papillon::smallest_monotone<64, 576, 2>;
  std::printf("papillon %s: %d coefficients\n", PAPILLON_VERSION, weight::nnz());
  return weight::nnz == 3200 ? 0 : 1;
}
