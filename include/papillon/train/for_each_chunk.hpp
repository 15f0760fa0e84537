// SPDX-License-Identifier: MIT
/// \file for_each_chunk.hpp
/// A loop over the entries of flat buffers under a policy, in chunks of a fixed size: the optimisers' loop.
/// Chunks are independent of the number of threads.
#pragma once

#include <algorithm>
#include <cstddef>

#include <papillon/exec/parallel.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// Calls f(begin, end) for consecutive ranges that cover [0, size). f must not throw.
template <exec::policy Policy, class F>
void for_each_chunk(Policy const& policy, std::size_t size, F const& f) {
  constexpr std::size_t chunk = 8192;  // 32 KiB of float: several chunks a thread, each long against a thread's start
  auto const chunks = static_cast<int>((size + chunk - 1) / chunk);
  exec::parallel_for(policy, chunks, [&](int c, int) {
    std::size_t const begin = static_cast<std::size_t>(c) * chunk;
    f(begin, std::min(size, begin + chunk));
  });
}

}  // namespace papillon::train
