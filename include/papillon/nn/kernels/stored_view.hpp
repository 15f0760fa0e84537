// SPDX-License-Identifier: MIT
/// \file stored_view.hpp
/// A batch of images as it lies in memory between two layers in training: as tensor_view has it, or (floats only, with
/// storage::half) packed at 16 bits a value, `activations` as f16 and `derivatives` as bf16, whose range gradients
/// need. Arithmetic is in T either way: registers are widened as they are read and rounded as they are written.
#pragma once

#include <cassert>

#include <papillon/tensor/narrow.hpp>
#include <papillon/tensor/tensor_view.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// How a training under `omp` keeps what layers pass on: in T, or in 16 bits where layers by rows alone see it.
enum class storage { full, half };

/// Some neighbouring registers of it. Whether they are narrow is the same for a whole pass: branches on it cost
/// nothing.
template <class T, int L, class Narrow> struct stored_row {
  using value = std::remove_const_t<T>;
  using narrow_type = std::conditional_t<std::is_const_v<T>, std::uint16_t const, std::uint16_t>;
  static constexpr bool may_be_narrow = std::is_same_v<value, float>;

  T* full = nullptr;
  narrow_type* narrow = nullptr;

  [[nodiscard]] explicit operator bool() const { return full != nullptr || narrow != nullptr; }
  /// Register i.
  [[nodiscard]] PAPILLON_ALWAYS_INLINE vec<value, L> operator[](int i) const {
    vec<value, L> v;  // a variable is returned for g++'s sake, see tensor/narrow.hpp
    if constexpr (may_be_narrow)
      if (narrow != nullptr) {
        vec<value, L> const wide = Narrow::template widen<L>(load<L>(narrow + static_cast<std::ptrdiff_t>(i) * L));
        std::memcpy(&v, &wide, sizeof v);
        return v;
      }
    std::memcpy(&v, full + static_cast<std::ptrdiff_t>(i) * L, sizeof v);
    return v;
  }
  /// Writes v, which becomes what a reader will find.
  PAPILLON_ALWAYS_INLINE void put(int i, vec<value, L>& v) const {
    write(
        i, v, [](auto* to, auto const& bits) { store<L>(to, bits); });
  }
  /// The same past the caches.
  PAPILLON_ALWAYS_INLINE void put_streaming(int i, vec<value, L>& v) const {
    write(
        i, v, [](auto* to, auto const& bits) { store_streaming<L>(to, bits); });
  }
  /// v as a reader would find it.
  PAPILLON_ALWAYS_INLINE void round(vec<value, L>& v) const {
    if constexpr (may_be_narrow)
      if (narrow != nullptr) v = Narrow::template widen<L>(Narrow::template narrow<L>(v));
  }

 private:
  template <class Store> PAPILLON_ALWAYS_INLINE void write(int i, vec<value, L>& v, Store const& store) const {
    if constexpr (may_be_narrow)
      if (narrow != nullptr) {
        auto const bits = Narrow::template narrow<L>(v);
        store(narrow + static_cast<std::ptrdiff_t>(i) * L, bits);
        v = Narrow::template widen<L>(bits);
        return;
      }
    store(full + static_cast<std::ptrdiff_t>(i) * L, v);
  }
};

template <class T, int L, class Narrow> class stored_view {
 public:
  using row_type = stored_row<T, L, Narrow>;

  stored_view() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): what is kept in full is such a view as it stands
  stored_view(tensor_view<T, L> full) : view_(full) {}
  template <class U>
  // NOLINTNEXTLINE(google-explicit-constructor)
  requires(std::is_same_v<U const, T>) stored_view(tensor_view<U, L> full) : view_(full) {}
  /// Packed, 16 bits a value.
  stored_view(typename row_type::narrow_type* narrow, shape extent, int images)
      : view_(nullptr, extent, images), narrow_(narrow) {}
  /// A view of constants from a view of variables.
  template <class U>
  // NOLINTNEXTLINE(google-explicit-constructor)
  requires(std::is_same_v<U const, T>) stored_view(stored_view<U, L, Narrow> const& o)
      : view_(o.view_), narrow_(o.narrow_) {}

  [[nodiscard]] shape extent() const { return view_.extent(); }
  [[nodiscard]] int images() const { return view_.images(); }
  [[nodiscard]] int blocks() const { return view_.blocks(); }
  [[nodiscard]] int images_in(int b) const { return view_.images_in(b); }
  [[nodiscard]] bool empty() const { return view_.empty() && narrow_ == nullptr; }
  /// For a layer that knows nothing of narrow values.
  [[nodiscard]] tensor_view<T, L> full() const {
    assert(narrow_ == nullptr);
    return view_;
  }

  /// From pixel 0 of row y of channel c of a block on, to the block's end.
  [[nodiscard]] row_type row(int block, int c, int y) const {
    auto const at = static_cast<std::ptrdiff_t>(extent().row(c, y, 0)) * L;
    if (narrow_ != nullptr) return {nullptr, narrow_ + static_cast<std::ptrdiff_t>(extent().size()) * L * block + at};
    return {view_.block(block) + at, nullptr};
  }

 private:
  template <class U, int M, class N> friend class stored_view;

  tensor_view<T, L> view_;
  typename row_type::narrow_type* narrow_ = nullptr;
};

/// Outputs of layers; their derivatives.
template <class T, int L> using activations = stored_view<T, L, f16>;
template <class T, int L> using derivatives = stored_view<T, L, bf16>;

}  // namespace papillon::nn

#pragma GCC diagnostic pop
