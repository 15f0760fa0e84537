// SPDX-License-Identifier: MIT
/// \file gather_table.hpp
/// A sparse product laid out for device code: outputs that read the same inputs in groups of one width (8, 4, 2 or 1,
/// filled up with outputs that do not exist), as whole numbers in one table. What a product reads is a plane's row and
/// a step from the current pixel, so that a convolution needs no padded copy of its input: a step outside the image
/// reads zero. The host keeps where things stand in the table (gather_table), kernels get pointers (gather_view).
#pragma once

#include <array>
#include <span>
#include <tuple>

#include <papillon/product/product_plan.hpp>

namespace papillon::inline PAPILLON_ISA::product {

/// y[output] += weight[index] * x[input], `dy` and `dx` pixels away.
struct gather_entry {
  int output;
  int input;  ///< in rows of lanes, or in units of the product's in_scale
  int dy, dx;
  int index;            ///< of the coefficient
  bool learned = true;  ///< whether the coefficient has a gradient (off a mask's support it has none)
};

/// Where a product's parts start in a table of ints.
struct gather_table {
  int width = 1;    ///< outputs of a group
  int groups = 0;   ///< and 3 ints each from at_groups: first input, inputs, first packed weight
  int weights = 0;  ///< packed: [inputs][width] for each group
  int items = 0;    ///< pieces of the gradient, 2 ints each: group, first input
  int at_groups = 0, at_outputs = 0, at_inputs = 0, at_index = 0, at_gradient_index = 0, at_items = 0;
};

/// A product as kernels see it.
template <class T> struct gather_view {
  int const *groups, *outputs, *inputs;
  T const* weights;
  int count;         ///< of groups
  int weight_count;  ///< of all groups
};

/// Inputs that a thread of the gradient's kernel works on at a time: as many as its registers hold without a spill.
[[nodiscard]] PAPILLON_HD constexpr int gradient_inputs(int width) { return width == 8 ? 4 : 8; }

namespace detail {
/// A plan in groups of one width, the widest that wastes at most a quarter of the multiplications.
[[nodiscard]] inline std::pair<product_plan, int> make_plan_of_one_width(
    std::vector<product_entry> const& entries, int outputs) {
  product_plan plan = make_product_plan(entries, outputs, 1, 8);
  int width = 8;
  for (; width > 1; width /= 2) {
    std::map<int, int> alike;  // outputs that share their inputs
    for (auto const& g : plan.groups) alike[g.input_begin] += g.outputs;
    int padded = 0;
    for (auto const& [begin, n] : alike) padded += (n + width - 1) / width * width;
    if (4 * padded <= 5 * outputs) break;
  }
  if (width < 8) plan = make_product_plan(entries, outputs, 1, width);
  return {std::move(plan), width};
}
}  // namespace detail

/// Appends the table of a product to `to`. `outputs`: how many there are, those that no entry reaches become zero.
[[nodiscard]] inline gather_table append_gather_table(
    std::span<gather_entry const> entries, int outputs, std::vector<int>& to) {
  // Distinct inputs, numbered in rising order: the plan sorts and compares them.
  auto const key = [](gather_entry const& e) { return std::array<int, 3>{e.input, e.dy, e.dx}; };
  std::map<std::array<int, 3>, int> number;
  for (gather_entry const& e : entries) number.emplace(key(e), 0);
  std::vector<std::array<int, 3>> inputs;
  for (auto& [k, n] : number) {
    n = static_cast<int>(inputs.size());
    inputs.push_back(k);
  }
  std::vector<product_entry> plain;
  std::vector<char> learned;  // of a coefficient
  for (gather_entry const& e : entries) {
    plain.push_back({e.output, number.at(key(e)), e.index});
    auto const index = static_cast<std::size_t>(e.index);
    learned.resize(std::max(learned.size(), index + 1));
    learned[index] = e.learned;
  }
  gather_table t;
  product_plan plan;
  std::tie(plan, t.width) = detail::make_plan_of_one_width(plain, outputs);

  auto const here = [&] { return static_cast<int>(to.size()); };
  t.groups = static_cast<int>(plan.groups.size());
  t.at_groups = here();
  for (auto const& g : plan.groups) {
    to.insert(to.end(), {g.input_begin, g.inputs, t.weights});
    t.weights += g.inputs * t.width;
  }
  t.at_outputs = here();
  for (auto const& g : plan.groups)
    for (int o = 0; o < t.width; ++o)
      to.push_back(o < g.outputs ? plan.outputs[static_cast<std::size_t>(g.output_begin + o)] : -1);
  t.at_inputs = here();
  for (int const n : plan.inputs) {
    auto const& [input, dy, dx] = inputs[static_cast<std::size_t>(n)];
    to.insert(
        to.end(), {input, static_cast<int>(static_cast<unsigned>(dy) << 16 | (static_cast<unsigned>(dx) & 0xFFFFu))});
  }
  for (bool const gradient : {false, true}) {
    (gradient ? t.at_gradient_index : t.at_index) = here();
    for (auto const& g : plan.groups)
      for (int k = 0; k < g.inputs; ++k)
        for (int o = 0; o < t.width; ++o) {
          int const index =
              o < g.outputs ? plan.weight_index[static_cast<std::size_t>(g.weight_begin + k * g.outputs + o)] : -1;
          to.push_back(gradient && index >= 0 && learned[static_cast<std::size_t>(index)] == 0 ? -1 : index);
        }
  }
  t.at_items = here();
  for (int g = 0; g < t.groups; ++g)
    for (int k = 0; k < plan.groups[static_cast<std::size_t>(g)].inputs; k += gradient_inputs(t.width), ++t.items)
      to.insert(to.end(), {g, k});
  return t;
}

/// The view of a table that stands at `ints` in device memory, with its packed weights.
template <class T> [[nodiscard]] gather_view<T> view_of(gather_table const& t, int const* ints, T const* packed) {
  return {ints + t.at_groups, ints + t.at_outputs, ints + t.at_inputs, packed, t.groups, t.weights};
}

}  // namespace papillon::product
