// SPDX-License-Identifier: MIT
/// \file optimiser.hpp
/// What a trainer asks of an optimiser: how many numbers it remembers for each parameter and what they are called in
/// checkpoints, what of its step changes from step to step (so that a recorded step can be replayed), and the step as a
/// functor of one parameter. Entries are computed on their own: all places and thread counts give the same bits.
#pragma once

#include <papillon/exec/for_each.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// Parameters of one step; everything lies where the work runs.
template <class T> struct optimiser_buffers {
  T const* gradient;
  T* state;  ///< one array of `count` after another, zero before the first step
  T* weights;
  T const* constants;  ///< of this step
  int count;
};

template <class O, class T>
concept optimiser = std::copyable<O> && requires(O const& o, optimiser_buffers<T> const& b) {
  { O::state_names.size() } -> std::convertible_to<std::size_t>;
  {
    o.template constants<T>(double{}, int{})
    } -> std::convertible_to<std::span<T const>>;  // learning rate, t = 1, 2, ...
  o.step(b)(int{});
};

}  // namespace papillon::train
