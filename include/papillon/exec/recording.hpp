// SPDX-License-Identifier: MIT
/// \file recording.hpp
/// A sequence of launches recorded once and replayed as one: a CUDA graph on the device, where starting many small
/// kernels one by one would take longer than running them. Under emulation the kernels are kept with the arguments they
/// were launched with, so that whatever a graph would not see change does not change there either.
#pragma once

#include <papillon/exec/device.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

class recording {
 public:
  recording() = default;
  /// Records what `sequence(device)` launches; nothing runs yet. Under cuda the device needs a stream of its own.
  template <class F> recording(device const& where, F&& sequence) : where_(where) {
    if constexpr (exec::cuda_available) {
      if (auto const* e = where.cuda()) {
        cuda_runtime::begin_recording(*e);
        try {
          sequence(where);
        } catch (...) {
          cuda_runtime::release_recording(cuda_runtime::end_recording(*e));
          throw;
        }
        graph_.reset(cuda_runtime::end_recording(*e));
        return;
      }
    }
    sequence(where.with_recorder(&launches_));
  }

  [[nodiscard]] bool empty() const { return graph_ == nullptr && launches_.empty(); }
  /// The launches, of an emulated device.
  [[nodiscard]] device::launch_list const& launches() const { return launches_; }
  /// Runs it, after what was launched before.
  void replay() const {
    if constexpr (exec::cuda_available)
      if (graph_ != nullptr) return cuda_runtime::replay(*where_.cuda(), graph_.get());
    for (auto const& launch : launches_) launch.run();
  }

 private:
  struct release {
    void operator()(void* graph) const {
      if constexpr (exec::cuda_available) cuda_runtime::release_recording(graph);
    }
  };

  device where_ = exec::emulated{};
  std::unique_ptr<void, release> graph_;
  device::launch_list launches_;
};

}  // namespace papillon::exec
