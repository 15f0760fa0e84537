// SPDX-License-Identifier: MIT
/// \file scratch.hpp
/// `scratch<T>`: memory that a constant object lends to its calls and keeps between them, so that only the first call
/// allocates; uninitialised and aligned as a buffer. Calls at the same time get memory of their own.
#pragma once

#include <atomic>
#include <memory>
#include <type_traits>
#include <utility>

#include <papillon/tensor/buffer.hpp>

namespace papillon::inline PAPILLON_ISA {

template <class T> class scratch {
  static_assert(std::is_trivially_copyable_v<T>);

  struct block {
    explicit block(std::size_t n) : values(aligned_allocator<T>{}.allocate(n)), size(n) {}
    block(block const&) = delete;
    ~block() { aligned_allocator<T>{}.deallocate(values, size); }
    T* values;
    std::size_t size;
  };

 public:
  scratch() = default;
  /// Memory is not part of the value: a copy begins with none.
  scratch(scratch const&) noexcept {}
  scratch& operator=(scratch const&) noexcept { return *this; }
  ~scratch() { delete kept_.load(); }

  /// A call's memory, which goes back at its end.
  class lease {
   public:
    lease(scratch const& owner, std::size_t values) : owner_(owner), block_(owner.kept_.exchange(nullptr)) {
      if (block_ == nullptr || block_->size < values) block_ = std::make_unique<block>(values);
    }
    lease(lease const&) = delete;
    ~lease() { block_.reset(owner_.kept_.exchange(block_.release())); }
    [[nodiscard]] T* data() const { return block_->values; }

   private:
    scratch const& owner_;
    std::unique_ptr<block> block_;
  };

  [[nodiscard]] lease borrow(std::size_t values) const { return {*this, values}; }

 private:
  mutable std::atomic<block*> kept_ = nullptr;
};

}  // namespace papillon
