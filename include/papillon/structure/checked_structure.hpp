// SPDX-License-Identifier: MIT
/// \file checked_structure.hpp
/// The structure that a template is given, checked: for what is none, one message a function that is missing, and no
/// other. The template goes on with a stand-in, so that what it would have done with the functions is not reported too.
#pragma once

#include <concepts>

#include <papillon/structure/concepts.hpp>

namespace papillon::inline PAPILLON_ISA {

namespace detail {

/// Made of anything, and a structure.
struct stand_in_structure {
  template <class... A> stand_in_structure(A const&...) {}  // NOLINT: meant to be implicit
  [[nodiscard]] int rows() const { return 1; }
  [[nodiscard]] int cols() const { return 1; }
  [[nodiscard]] int storage() const { return 1; }
  template <class F> void for_each_nonzero(F&& f) const { f(0, 0, 0); }
};
static_assert(structure<stand_in_structure>);

template <class F> struct check_factor_functions {
  static_assert(std::copyable<F>, "papillon: a structure can be copied and assigned");
  static_assert(
      requires(F const& f) {
        { f.rows() } -> std::same_as<int>;
      },
      "papillon: a structure needs `int rows() const`");
  static_assert(
      requires(F const& f) {
        { f.cols() } -> std::same_as<int>;
      },
      "papillon: a structure needs `int cols() const`");
  static_assert(
      requires(F const& f) {
        { f.storage() } -> std::same_as<int>;
      },
      "papillon: a structure needs `int storage() const`, its number of coefficients (or factors(), if it has "
      "several)");
  static_assert(
      requires(F const& f, nonzero_visitor visit) { f.for_each_nonzero(visit); },
      "papillon: a structure needs `template <class F> void for_each_nonzero(F&& f) const`, which calls "
      "f(row, col, index) for every nonzero (or factors(), if it has several)");
};

template <class S> struct check_structure : check_factor_functions<factor_of<S>> {
  static_assert(structure<S> || !structure_factor<factor_of<S>>,
      "papillon: a structure of several factors can be copied, and needs `int rows() const` and `int cols() const`");
  using type = std::conditional_t<structure<S>, S, stand_in_structure>;
};

}  // namespace detail

/// S, which must be a structure.
template <class S> using checked_structure = typename detail::check_structure<S>::type;

}  // namespace papillon
