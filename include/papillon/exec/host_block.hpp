// SPDX-License-Identifier: MIT
/// \file host_block.hpp
/// A thread block on the host, for the executors in emulate.hpp: it runs a range of a block's threads in a given order,
/// and waits for the others, if there are any, at the end of a phase.
#pragma once

#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <span>
#include <vector>

#include <papillon/exec/block.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

/// A barrier for a number of threads that may fall. Not std::barrier: waiting there goes through counters that all
/// barriers of a program share, which ThreadSanitizer takes for an order between threads of different blocks.
class host_barrier {
 public:
  explicit host_barrier(int threads) : threads_(threads) {}

  void arrive_and_wait() {
    std::unique_lock lock(mutex_);
    if (++arrived_ == threads_) return open();
    int const now = generation_;
    opened_.wait(lock, [&] { return generation_ != now; });
  }
  /// Never to come again, and not to be waited for.
  void leave() {
    std::lock_guard const lock(mutex_);
    if (arrived_ == --threads_) open();
  }

 private:
  void open() {
    arrived_ = 0;
    ++generation_;
    opened_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable opened_;
  int threads_, arrived_ = 0, generation_ = 0;
};

/// What the host threads that run one emulated block share besides the kernel's shared memory.
struct host_block_exchange {
  host_block_exchange(int block_threads, int host_threads)
      : barriers{host_barrier(host_threads), host_barrier(host_threads)},
        bytes(static_cast<std::size_t>(block_threads) * sizeof(double)) {}

  /// Used in turn. With one barrier, arriving at a barrier after a phase would order that phase before the next phase
  /// of a thread that has not yet left the barrier before, and so hide races from ThreadSanitizer.
  std::array<host_barrier, 2> barriers;
  std::vector<unsigned char> bytes;  ///< for sum_lanes, a number a thread
};

template <int Threads> class host_block {
 public:
  template <class T> class per_thread {
   public:
    [[nodiscard]] T& operator[](int t) { return v_[static_cast<std::size_t>(t)]; }

   private:
    std::array<T, Threads> v_{};
  };

  /// Runs the threads of `order`: all of the block's or some, while other host threads run the others.
  host_block(int index, std::span<int const> order, host_block_exchange& exchange)
      : index_(index), order_(order), exchange_(&exchange) {}

  [[nodiscard]] int index() const { return index_; }

  template <class F> void phase(F&& f) {
    phase_nosync(f);
    exchange_->barriers[turn_].arrive_and_wait();
    turn_ = 1 - turn_;
  }
  template <class F> void phase_nosync(F&& f) {
    for (int const t : order_) f(t);
  }

  template <class T, int N> void sum_lanes(per_thread<values<T, N>>& v) {
    for (int i = 0; i < N; ++i) sum_lanes_of<T>([&](int t) -> T& { return v[t][i]; });
  }
  template <class T> void sum_lanes(per_thread<T>& v) {
    sum_lanes_of<T>([&](int t) -> T& { return v[t]; });
  }

 private:
  /// v(t) becomes the sum over the warp of t: by halves, v[i] + v[i + 16] and so on, as a GPU's shuffles form it.
  template <class T, class Value> void sum_lanes_of(Value const& v) {
    static_assert(sizeof(T) <= sizeof(double));
    unsigned char* const slots = exchange_->bytes.data();
    phase([&](int t) { std::memcpy(slots + static_cast<std::size_t>(t) * sizeof(T), &v(t), sizeof(T)); });
    phase([&](int t) {
      std::array<T, warp> s;
      std::memcpy(s.data(), slots + static_cast<std::size_t>(t / warp * warp) * sizeof(T), sizeof s);
      for (std::size_t half = warp / 2; half > 0; half /= 2)
        for (std::size_t i = 0; i < half; ++i) s[i] += s[i + half];
      v(t) = s[0];
    });
  }

  int index_;
  std::span<int const> order_;
  host_block_exchange* exchange_;
  std::size_t turn_ = 0;
};

}  // namespace papillon::exec
