// SPDX-License-Identifier: MIT
/// \file scratch.hpp
/// `scratch<T>`: values for the duration of a call, uninitialised and aligned as a buffer; few of them lie on the stack.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

#include <papillon/config.hpp>

namespace papillon {

template <class T>
class scratch {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit scratch(std::size_t values) {
    if (values * sizeof(T) > sizeof here_) elsewhere_.reset(static_cast<T*>(::operator new(values * sizeof(T), std::align_val_t{alignment})));
  }
  [[nodiscard]] T* data() { return elsewhere_ ? elsewhere_.get() : reinterpret_cast<T*>(here_); }

 private:
  struct release {
    void operator()(T* p) const { ::operator delete(p, std::align_val_t{alignment}); }
  };
  alignas(alignment) std::byte here_[1 << 13];
  std::unique_ptr<T, release> elsewhere_;
};

}  // namespace papillon
