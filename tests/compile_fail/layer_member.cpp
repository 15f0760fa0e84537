// SPDX-License-Identifier: MIT
// What a layer says of itself is not taken for nothing where it takes other arguments than it is asked with.
#include <papillon/nn/run/network.hpp>

using namespace papillon;

struct doubled {
  shape input() const { return {3, 1, 1}; }
  shape output() const { return {3, 1, 1}; }
  std::vector<nn::slot> parameters() const { return {}; }
#ifdef PAPILLON_SHOULD_FAIL
  std::size_t scratch_size(exec::seq, nn::mode) const { return 3; }
#else
  std::size_t scratch_size(exec::seq, int, int, nn::mode) const { return 3; }
#endif
  template <class T, int L> void forward(exec::seq, nn::forward_args<T, L> const&) const {}
  template <class T, int L> void backward(exec::seq, nn::backward_args<T, L> const&) const {}
};

nn::any_layer<float, 4> layer() { return doubled{}; }
