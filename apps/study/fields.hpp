// SPDX-License-Identifier: MIT
/// \file fields.hpp
/// A struct as a list of its members and their names in files: `fields_of<Struct>` is a tuple of fields, in the order
/// in which they are written. What reads, writes or prints the struct follows from the list.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

namespace papillon::study {

template <class Struct, class T> struct field {
  char const* name;
  T Struct::*member;
};
template <class Struct, class T> field(char const*, T Struct::*) -> field<Struct, T>;

/// Specialised for every struct that is described.
template <class Struct> inline constexpr std::tuple<> fields_of{};

template <class T> concept described = (std::tuple_size_v<std::remove_cv_t<decltype(fields_of<T>)>> > 0);

/// Calls visit(name, member) for every field of `object`.
template <class Object, class Visit> void for_each_field(Object& object, Visit&& visit) {
  std::apply([&](auto const&... f) { (visit(f.name, object.*f.member), ...); }, fields_of<std::remove_cv_t<Object>>);
}

}  // namespace papillon::study
