// SPDX-License-Identifier: MIT
/// \file concepts.hpp
/// What operators and layers ask of a structure: the factors of W = K_1 ... K_L, and of a factor its shape, how many
/// coefficients it stores, and which of them stands where. It says where coefficients may stand, never what they are.
/// A type of four functions is a structure (docs/how-to/add-a-structure.md). Each model asserts itself in its own
/// header; what is not a model, and why, is asserted here.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA {

/// A number known at compile time that reads as a value, `W::nnz`, and as a call, `w.nnz()`:
/// a chain known at compile time then answers generic code just as a structure known at run time does.
template <auto Value> struct constant {
  using value_type = decltype(Value);
  static constexpr value_type value = Value;
  PAPILLON_HD constexpr operator value_type() const noexcept { return Value; }  // NOLINT: meant to be implicit
  [[nodiscard]] PAPILLON_HD constexpr value_type operator()() const noexcept { return Value; }
};

namespace detail {
/// Any f(row, col, index).
struct nonzero_visitor {
  void operator()(int row, int col, int index) const;
};
}  // namespace detail

/// A rows() x cols() support. for_each_nonzero(f) calls f(row, col, index) once for every entry that may be nonzero,
/// always in the same order; index, 0 <= index < storage(), is the place of its coefficient among those stored. No two
/// entries share one; a place without an entry stays zero.
template <class F> concept structure_factor = std::copyable<F> && requires(F const& f, detail::nonzero_visitor visit) {
  { f.rows() } -> std::same_as<int>;
  { f.cols() } -> std::same_as<int>;
  { f.storage() } -> std::same_as<int>;
  f.for_each_nonzero(visit);
};

namespace detail {
/// Several factors: factors() is an array, a span or a vector of them, which outlives the call.
template <class S> concept names_factors = requires(S const& s) {
  s.factors().size();
  s.factors()[std::size_t{}];
};

template <class S> struct factor_type { using type = S; };
template <names_factors S> struct factor_type<S> {
  using type = std::remove_cvref_t<decltype(std::declval<S const&>().factors()[std::size_t{}])>;
};
}  // namespace detail

/// The type of a structure's factors: S itself where it is one factor.
template <class S> using factor_of = typename detail::factor_type<S>::type;

/// A factor, or a product of rows() x cols() of the factors that factors() gives, leftmost (output side) first. Its
/// coefficients are those of its factors one after the other, in that order.
template <class S> concept structure = std::copyable<S> && requires(S const& s) {
  { s.rows() } -> std::same_as<int>;
  { s.cols() } -> std::same_as<int>;
} && structure_factor<factor_of<S>>;

/// A structure whose factors are Kronecker-sparse (structure/pattern.hpp): `chain` and `runtime_chain`.
template <class S>
concept chain_structure = structure<S> && detail::names_factors<S> && requires(factor_of<S> const& p) {
  p.a, p.b, p.c, p.d;
};

/// The factors of a structure, leftmost (output side) first: a range that refers to it.
template <structure S> [[nodiscard]] constexpr decltype(auto) factors_of(S const& s) {
  if constexpr (detail::names_factors<S>) return s.factors();
  else return std::span<S const, 1>(&s, 1);
}
template <structure S>
requires(!detail::names_factors<S>) void factors_of(S const&&) = delete;  // nothing would be left to refer to

namespace detail {
struct shape_without_nonzeros {
  int rows() const;
  int cols() const;
  int storage() const;
};
struct numbers_without_calls {
  int rows, cols, storage;
  template <class F> void for_each_nonzero(F&& f) const;
};
}  // namespace detail

static_assert(!structure<int>);
static_assert(!structure<detail::shape_without_nonzeros>);  // where the nonzeros are is the point
static_assert(!structure<detail::numbers_without_calls>);   // data members alone do not answer a call

}  // namespace papillon
