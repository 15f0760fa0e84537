// SPDX-License-Identifier: MIT
/// \file buffer.hpp
/// `buffer<T>`: a vector whose storage is aligned to a cache line and to the widest vector register; large ones ask for
/// huge pages.
#pragma once

#include <cstddef>
#include <new>
#include <vector>
#if defined(__linux__)
#  include <sys/mman.h>
#endif

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA {

template <class T> struct aligned_allocator {
  using value_type = T;
  aligned_allocator() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): as allocators are
  template <class U> constexpr aligned_allocator(aligned_allocator<U> const&) noexcept {}
  [[nodiscard]] T* allocate(std::size_t n) {
    void* const p = ::operator new (n * sizeof(T), std::align_val_t{alignment_of(n)});
#if defined(__linux__)
    // Streaming through 4 KiB pages costs a page walk every 64 lines; a hint, so failure does not matter.
    if (n * sizeof(T) >= huge_page) static_cast<void>(::madvise(p, n * sizeof(T), MADV_HUGEPAGE));
#endif
    return static_cast<T*>(p);
  }
  void deallocate(T* p, std::size_t n) noexcept { ::operator delete (p, std::align_val_t{alignment_of(n)}); }
  template <class U> friend constexpr bool operator==(aligned_allocator const&, aligned_allocator<U> const&) {
    return true;
  }

 private:
  static constexpr std::size_t huge_page = std::size_t{1} << 21;
  static constexpr std::size_t alignment_of(std::size_t n) {
    return n * sizeof(T) >= huge_page ? huge_page : static_cast<std::size_t>(alignment);
  }
};

template <class T> using buffer = std::vector<T, aligned_allocator<T>>;

}  // namespace papillon
