// SPDX-License-Identifier: MIT
/// \file emulate.hpp
/// Kernels on the host, for tests and for machines without a GPU. Shared memory is filled with 0xFF before every block:
/// NaN in every floating-point type, so that reading what nobody wrote shows. Accesses outside a shared_array throw.
#pragma once

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <numeric>
#include <thread>

#include <papillon/exec/host_block.hpp>
#include <papillon/exec/policy.hpp>
#include <papillon/random/distributions.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

namespace detail {
/// A byte pattern that is NaN in every floating-point type.
inline void poison(void* p, std::size_t bytes) { std::memset(p, 0xFF, bytes); }

[[nodiscard]] inline std::vector<int> numbers_up_to(int n) {
  std::vector<int> v(static_cast<std::size_t>(n));
  std::iota(v.begin(), v.end(), 0);
  return v;
}
inline void shuffle(random::engine& draw, std::vector<int>& v) {
  for (std::size_t n = v.size(); n > 1; --n) std::swap(v[n - 1], v[random::below(draw, static_cast<std::uint32_t>(n))]);
}
}  // namespace detail

/// Runs the blocks one after another, and each phase of a block thread after thread; blocks and threads in the policy's
/// order.
template <block_kernel K> void launch(exec::emulated e, K const& k) {
  using enum exec::emulated::thread_order;
  std::vector<int> blocks = detail::numbers_up_to(k.blocks()), threads = detail::numbers_up_to(K::threads);
  random::engine draw({.seed = e.seed});
  if (e.order == reverse) {
    std::reverse(blocks.begin(), blocks.end());
    std::reverse(threads.begin(), threads.end());
  } else if (e.order == shuffled) {
    detail::shuffle(draw, blocks);
  }
  auto const shared = std::make_unique_for_overwrite<typename K::shared>();
  host_block_exchange exchange(K::threads, 1);
  for (int const b : blocks) {
    if (e.order == shuffled) detail::shuffle(draw, threads);
    detail::poison(shared.get(), sizeof *shared);
    host_block<K::threads> block(b, threads, exchange);
    k(block, *shared);
  }
}

/// Runs every thread of a block as a std::thread, and as many blocks at a time as the policy says. What a thread throws
/// comes out of launch() when all have ended.
template <block_kernel K> void launch(exec::emulated_threads e, K const& k) {
  struct place {
    host_block_exchange exchange{K::threads, K::threads};
    typename K::shared shared;
  };
  int const workers = std::min(std::max(1, e.workers), std::max(1, k.blocks()));
  std::vector<int> const order = detail::numbers_up_to(K::threads);
  std::vector<std::unique_ptr<place>> places;
  for (int w = 0; w < workers; ++w) places.push_back(std::make_unique<place>());
  std::exception_ptr problem;
  std::mutex problem_mutex;
  auto const run = [&](int worker, int thread) {
    place& here = *places[static_cast<std::size_t>(worker)];
    auto& barriers = here.exchange.barriers;
    try {
      for (int b = worker; b < k.blocks(); b += workers) {
        if (thread == 0) detail::poison(&here.shared, sizeof here.shared);
        barriers[0].arrive_and_wait();
        barriers[1].arrive_and_wait();
        host_block<K::threads> block(b, std::span(order).subspan(static_cast<std::size_t>(thread), 1), here.exchange);
        k(block, here.shared);
        barriers[0].arrive_and_wait();  // nobody poisons while another still reads
        barriers[1].arrive_and_wait();
      }
    } catch (...) {
      std::lock_guard const lock(problem_mutex);
      if (!problem) problem = std::current_exception();
    }
    barriers[0].leave();
    barriers[1].leave();
  };
  std::vector<std::thread> team;
  for (int w = 0; w < workers; ++w)
    for (int t = 0; t < K::threads; ++t) team.emplace_back(run, w, t);
  for (std::thread& member : team) member.join();
  if (problem) std::rethrow_exception(problem);
}

}  // namespace papillon::exec
