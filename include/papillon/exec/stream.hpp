// SPDX-License-Identifier: MIT
/// \file stream.hpp
/// A stream of its own on a device: launches of different streams do not wait for each other, and only on such a stream can
/// launches be recorded. Under emulation there are no streams, and it is the device itself.
#pragma once

#include <papillon/exec/device.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

class stream {
 public:
  explicit stream(device const& where) : where_(where) {
    if constexpr (exec::cuda_available) {
      if (where.cuda() != nullptr) {
        own_ = cuda_runtime::make_stream();
        where_ = own_;
      }
    }
  }
  stream(stream const&) = delete;
  stream& operator=(stream const&) = delete;
  ~stream() {
    if constexpr (exec::cuda_available)
      if (own_.stream != nullptr) cuda_runtime::release_stream(own_);
  }

  /// The device with this stream.
  [[nodiscard]] device const& on() const { return where_; }

 private:
  device where_;
  exec::cuda own_{};
};

}  // namespace papillon::exec
