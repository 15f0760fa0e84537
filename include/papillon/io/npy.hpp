// SPDX-License-Identifier: MIT
/// \file npy.hpp
/// NumPy's .npy files of float and double as xtensor arrays; C order, little-endian. Reading is strict: a short file,
/// bytes left over, another type or order are papillon::error(errc::bad_input), before the array is made. Writing is
/// atomic. Source: NumPy enhancement proposal 1, "A simple file format for NumPy arrays", versions 1.0 to 3.0.
#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <concepts>
#include <cstring>
#include <filesystem>
#include <limits>

#include <xtensor/xarray.hpp>

#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

namespace papillon::inline PAPILLON_ISA::io {

namespace detail {

template <std::floating_point T> inline constexpr std::string_view npy_type = sizeof(T) == 4 ? "<f4" : "<f8";

/// What follows 'key': in the header's Python dictionary; empty if the key is not there.
inline std::string_view npy_value(std::string_view header, std::string const& key) {
  auto const at = header.find("'" + key + "':");
  return at == std::string_view::npos ? std::string_view{} : header.substr(at + key.size() + 3);
}

/// The sizes of a Python tuple; false if it is none.
inline bool npy_shape(std::string_view text, std::vector<std::size_t>& shape) {
  auto const close = text.find(')');
  if (!text.starts_with('(') || close == std::string_view::npos) return false;
  char const* const end = text.data() + close;
  for (char const* p = text.data() + 1; p != end;) {
    auto const [next, code] = std::from_chars(p, end, shape.emplace_back());
    if (code != std::errc{} || (next != end && *next != ',')) return false;
    p = next == end ? end : next + 1;
  }
  return true;
}

}  // namespace detail

/// The array in the file, of the very type T.
template <std::floating_point T> [[nodiscard]] xt::xarray<T> read_npy(std::filesystem::path const& path) {
  static_assert(std::endian::native == std::endian::little, "papillon::io::read_npy: little-endian machines only");
  auto fail = [&](std::string const& why) {
    throw error(errc::bad_input, message(path.string(), " cannot be used (", why, ") write it with numpy.save"));
  };
  auto const file = read_file<std::string>(path);
  std::string_view rest = file;
  if (!rest.starts_with("\x93NUMPY") || rest.size() < 12) fail("it is no npy file");
  int const version = rest[6];
  if (version < 1 || version > 3) fail(message("it is of npy version ", version, ", not 1 to 3"));
  std::size_t const digits = version == 1 ? 2 : 4;
  std::size_t length = 0;
  for (std::size_t i = 0; i < digits; ++i)
    length |= static_cast<std::size_t>(static_cast<unsigned char>(rest[8 + i])) << 8 * i;
  rest.remove_prefix(8 + digits);
  if (length > rest.size()) fail("it ends within its header");
  std::string header;  // without the spaces after a separator, which some writers leave out
  for (char const c : rest.substr(0, length))
    if (c != ' ' || header.empty() || std::string_view(":,(").find(header.back()) == std::string_view::npos)
      header += c;
  rest.remove_prefix(length);

  std::string const type(detail::npy_type<T>);
  if (!detail::npy_value(header, "descr").starts_with("'" + type + "'")) fail("its type is not " + type);
  if (!detail::npy_value(header, "fortran_order").starts_with("False")) fail("it is not in C order");
  std::vector<std::size_t> shape;
  if (!detail::npy_shape(detail::npy_value(header, "shape"), shape)) fail("its shape cannot be read");
  std::size_t count = 1;
  for (std::size_t const d : shape) {
    if (d != 0 && count > std::numeric_limits<std::size_t>::max() / sizeof(T) / d) fail("its shape is absurd");
    count *= d;
  }
  if (count * sizeof(T) != rest.size())
    fail(message("its shape needs ", count * sizeof(T), " bytes of data, it has ", rest.size()));
  auto array = xt::xarray<T>::from_shape(shape);
  if (count > 0) std::memcpy(array.data(), rest.data(), rest.size());
  return array;
}

/// Writes any xtensor expression of float or double (version 1.0, C order), atomically.
template <class E> void write_npy(std::filesystem::path const& path, xt::xexpression<E> const& expression) {
  using T = typename E::value_type;
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "papillon::io::write_npy: float or double");
  xt::xarray<T> const array = expression.derived_cast();
  std::string header = "{'descr': '" + std::string(detail::npy_type<T>) + "', 'fortran_order': False, 'shape': (";
  for (std::size_t const d : array.shape()) header += std::to_string(d) + ", ";
  if (array.dimension() > 0) header.resize(header.size() - (array.dimension() == 1 ? 1 : 2));  // (3,) but (3, 4)
  header += "), }";
  header.append(63 - (10 + header.size()) % 64, ' ');  // data begin at a multiple of 64
  header += '\n';
  std::string start("\x93NUMPY\x01\x00", 8);
  start += static_cast<char>(header.size() & 255);
  start += static_cast<char>(header.size() >> 8);
  write_atomically(path, {std::as_bytes(std::span(start)), std::as_bytes(std::span(header)),
                             std::as_bytes(std::span(array.data(), array.size()))});
}

}  // namespace papillon::io
