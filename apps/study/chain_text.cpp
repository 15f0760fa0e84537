// SPDX-License-Identifier: MIT
#include <study/chain_text.hpp>

#include <cstddef>
#include <utility>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/smallest_monotone.hpp>

#include <study/text.hpp>

namespace papillon::study {

namespace {

[[noreturn]] void refuse(std::string_view text) {
  throw error(errc::usage, message("'", text,
                               "' is no chain (factors or a generator are expected) "
                               "write \"(1,8,8,2)(8,2,18,1)\", butterfly:16, monarch:21,16,3,4 or monotone:64,576,2"));
}

/// Whole numbers separated by commas, `count` of them.
std::vector<int> numbers(std::string_view text, std::size_t count, std::string_view whole) {
  std::vector<int> all;
  for (auto const item : split_list(text)) {
    auto const from = item.find_first_not_of(' ');
    int x = 0;
    if (from == std::string_view::npos || !read_number(item.substr(from), x)) refuse(whole);
    all.push_back(x);
  }
  if (all.size() != count) refuse(whole);
  return all;
}

int levels_of(int size, std::string_view whole) {
  int levels = 0;
  while (levels < 30 && (1 << levels) < size) ++levels;
  if (size < 2 || (1 << levels) != size)
    throw error(
        errc::usage, message("'", whole, "' is no butterfly (its size is not a power of two) try butterfly:16"));
  return levels;
}

}  // namespace

runtime_chain read_chain(std::string_view text) {
  auto const colon = text.find(':');
  if (colon != std::string_view::npos) {
    auto const name = text.substr(0, colon), sizes = text.substr(colon + 1);
    if (name == "butterfly") return make_dyadic_butterfly(levels_of(numbers(sizes, 1, text)[0], text));
    if (name == "monarch") {
      auto const n = numbers(sizes, 4, text);
      return make_monarch(n[0], n[1], n[2], n[3]);
    }
    if (name == "monotone") {
      auto const n = numbers(sizes, 3, text);
      return make_smallest_monotone(n[0], n[1], n[2]);
    }
    refuse(text);
  }
  std::vector<pattern> factors;
  for (auto rest = text; !rest.empty();) {
    auto const end = rest.find(')');
    if (rest.front() != '(' || end == std::string_view::npos) refuse(text);
    auto const n = numbers(rest.substr(1, end - 1), 4, text);
    factors.push_back({n[0], n[1], n[2], n[3]});
    rest = rest.substr(end + 1);
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  }
  return runtime_chain(std::move(factors));
}

}  // namespace papillon::study
