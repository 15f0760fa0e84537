// SPDX-License-Identifier: MIT
/// \file xtensor.hpp
/// xtensor arrays as matrix views, in place: one axis (a vector) or two (features x vectors), any strides.
#pragma once

#include <xtensor/xsemantic.hpp>

#include <papillon/error.hpp>
#include <papillon/tensor/matrix_view.hpp>

namespace papillon::inline PAPILLON_ISA {

namespace detail {
template <class X> concept strided_array = requires(X& x) {
  x.data();
  x.data_offset();
  x.strides();
  x.shape();
  x.dimension();
};

/// Throws papillon::error (usage) for other than one or two axes.
template <strided_array X> [[nodiscard]] auto xtensor_view(X& x) {
  using element = std::remove_reference_t<decltype(*(x.data()))>;
  auto const n = [](auto v) { return static_cast<std::ptrdiff_t>(v); };
  if (x.dimension() < 1 || x.dimension() > 2)
    throw error(errc::usage, message("xtensor array of ", x.dimension(),
                                 " axes is no matrix (one axis, a vector, or two, features x vectors, are wanted)"));
  bool const vector = x.dimension() == 1;
  // xtensor sets the stride of an axis of length 1 to zero, which no element ever uses.
  return matrix_view<element>{&*(x.data() + x.data_offset()), n(x.shape()[0]), vector ? 1 : n(x.shape()[1]),
      n(x.strides()[0]), vector ? 0 : n(x.strides()[1])};
}
}  // namespace detail

template <class D>
requires detail::strided_array<D>
[[nodiscard]] auto view_of(matrix_view_tag, xt::xexpression<D>& x) { return detail::xtensor_view(x.derived_cast()); }
template <class D>
requires detail::strided_array<D const>
[[nodiscard]] auto view_of(matrix_view_tag, xt::xexpression<D> const& x) {
  return detail::xtensor_view(x.derived_cast());
}

}  // namespace papillon
