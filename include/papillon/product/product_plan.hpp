// SPDX-License-Identifier: MIT
/// \file product_plan.hpp
/// A sparse product prepared for the register tiles: outputs that read the same inputs are gathered into groups, and a
/// group is multiplied as a small dense matrix. Dense weights give a few wide groups, a Kronecker factor one group per
/// (a, d), a CSR support one group per row: one loop serves every structure, forward, adjoint and gradient.
/// Inputs and outputs are offsets in units of one register of lanes, chosen by whoever lists the entries.
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <papillon/structure/concepts.hpp>

namespace papillon::inline PAPILLON_ISA::product {

/// y[output] += weight[index] * x[input]
struct product_entry {
  int output, input, index;
};

struct product_plan {
  struct group {
    int input_begin, inputs;    ///< a range of `inputs`
    int output_begin, outputs;  ///< a range of `outputs`; 1, 2, 4, ... of them
    int weight_begin;           ///< packed weights [inputs][outputs] start here
  };
  std::vector<group> groups;
  std::vector<int> inputs, outputs;
  std::vector<int> weight_index;  ///< packed position -> position in the parameters

  [[nodiscard]] std::size_t weights() const { return weight_index.size(); }
};

/// Gathers entries, in any order, into groups of at most max_outputs (a power of two). Outputs are the first `outputs`
/// multiples of output_stride: those that no entry reaches are set to zero by a product. Sums run over rising inputs.
[[nodiscard]] inline product_plan make_product_plan(
    std::vector<product_entry> entries, int outputs, int output_stride, int max_outputs) {
  std::stable_sort(
      entries.begin(), entries.end(), [](product_entry const& l, product_entry const& r) { return l.input < r.input; });
  std::map<int, std::vector<product_entry>> rows;
  for (int o = 0; o < outputs; ++o) rows[o * output_stride];
  for (product_entry const& e : entries) rows[e.output].push_back(e);

  // Outputs with the same list of inputs, in order of first appearance.
  std::map<std::vector<int>, std::size_t> known;
  std::vector<std::pair<std::vector<int>, std::vector<int>>> classes;  // inputs, outputs
  for (auto const& [output, row] : rows) {
    std::vector<int> key;
    for (product_entry const& e : row) key.push_back(e.input);
    auto const [it, fresh] = known.try_emplace(key, classes.size());
    if (fresh) classes.emplace_back(std::move(key), std::vector<int>{});
    classes[it->second].second.push_back(output);
  }

  product_plan plan;
  plan.weight_index.reserve(entries.size());
  for (auto const& [in, out] : classes) {
    int const input_begin = static_cast<int>(plan.inputs.size());
    int const inputs = static_cast<int>(in.size());
    plan.inputs.insert(plan.inputs.end(), in.begin(), in.end());
    for (std::size_t done = 0; done < out.size();) {
      int tile = max_outputs;
      while (static_cast<std::size_t>(tile) > out.size() - done) tile /= 2;
      plan.groups.push_back({input_begin, inputs, static_cast<int>(plan.outputs.size()), tile,
          static_cast<int>(plan.weight_index.size())});
      for (int k = 0; k < inputs; ++k)
        for (int o = 0; o < tile; ++o)
          plan.weight_index.push_back(rows[out[done + static_cast<std::size_t>(o)]][static_cast<std::size_t>(k)].index);
      plan.outputs.insert(plan.outputs.end(), out.begin() + static_cast<std::ptrdiff_t>(done),
          out.begin() + static_cast<std::ptrdiff_t>(done) + tile);
      done += static_cast<std::size_t>(tile);
    }
  }
  return plan;
}

/// The plan of one factor, offsets being row * output_stride and col * input_stride; with adjoint = true, of its
/// transpose (inputs are then rows). Coefficient indices are shifted by `first_index`.
template <structure_factor Factor>
[[nodiscard]] product_plan make_factor_plan(
    Factor const& factor, bool adjoint, int input_stride, int output_stride, std::size_t first_index, int max_outputs) {
  int const first = static_cast<int>(first_index);
  std::vector<product_entry> entries;
  factor.for_each_nonzero([&](int r, int c, int index) {
    entries.push_back({(adjoint ? c : r) * output_stride, (adjoint ? r : c) * input_stride, first + index});
  });
  return make_product_plan(std::move(entries), adjoint ? factor.cols() : factor.rows(), output_stride, max_outputs);
}

/// packed[i] = parameters[index of i]
template <class T> void pack(product_plan const& plan, T const* parameters, T* packed) {
  for (std::size_t i = 0; i < plan.weight_index.size(); ++i) packed[i] = parameters[plan.weight_index[i]];
}

}  // namespace papillon::product
