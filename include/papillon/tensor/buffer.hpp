// SPDX-License-Identifier: MIT
/// \file buffer.hpp
/// `buffer<T>`: a vector whose storage is aligned to a cache line and to the widest vector register.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include <papillon/config.hpp>

namespace papillon {

template <class T>
struct aligned_allocator {
  using value_type = T;
  aligned_allocator() = default;
  template <class U>
  constexpr aligned_allocator(aligned_allocator<U> const&) noexcept {}
  [[nodiscard]] T* allocate(std::size_t n) {
    return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t{static_cast<std::size_t>(alignment)}));
  }
  void deallocate(T* p, std::size_t) noexcept {
    ::operator delete(p, std::align_val_t{static_cast<std::size_t>(alignment)});
  }
  template <class U>
  friend constexpr bool operator==(aligned_allocator const&, aligned_allocator<U> const&) { return true; }
};

template <class T>
using buffer = std::vector<T, aligned_allocator<T>>;

}  // namespace papillon
