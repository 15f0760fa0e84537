// SPDX-License-Identifier: MIT
/// \file context.hpp
/// Where work runs, stated once: a context is made from a policy and handed to everything that keeps memory (runners,
/// trainers, evaluators, attacks), which from then on ask for no policy. It makes memory, runs functors and kernels,
/// records sequences of them and waits; on the host memory is a buffer and a recording the function itself. A cheap
/// value: copies share what they own (a stream of their own on a CUDA device).
#pragma once

#include <papillon/exec/for_each.hpp>
#include <papillon/exec/memory.hpp>
#include <papillon/exec/recording.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

/// What an algorithm is handed to run in: `seq` and `omp` as they are, `device` for all policies that run kernels.
template <class P> concept place = std::same_as<P, seq> || std::same_as<P, omp> || std::same_as<P, device>;

template <policy E> using place_of = std::conditional_t<device_policy<E>, device, E>;

/// Work that is run again and again.
template <place P> class recorded {
 public:
  recorded() = default;
  /// `sequence(place)` starts the work; on a device it is called now and its launches are kept, on the host at each
  /// run.
  template <class F> recorded(P const& where, F sequence) {
    if constexpr (std::same_as<P, device>)
      run_ = [kept = std::make_shared<recording>(where, sequence)] { kept->replay(); };
    else run_ = [where, sequence] { sequence(where); };
  }

  [[nodiscard]] bool empty() const { return !run_; }
  void run() const { run_(); }

 private:
  std::function<void()> run_;
};

template <policy E> class context {
  static_assert(!std::same_as<E, omp> || omp_available,
      "papillon::exec::context<omp>: this translation unit is compiled without OpenMP (add -fopenmp)");
  static_assert(!std::same_as<E, cuda> || cuda_available,
      "papillon::exec::context<cuda>: this program has no CUDA (link papillon::cuda, or use omp or emulated)");

 public:
  using policy_type = E;
  using place_type = place_of<E>;
  /// Of the networks that run here best; on a device the only one.
  template <class T> static constexpr int lanes = lanes_of<E, T>;

  /// Throws papillon::error (failed) if the policy needs a device and there is none.
  context(E policy = {}) : policy_(policy), where_(make_place()) {}  // NOLINT: meant to be implicit

  [[nodiscard]] E policy() const { return policy_; }
  /// What algorithms and layers are handed.
  [[nodiscard]] place_type const& place() const { return where_; }
  /// For what only the host does: files, shuffles, what is too small for a device.
  [[nodiscard]] auto host() const { return host_of(policy_); }

  /// Memory for `size` values, which must be written before it is read.
  template <class T> [[nodiscard]] memory<T> make(std::size_t size) const { return memory<T>(where_, size); }
  /// Values of the host's where work can read them: a copy on a device, else where they are, which then must stay.
  template <class T> [[nodiscard]] resident<T> keep(std::span<T const> values) const {
    return resident<T>(where_, values);
  }

  /// See exec/for_each.hpp.
  template <class F> void for_each(int count, F const& f) const { exec::for_each(where_, count, f); }
  /// Runs a kernel (exec/block.hpp).
  template <block_kernel K>
  requires(device_policy<E>) void launch(K const& k) const { where_.launch(k); }
  /// A sequence of for_each and launches on the place it is given, to be run many times.
  template <class F> [[nodiscard]] recorded<place_type> record(F&& sequence) const {
    return {where_, std::forward<F>(sequence)};
  }
  /// Returns when all that was started has run; throws papillon::error (failed) if some of it failed.
  void wait() const {
    if constexpr (device_policy<E>) where_.wait();
  }

 private:
  [[nodiscard]] place_type make_place() {
    if constexpr (std::same_as<E, omp>) {
      return omp{thread_count(policy_)};  // scratch is planned for them
    } else if constexpr (std::same_as<E, cuda>) {
      device const all(policy_);
      if (policy_.stream != nullptr) return all;
      // Of its own: on the default stream nothing can be recorded.
      stream_ = std::shared_ptr<cuda>(new cuda(cuda_runtime::make_stream()), [](cuda* s) {
        cuda_runtime::release_stream(*s);
        delete s;
      });
      return device(*stream_);
    } else {
      return policy_;
    }
  }

  E policy_;
  std::shared_ptr<cuda> stream_;
  place_type where_;
};

}  // namespace papillon::exec
