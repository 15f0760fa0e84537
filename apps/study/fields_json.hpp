// SPDX-License-Identifier: MIT
/// \file fields_json.hpp
/// Plain structs (fields.hpp) of texts, numbers and truths as members of a JSON object, and back. For small files that
/// other programs write at the same time: what is not as expected is no error, but nothing.
#pragma once

#include <concepts>

#include <nlohmann/json.hpp>

#include <study/fields.hpp>

namespace papillon::study {

template <class Struct> void write_fields(nlohmann::ordered_json& object, Struct const& from) {
  for_each_field(
      from, [&](char const* name, auto const& value) { object[name] = value; });
}

/// False where a field is missing or of another type.
template <class Struct> [[nodiscard]] bool read_fields(nlohmann::ordered_json const& object, Struct& to) {
  bool all = object.is_object();
  for_each_field(to, [&]<class T>(char const* name, T& value) {
    auto const found = all ? object.find(name) : object.end();
    if (found == object.end()) all = false;
    else if constexpr (std::same_as<T, bool>) all = found->is_boolean();
    else if constexpr (std::unsigned_integral<T>) all = found->is_number_unsigned();
    else if constexpr (std::integral<T>) all = found->is_number_integer();
    else all = found->is_string();
    if (all) found->get_to(value);
  });
  return all;
}

}  // namespace papillon::study
