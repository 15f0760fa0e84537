// SPDX-License-Identifier: MIT
/// \file memory.hpp
/// Memory that kernels read and write: on a CUDA device the device's, under emulation the host's. Owned, not copyable;
/// the pointer is for kernels, the host goes through upload() and download(). Fresh memory holds 0xFF, NaN as a number.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

#include <papillon/exec/device.hpp>
#include <papillon/tensor/buffer.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

template <class T>
class memory {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  memory() = default;
  memory(device const& where, std::size_t size) : where_(where), size_(size) {
    if constexpr (exec::cuda_available) {
      if (where_.cuda() != nullptr) {
        data_ = static_cast<T*>(cuda_runtime::allocate(std::max<std::size_t>(1, size * sizeof(T))));
        fill_bytes(0xFF);
        return;
      }
    }
    host_.resize(size);
    data_ = host_.data();
    fill_bytes(0xFF);
  }
  memory(memory&& o) noexcept { swap(o); }
  memory& operator=(memory&& o) noexcept {
    swap(o);
    return *this;
  }
  ~memory() {
    if constexpr (exec::cuda_available)
      if (where_.cuda() != nullptr) cuda_runtime::release(data_);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  /// For kernels on the same device.
  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] std::span<T> view() const { return {data_, size_}; }

  /// Copies host values to the elements from `at` on.
  void upload(std::span<T const> from, std::size_t at = 0) const {
    assert(at + from.size() <= size_);
    if (from.empty()) return;
    if constexpr (exec::cuda_available)
      if (auto const* e = where_.cuda())
        return cuda_runtime::copy_to_device(*e, data_ + at, from.data(), from.size_bytes());
    std::copy(from.begin(), from.end(), data_ + at);
  }
  /// Copies elements from `at` on to the host, after all that was launched before.
  void download(std::span<T> to, std::size_t at = 0) const {
    assert(at + to.size() <= size_);
    if (to.empty()) return;
    if constexpr (exec::cuda_available)
      if (auto const* e = where_.cuda()) return cuda_runtime::copy_to_host(*e, to.data(), data_ + at, to.size_bytes());
    std::copy_n(data_ + at, to.size(), to.begin());
  }
  /// All bits zero, after what was launched before and before what is launched next. Not part of a recording.
  void clear() const { fill_bytes(0); }

 private:
  void fill_bytes(int byte) const {
    if (size_ == 0) return;
    if constexpr (exec::cuda_available)
      if (auto const* e = where_.cuda()) return cuda_runtime::fill_bytes(*e, data_, byte, size_ * sizeof(T));
    std::memset(static_cast<void*>(data_), byte, size_ * sizeof(T));
  }
  void swap(memory& o) noexcept {
    std::swap(where_, o.where_);
    std::swap(size_, o.size_);
    std::swap(data_, o.data_);
    std::swap(host_, o.host_);
  }

  device where_ = exec::emulated{};
  std::size_t size_ = 0;
  T* data_ = nullptr;
  buffer<T> host_;
};

}  // namespace papillon::exec
