// SPDX-License-Identifier: MIT
/// \file npy.hpp
/// NumPy's .npy files as xtensor arrays of float or double; C order, little-endian. Reading is strict: a short file,
/// bytes left over, another type or order are papillon::error(errc::bad_input), before the array is made;
/// read_npy_as also takes files of integers and booleans. Writing is atomic. Source: NumPy enhancement proposal 1, "A
/// simple file format for NumPy arrays", versions 1.0 to 3.0.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

[[noreturn]] inline void refuse_npy(std::filesystem::path const& path, std::string const& why,
    std::string const& suggestion = "write it with numpy.save") {
  throw error(errc::bad_input, message(path.string(), " cannot be used (", why, ") ", suggestion));
}

/// A file taken apart: its header's values, and where the data lie in its bytes.
struct npy_contents {
  std::string bytes;
  std::string type;  ///< "<f4"
  std::vector<std::size_t> shape;
  std::size_t begin = 0;  ///< of the data, which go on to the end

  [[nodiscard]] std::size_t count() const {
    std::size_t n = 1;
    for (std::size_t const d : shape) n *= d;
    return n;
  }
  [[nodiscard]] char const* data() const { return bytes.data() + begin; }
};

/// The header without the spaces after a separator, which some writers leave out; `begin` is set to its end.
inline std::string npy_header(std::filesystem::path const& path, npy_contents& c) {
  std::string_view rest = c.bytes;
  if (!rest.starts_with("\x93NUMPY") || rest.size() < 12) refuse_npy(path, "it is no npy file");
  int const version = rest[6];
  if (version < 1 || version > 3) refuse_npy(path, message("it is of npy version ", version, ", not 1 to 3"));
  std::size_t const digits = version == 1 ? 2 : 4;
  std::size_t length = 0;
  for (std::size_t i = 0; i < digits; ++i)
    length |= static_cast<std::size_t>(static_cast<unsigned char>(rest[8 + i])) << 8 * i;
  rest.remove_prefix(8 + digits);
  if (length > rest.size()) refuse_npy(path, "it ends within its header");
  std::string header;
  for (char const ch : rest.substr(0, length))
    if (ch != ' ' || header.empty() || std::string_view(":,(").find(header.back()) == std::string_view::npos)
      header += ch;
  c.begin = 8 + digits + length;
  return header;
}

/// Reads a file whose type is one of `types`, and checks that it has as many bytes as type and shape say.
inline npy_contents read_npy_contents(std::filesystem::path const& path, std::span<std::string_view const> types) {
  static_assert(std::endian::native == std::endian::little, "papillon::io::read_npy: little-endian machines only");
  npy_contents c{read_file<std::string>(path, largest::array), "", {}};
  auto const header = npy_header(path, c);
  auto const descr = npy_value(header, "descr");
  auto const known = [&](std::string_view type) { return descr.starts_with(message("'", std::string(type), "'")); };
  auto const type = std::find_if(types.begin(), types.end(), known);
  if (type == types.end()) {
    std::string wanted;
    for (auto const t : types) wanted.append(wanted.empty() ? "" : ", ").append(t);
    refuse_npy(path, (types.size() == 1 ? "its type is not " : "its type is none of ") + wanted);
  }
  c.type = *type;
  if (!npy_value(header, "fortran_order").starts_with("False"))
    refuse_npy(path, "it is not in C order", "save numpy.ascontiguousarray of it");
  if (!npy_shape(npy_value(header, "shape"), c.shape)) refuse_npy(path, "its shape cannot be read");
  auto const size = static_cast<std::size_t>(c.type.back() - '0');
  // Of an axis of 0 the others still have to fit: strides are products of them.
  std::size_t count = 1, extent = 1;
  for (std::size_t const d : c.shape) {
    if (d > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / size / extent)
      refuse_npy(path, "its shape is absurd");
    count *= d;
    extent *= std::max(d, std::size_t{1});
  }
  if (count * size != c.bytes.size() - c.begin)
    refuse_npy(path, message("its shape needs ", count * size, " bytes of data, it has ", c.bytes.size() - c.begin));
  return c;
}

/// The values of a file of type From, converted.
template <class From, class T> xt::xarray<T> converted_npy(npy_contents const& c) {
  auto array = xt::xarray<T>::from_shape(c.shape);
  for (std::size_t i = 0; i < c.count(); ++i) {
    From value;
    std::memcpy(&value, c.data() + i * sizeof(From), sizeof(From));  // data begin anywhere
    array.data()[i] = static_cast<T>(value);
  }
  return array;
}

}  // namespace detail

/// The array in the file, of the very type T.
template <std::floating_point T> [[nodiscard]] xt::xarray<T> read_npy(std::filesystem::path const& path) {
  std::string_view const type = detail::npy_type<T>;
  return detail::converted_npy<T, T>(detail::read_npy_contents(path, {&type, 1}));
}

/// The array in a file of float, double, booleans (0 and 1), bytes or signed integers of 4 or 8 bytes, as T: integers
/// beyond 2^24 (float) or 2^53 (double) are rounded.
template <std::floating_point T> [[nodiscard]] xt::xarray<T> read_npy_as(std::filesystem::path const& path) {
  static constexpr std::array<std::string_view, 6> types{"<f4", "<f8", "|b1", "|u1", "<i4", "<i8"};
  auto const c = detail::read_npy_contents(path, types);
  if (c.type == "<f4") return detail::converted_npy<float, T>(c);
  if (c.type == "<f8") return detail::converted_npy<double, T>(c);
  if (c.type == "<i4") return detail::converted_npy<std::int32_t, T>(c);
  if (c.type == "<i8") return detail::converted_npy<std::int64_t, T>(c);
  auto bytes = detail::converted_npy<std::uint8_t, T>(c);
  if (c.type == "|b1" && std::any_of(bytes.begin(), bytes.end(), [](T v) { return v > 1; }))
    detail::refuse_npy(path, "a boolean in it is neither 0 nor 1");
  return bytes;
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
