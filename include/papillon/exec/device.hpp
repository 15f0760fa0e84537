// SPDX-License-Identifier: MIT
/// \file device.hpp
/// launch(policy, kernel) runs a kernel under a device policy. For `emulated` and `emulated_threads` it is defined in
/// emulate.hpp; for `cuda` only declared here, and defined in exec/cuda_launch.cuh for the compiler of device code,
/// which instantiates it for the kernels that a .cu file lists: one that no file lists is a link error that names it. A
/// `device` is any of these policies, chosen at run time, so that code which launches kernels is compiled once.
/// Launches are started in order; wait() before the host reads what they wrote. They can also be recorded
/// (recording.hpp).
#pragma once

#include <functional>
#include <variant>

#include <papillon/error.hpp>
#include <papillon/exec/cuda_runtime.hpp>
#include <papillon/exec/emulate.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

/// Starts the kernel on the policy's stream and returns; throws papillon::error if the device refuses it.
template <block_kernel K> void launch(exec::cuda e, K const& k);

class device {
 public:
  /// A launch kept for later, of an emulated device: the kernel with its arguments as they were at the time, and what
  /// the kernel says of itself.
  struct kept_launch {
    std::function<void()> run;
    char const* name = "";
    cost work{};
  };
  using launch_list = std::vector<kept_launch>;

  /// Throws papillon::error: (failed) if the policy is `cuda` and there is no device, (usage) if the program has no
  /// CUDA.
  template <exec::device_policy E> device(E e) : policy_(e) {  // NOLINT: meant to be implicit
    if constexpr (std::same_as<E, exec::cuda>) {
      if constexpr (exec::cuda_available) cuda_runtime::require_device();
      else
        throw error(errc::usage,
            "this program has no CUDA (it was built without papillon::cuda) use emulated, omp or seq, or build "
            "with -DPAPILLON_CUDA=ON");
    }
  }

  template <block_kernel K> void launch(K const& k) const {
    if (k.blocks() == 0) return;
    if (recorded_ != nullptr) {
      device const here = with_recorder(nullptr);
      kept_launch kept{[here, k] { here.launch(k); }};
      if constexpr (requires { k.work(); }) kept.name = k.name(), kept.work = k.work();
      recorded_->push_back(std::move(kept));
      return;
    }
    if (auto const* e = std::get_if<exec::emulated>(&policy_)) exec::launch(*e, k);
    if (auto const* e = std::get_if<exec::emulated_threads>(&policy_)) exec::launch(*e, k);
    if constexpr (exec::cuda_available)
      if (auto const* e = std::get_if<exec::cuda>(&policy_)) exec::launch(*e, k);
  }

  /// Returns when all that was launched has run; throws papillon::error (failed) if some of it failed.
  void wait() const {
    if constexpr (exec::cuda_available)
      if (auto const* e = std::get_if<exec::cuda>(&policy_)) cuda_runtime::wait(*e);
  }

  friend bool operator==(device const& a, device const& b) { return a.policy_ == b.policy_; }

  /// The CUDA policy it stands for, or null: its memory is then the host's.
  [[nodiscard]] exec::cuda const* cuda() const { return std::get_if<exec::cuda>(&policy_); }

  /// The same device, whose launches go to a list instead (null: they run). For emulated devices.
  [[nodiscard]] device with_recorder(launch_list* list) const {
    device d = *this;
    d.recorded_ = list;
    return d;
  }

 private:
  std::variant<exec::emulated, exec::emulated_threads, exec::cuda> policy_;
  launch_list* recorded_ = nullptr;
};

}  // namespace papillon::exec
