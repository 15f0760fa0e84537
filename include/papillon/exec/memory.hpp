// SPDX-License-Identifier: MIT
/// \file memory.hpp
/// Memory where work runs: on a CUDA device the device's, else the host's. Owned, not copyable; the pointer is for what
/// runs there, the host goes through upload() and download(). A device's fresh memory holds 0xFF, NaN as a number.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstring>

#include <papillon/exec/device.hpp>
#include <papillon/tensor/buffer.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

template <class T> class memory {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  memory() = default;
  memory(device const& where, std::size_t size) : where_(where), size_(size) {
    if constexpr (exec::cuda_available)
      if (where_.cuda() != nullptr)
        card_.reset(static_cast<T*>(cuda_runtime::allocate(std::max<std::size_t>(1, size * sizeof(T)))));
    if (card_ == nullptr) host_.resize(size);
    data_ = card_ != nullptr ? card_.get() : host_.data();
    fill_bytes(0xFF);
  }
  /// On the host, zeros.
  template <host_policy Host> memory(Host const&, std::size_t size) : size_(size), host_(size), data_(host_.data()) {}

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
    download_from(data_ + at, to);
  }
  /// The same from any address of the place that this memory is at.
  void download_from(T const* from, std::span<T> to) const {
    if (to.empty()) return;
    if constexpr (exec::cuda_available)
      if (auto const* e = where_.cuda()) return cuda_runtime::copy_to_host(*e, to.data(), from, to.size_bytes());
    std::copy_n(from, to.size(), to.begin());
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
  struct release {
    void operator()(T* p) const {
      if constexpr (exec::cuda_available) cuda_runtime::release(p);
    }
  };

  device where_ = exec::emulated{};
  std::size_t size_ = 0;
  std::unique_ptr<T, release> card_;
  buffer<T> host_;
  T* data_ = nullptr;
};

/// Values of the host's where work can read them: on a device a copy, else the values themselves, which then must stay.
template <class T> class resident {
 public:
  resident() = default;
  resident(device const& where, std::span<T const> values) : copy_(where, values.size()) {
    copy_.upload(values);
    data_ = copy_.data();
  }
  template <host_policy Host> resident(Host const&, std::span<T const> values) : data_(values.data()) {}

  [[nodiscard]] T const* data() const { return data_; }

 private:
  memory<T> copy_;
  T const* data_ = nullptr;
};

}  // namespace papillon::exec
