// SPDX-License-Identifier: MIT
/// \file factorize_weights.hpp
/// From a trained network to one whose convolutions are chains: every NAME.weight for which the other network has
/// NAME.factor0, NAME.factor1, ... is factorised (operators/factorize/factorize.hpp); everything else is copied by
/// name.
#pragma once

#include <papillon/nn/kernels/convolution.hpp>
#include <papillon/nn/run/network.hpp>
#include <papillon/operators/factorize/factorize.hpp>
#include <papillon/structure/factor_name.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// How close the chain of one layer is to its weight.
struct factorized_layer {
  std::string name;
  runtime_chain chain;
  double relative_error = 0;  ///< Frobenius norm of the difference, over that of the weight
  double least_error =
      0;  ///< no coefficients of this chain have a smaller relative error; 0 unless bounds were asked for
};

template <class T> struct factorized_weights {
  nn::weights<T> weights;
  std::vector<factorized_layer> layers{};  ///< in the order of the parameters
};

namespace detail {
[[nodiscard]] inline slot const* find_slot(std::span<slot const> slots, std::string const& name) {
  auto const at = std::find_if(slots.begin(), slots.end(), [&](slot const& s) { return s.name == name; });
  return at == slots.end() ? nullptr : &*at;
}

/// The matrix C_out x (C_in k k) of an OIHW weight, in the order of columns that the chain expects.
template <class T>
[[nodiscard]] std::vector<T> unfold_weight(std::span<T const> weight, slot const& s, nn::unfolding order) {
  auto const columns = column_order(
      order, static_cast<int>(s.dims[0]), static_cast<int>(s.dims[1]), static_cast<int>(s.dims[2] * s.dims[3]));
  std::vector<T> matrix;
  matrix.reserve(weight.size());
  for (std::size_t row = 0; row < weight.size(); row += columns.size())
    for (std::uint32_t const column : columns) matrix.push_back(weight[row + column]);
  return matrix;
}
}  // namespace detail

/// The weights of `to`, made from those of `from` (any types with parameters() and state(), lists of slots). `order` is
/// the unfolding of to's chains. Throws papillon::error (usage) if `to` has a parameter that `from` has in no form.
template <exec::policy E, class From, class To, class T>
[[nodiscard]] factorized_weights<T> factorize_weights(E policy, From const& from, nn::weights<T> const& weights,
    To const& to, nn::unfolding order, factorize_options const& options = {}) {
  factorized_weights<T> result;
  std::span<slot const> const have = from.parameters(), wanted = to.parameters();
  auto const missing = [](slot const& s, std::string const& why) {
    return error(errc::usage, message("factorize: no parameter for ", s.name, " (", why,
                                  ") factorise a dense network of the same depth and width"));
  };
  auto& values = result.weights.parameters;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    slot const& s = wanted[i];
    if (slot const* const same = detail::find_slot(have, s.name)) {
      if (same->dims != s.dims) throw missing(s, "the shapes differ");
      auto const v = std::span(weights.parameters).subspan(same->offset, same->size);
      values.insert(values.end(), v.begin(), v.end());
      continue;
    }
    std::string const first = "." + factor_name(0);
    if (!s.name.ends_with(first)) throw missing(s, "the network has none of that name");
    std::string const layer = s.name.substr(0, s.name.size() - first.size());
    slot const* const dense = detail::find_slot(have, layer + ".weight");
    if (dense == nullptr || dense->dims.size() != 4) throw missing(s, "there is no convolution " + layer + ".weight");
    std::vector<pattern> patterns;
    for (; i < wanted.size() && wanted[i].name == layer + "." + factor_name(patterns.size()); ++i) {
      auto const side = [&](std::size_t k) { return static_cast<int>(wanted[i].dims[k]); };
      patterns.push_back({side(0), side(1), side(2), side(3)});
    }
    --i;
    runtime_chain const chain(std::move(patterns));
    auto const matrix = detail::unfold_weight(
        std::span<T const>(weights.parameters).subspan(dense->offset, dense->size), *dense, order);
    auto const rows = static_cast<std::ptrdiff_t>(dense->dims[0]),
               cols = static_cast<std::ptrdiff_t>(matrix.size()) / rows;
    auto f = factorize(policy, matrix_view<T const>{matrix.data(), rows, cols, cols, 1}, chain, options);
    values.insert(values.end(), f.coefficients.begin(), f.coefficients.end());
    result.layers.push_back({layer, f.chain, f.relative_error(), f.norm > 0 ? f.lower_bound / f.norm : 0});
  }
  for (slot const& s : to.state()) {
    slot const* const same = detail::find_slot(std::span<slot const>(from.state()), s.name);
    if (same == nullptr || same->dims != s.dims) throw missing(s, "the network has none of that name and shape");
    auto const v = std::span(weights.state).subspan(same->offset, same->size);
    result.weights.state.insert(result.weights.state.end(), v.begin(), v.end());
  }
  return result;
}

}  // namespace papillon::nn
