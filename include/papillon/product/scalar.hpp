// SPDX-License-Identifier: MIT
/// \file scalar.hpp
/// What operators need to know of their scalars, real or complex: the real type beneath, the conjugate, |x|^2.
#pragma once

#include <complex>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::product {

template <class T> inline constexpr bool is_complex = false;
template <class R> inline constexpr bool is_complex<std::complex<R>> = true;

namespace detail {
template <class T> struct real_of { using type = T; };
template <class R> struct real_of<std::complex<R>> { using type = R; };
}  // namespace detail

/// double for std::complex<double>, T for any other T.
template <class T> using real_of = typename detail::real_of<T>::type;

/// The complex conjugate; x itself where x is real.
template <class T> [[nodiscard]] constexpr T conjugate(T x) { return x; }
template <class R> [[nodiscard]] constexpr std::complex<R> conjugate(std::complex<R> x) {
  return {x.real(), -x.imag()};
}

/// |x|^2
template <class T> [[nodiscard]] constexpr real_of<T> squared(T x) {
  if constexpr (is_complex<T>) return x.real() * x.real() + x.imag() * x.imag();
  else return x * x;
}

}  // namespace papillon::product
