// SPDX-License-Identifier: MIT
/// \file device_magnitude.hpp
/// Global magnitude pruning of weights that are on a device; rules and source in prune/magnitude.hpp, and the same
/// mask. What comes back to the host is how many weights there are to rank and whether they are finite.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/exec/memory.hpp>
#include <papillon/prune/magnitude.hpp>
#include <papillon/prune/selection_kernels.hpp>

namespace papillon::inline PAPILLON_ISA::prune {

namespace detail {

template <class T, class Chosen>
void prune_smallest_of(exec::device const& on, std::span<nn::slot const> parameters, T const* weights, double fraction,
                       Chosen const& chosen, exec::memory<std::uint8_t> const& keep) {
  using namespace nn;
  std::vector<std::uint8_t> marks(keep.size());
  for (nn::slot const& s : parameters)
    if (chosen(s)) std::fill_n(marks.begin() + static_cast<std::ptrdiff_t>(s.offset), s.size, std::uint8_t{1});
  exec::memory<std::uint8_t> const marked(on, marks.size());
  marked.upload(marks);
  ranked_values<T> const from{weights, keep.data(), marked.data(), static_cast<int>(keep.size())};
  auto const blocks = static_cast<std::size_t>(from.blocks());
  exec::memory<ranking> const found(on, blocks);
  on.launch(count_ranked<T>{from, found.data()});
  std::vector<ranking> parts(blocks);
  found.download(parts);
  std::size_t ranked = 0;
  for (ranking const& r : parts) {
    ranked += static_cast<std::size_t>(r.count);
    if (r.infinite < 0) continue;
    for (nn::slot const& s : parameters)
      if (static_cast<std::size_t>(r.infinite) - s.offset < s.size) throw not_finite(s);
  }
  std::size_t const k = pruned_count(fraction, ranked);
  if (k == 0) return;
  exec::memory<selection_state<T>> const state(on, 1);
  selection_state<T> const begin{0, static_cast<int>(k)};
  state.upload({&begin, 1});
  exec::memory<int> const counts(on, blocks * ranked_values<T>::digits);
  for (int low = from.bits - from.digit_bits; low >= 0; low -= from.digit_bits) {
    on.launch(count_digits<T>{from, state.data(), low, counts.data()});
    on.launch(pick_digit<T>{counts.data(), from.blocks(), low, state.data()});
  }
  on.launch(count_equal<T>{from, state.data(), counts.data()});
  on.launch(remove_smallest<T>{from, state.data(), counts.data(), keep.data()});
  on.wait();
}

}  // namespace detail

/// One round on a device: `keep`, a byte for each parameter, without the smallest of `weights`. Throws papillon::error
/// (failed) if a kept weight is not finite.
template <class T>
void prune_smallest_on_device(exec::device const& on, std::span<nn::slot const> parameters, T const* weights,
                              pruning_rate const& rate, exec::memory<std::uint8_t> const& keep) {
  for (auto const& [kinds, fraction] : detail::rankings(rate))
    detail::prune_smallest_of(on, parameters, weights, fraction, kinds, keep);
}

/// prune_smallest under a device policy, of values that are the host's.
template <exec::device_policy E, class T>
[[nodiscard]] mask prune_smallest(E e, std::span<nn::slot const> parameters, std::span<T const> weights,
                                  pruning_rate const& rate, mask m) {
  assert(weights.size() == m.keep.size());
  exec::device const on = e;
  exec::memory<T> const values(on, weights.size());
  exec::memory<std::uint8_t> const keep(on, m.keep.size());
  values.upload(weights);
  keep.upload(m.keep);
  prune_smallest_on_device(on, parameters, values.data(), rate, keep);
  keep.download(m.keep);
  return m;
}

}  // namespace papillon::prune
