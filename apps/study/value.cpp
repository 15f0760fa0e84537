// SPDX-License-Identifier: MIT
#include <study/value.hpp>

#include <type_traits>

#include <study/text.hpp>

namespace papillon::study {

namespace {

std::string scalar_text(bool x) { return x ? "true" : "false"; }
std::string scalar_text(std::int64_t x) { return number_text(x); }
std::string scalar_text(double x) { return number_text(x); }
std::string scalar_text(std::string const& x) { return x; }

}  // namespace

std::string to_text(value const& v) {
  return std::visit(
      [](auto const& x) -> std::string {
        using type = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<type, std::monostate>) {
          return "none";
        } else if constexpr (is_list<type>) {
          std::string text;
          for (auto const& item : x) text += (text.empty() ? "" : ",") + scalar_text(item);
          return text;
        } else {
          return scalar_text(x);
        }
      },
      v);
}

}  // namespace papillon::study
