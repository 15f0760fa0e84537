// SPDX-License-Identifier: MIT
/// \file concepts.hpp
/// What every sparsity structure answers: its shape and how many entries of it may be nonzero.
/// A structure says where coefficients may stand, never what they are. Each model asserts itself
/// in its own header; what is not a model, and why, is asserted here.
#pragma once

#include <concepts>
#include <type_traits>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA {

/// A number known at compile time that reads as a value, `W::nnz`, and as a call, `w.nnz()`:
/// a chain known at compile time then answers generic code just as a structure known at run time does.
template <auto Value>
struct constant {
  using value_type = decltype(Value);
  static constexpr value_type value = Value;
  PAPILLON_HD constexpr operator value_type() const noexcept { return Value; }  // NOLINT: meant to be implicit
  [[nodiscard]] PAPILLON_HD constexpr value_type operator()() const noexcept { return Value; }
};

/// A support of rows() x cols() entries whose weights are given by nnz() coefficients in all.
/// For a chain these are the coefficients of its factors, fewer or more than the nonzeros of the product.
template <class S>
concept structure = std::copyable<S> && requires(S const& s) {
  { s.rows() } -> std::same_as<int>;
  { s.cols() } -> std::same_as<int>;
  { s.nnz() } -> std::same_as<int>;
};

/// A structure whose support is a product of Kronecker-sparse factors, leftmost (output side) first.
/// factors() is a range of patterns that outlives the call.
template <class S>
concept factored_structure = structure<S> && requires(S const& s) {
  { s.depth() } -> std::convertible_to<int>;
  s.factors().size();
  { s.factors()[0].nnz() } -> std::same_as<int>;
};

/// A structure whose numbers are part of its type.
template <class S>
concept static_structure = structure<S> && std::is_empty_v<S> && requires {
  typename std::integral_constant<int, S::rows()>;
  typename std::integral_constant<int, S::cols()>;
  typename std::integral_constant<int, S::nnz()>;
};

namespace detail {
struct shape_without_count {
  int rows() const;
  int cols() const;
};
struct numbers_without_calls {
  int rows, cols, nnz;
};
}  // namespace detail

static_assert(!structure<int>);
static_assert(!structure<detail::shape_without_count>);    // where the nonzeros are is the point
static_assert(!structure<detail::numbers_without_calls>);  // data members alone do not answer a call

}  // namespace papillon
