// SPDX-License-Identifier: MIT
/// \file random_values.hpp
/// Numbers and supports for benchmarks, the same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <papillon/random/distributions.hpp>
#include <papillon/random/engine.hpp>
#include <papillon/structure/csr_mask.hpp>
#include <papillon/tensor/buffer.hpp>

namespace bench {

/// n values, uniform in [-1, 1).
inline papillon::buffer<float> random_values(std::size_t n, std::uint64_t item = 0) {
  papillon::random::engine draw({.what = papillon::random::purpose::test}, 0, item);
  papillon::buffer<float> values(n);
  for (float& v : values) v = papillon::random::uniform<float>(draw, -1.0f, 1.0f);
  return values;
}

/// A support in which every entry is kept with the given probability.
inline papillon::csr_mask random_support(int rows, int cols, double density) {
  papillon::random::engine draw({.what = papillon::random::purpose::test}, 0, 1);
  std::vector<std::uint8_t> keep(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
  for (auto& k : keep) k = papillon::random::uniform<double>(draw, 0.0, 1.0) < density ? 1 : 0;
  return papillon::csr_mask(rows, cols, keep);
}

}  // namespace bench
