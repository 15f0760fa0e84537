// SPDX-License-Identifier: MIT
#include "policies/networks.hpp"

#include <utility>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/channel_bias.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/dropout.hpp>
#include <papillon/nn/layers/gelu.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/group_norm.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/layers/padded_shortcut.hpp>
#include <papillon/nn/layers/reshape.hpp>
#include <papillon/nn/layers/self_attention.hpp>
#include <papillon/nn/layers/token_norm.hpp>
#include <papillon/structure/runtime_chain.hpp>

#include "support/banded.hpp"
#include "support/noise.hpp"

namespace papillon::test {

namespace {

/// Keeps a share of the entries of a rows x cols weight.
csr_mask mask_of(int rows, int cols, double share) {
  std::vector<std::uint8_t> keep;
  for (double const n : noise<double>(static_cast<std::size_t>(rows * cols), 9)) keep.push_back(n < 2 * share - 1);
  return {rows, cols, keep};
}

std::size_t parameter_count(nn::any_layer<scalar, lanes> const& layer) {
  std::size_t n = 0;
  for (auto const& s : layer.parameters()) n += s.size;
  return n;
}

std::vector<layer_case> make_layer_cases() {
  std::vector<layer_case> all;
  auto const add = [&](std::string name, nn::any_layer<scalar, lanes> layer, bool shortcut = false,
                       bool own_statistics = false) {
    auto parameters = noise<scalar>(parameter_count(layer), 1);
    all.push_back({std::move(name), std::move(layer), shortcut, std::move(parameters), own_statistics});
  };
  auto const add_masked = [&](std::string name, nn::any_layer<scalar, lanes> layer, csr_mask const& mask) {
    add(std::move(name), std::move(layer));
    auto const kept = support(mask);
    for (std::size_t i = 0; i < kept.size(); ++i) all.back().parameters[i] *= static_cast<scalar>(kept[i]);
  };
  using nn::conv2d, nn::linear;
  add("dense convolution", conv2d(dense(8, 27), {{3, 5, 6}, 8}));
  add("dense convolution, stride 2", conv2d(dense(5, 27), {{3, 5, 4}, 5, 3, 2, 1}));
  add("dense 1 x 1 convolution, stride 2", conv2d(dense(10, 2), {{2, 4, 7}, 10, 1, 2, 0}));
  for (double const share : {0.1, 0.7}) {
    csr_mask const mask = mask_of(6, 27, share), flat = mask_of(5, 12, share);
    add_masked("masked convolution", conv2d(mask, {{3, 4, 6}, 6, 3, share < 0.5 ? 1 : 2, 1}), mask);
    add_masked("masked linear layer", linear(flat), flat);
  }
  add("chain convolution", conv2d(runtime_chain({{1, 3, 2, 2}, {2, 2, 9, 1}}), {{2, 3, 5}, 6}));
  add("chain convolution, three factors, stride 2", conv2d(make_smallest_monotone(8, 36, 3), {{4, 5, 4}, 8, 3, 2, 1}));
  add("chain convolution, factors known at compile time",
      conv2d(chain<pattern{1, 4, 4, 2}, pattern{4, 2, 9, 1}>{}, {{4, 3, 3}, 8}));
  add("dense linear layer", linear(dense(10, 7)));
  add("linear layer of one weight", linear(dense(1, 1)));
  add("chain linear layer", linear(runtime_chain({{1, 4, 3, 2}, {2, 3, 5, 1}})));
  add("convolution of a user's structure, stride 2", conv2d(banded{6, 27, 8}, {{3, 5, 4}, 6, 3, 2, 1}));
  add("linear layer of a user's structure", linear(banded{7, 10, 2}));
  add("linear layer of two factors of a user's", linear(banded_product{{{7, 9, 2}, {9, 12, 4}}}));
  add("batch norm", nn::batch_norm({3, 4, 2}));
  add("batch norm with shortcut and ReLU", nn::batch_norm({3, 4, 2}, {.relu = true}), true);
  add("group norm", nn::group_norm({6, 3, 3}, {.groups = 2}), false, true);
  add("group norm with shortcut and ReLU", nn::group_norm({4, 3, 2}, {.groups = 4, .relu = true}), true, true);
  add("token norm", nn::token_norm({6, 5, 1}), false, true);
  add("bias of channels", nn::channel_bias({6, 5, 1}, 3));
  nn::dropout_options const dropped{.rate = 0.3, .stream = {.what = random::purpose::dropout}, .layer = 2};
  add("self-attention", nn::self_attention(6, 5, 3, dropped));
  add("dropout with shortcut", nn::dropout({3, 3, 1}, dropped), true);
  add("GELU", nn::gelu({3, 4, 1}));
  add("reshape", nn::reshape({3, 4, 2}, {24, 1, 1}));
  add("ReLU", nn::relu({3, 5, 4}));
  add("pooling", nn::global_average_pool({3, 2, 4}));
  add("padded shortcut", nn::padded_shortcut({3, 5, 4}, 8, 2));
  return all;
}

}  // namespace

std::vector<layer_case> const& layer_cases() {
  static std::vector<layer_case> const all = make_layer_cases();
  return all;
}

network make_resnet(nn::resnet_options const& o) { return nn::make_resnet<scalar, lanes>(o); }

std::vector<network_case> resnets(int width, shape input, nn::norm_form norm) {
  std::vector<network_case> all;
  auto const add = [&](std::string name, nn::resnet_options const& o, std::vector<std::uint8_t> mask = {}) {
    auto net = make_resnet(o);
    auto w = nn::initialise(net, {.seed = 11, .what = random::purpose::initialisation});
    // Running statistics that differ from channel to channel, and leave the network alive: means near zero, variances
    // near 1/2.
    for (auto const& s : net.state()) {
      auto const draw = noise<scalar>(s.size, static_cast<unsigned>(s.offset) + 5);
      for (std::size_t i = 0; i < s.size; ++i)
        w.state[s.offset + i] =
            s.kind == nn::slot_kind::running_var ? scalar(0.5) + scalar(0.25) * draw[i] : scalar(0.1) * draw[i];
    }
    for (std::size_t i = 0; i < mask.size(); ++i) w.parameters[i] *= static_cast<scalar>(mask[i]);
    all.push_back({std::move(name), std::move(net), std::move(mask), std::move(w)});
  };
  nn::resnet_options o{.depth = 8, .width = width, .input = input, .norm = norm, .groups = 2};
  add("dense", o);
  o.butterfly_segments = 3;
  add("chains of two", o);
  o.butterfly_factors = 3;
  o.shortcut = nn::shortcut_form::padded;
  add("chains of three", o);
  o.butterfly_segments = 0;
  auto const dense_net = make_resnet(o);
  for (double const share : {0.1, 0.7}) {
    std::vector<std::uint8_t> mask(dense_net.parameter_count(), 1);
    auto const draw = noise<double>(mask.size(), 4);
    for (auto const& s : dense_net.parameters())
      if (s.kind == nn::slot_kind::convolution || s.kind == nn::slot_kind::linear)
        for (std::size_t i = s.offset; i < s.offset + s.size; ++i) mask[i] = draw[i] < 2 * share - 1;
    o.mask = mask;
    add(share < 0.5 ? "masked" : "masked, multiplied in full", o, mask);
  }
  return all;
}

network_case residual_block() {
  network net({3, 2, 2});
  csr_mask const mask = mask_of(4, 36, 0.3);
  int const first = net.add("first", nn::conv2d(make_smallest_monotone(4, 27, 2), {{3, 2, 2}, 4}));
  net.add("first norm", nn::batch_norm({4, 2, 2}, {.relu = true}));
  net.add("second", nn::conv2d(mask, {{4, 2, 2}, 4}));
  net.add("second norm", nn::batch_norm({4, 2, 2}, {.relu = true}), network::none, first);
  net.add("pool", nn::global_average_pool({4, 2, 2}));
  net.add("linear", nn::linear(dense(5, 4)));
  auto w = nn::initialise(net, {.seed = 11, .what = random::purpose::initialisation});
  std::vector<std::uint8_t> keep(net.parameter_count(), 1);
  auto const kept = support(mask);
  for (auto const& s : net.parameters())
    for (std::size_t i = 0; s.name == "second.weight" && i < kept.size(); ++i)
      w.parameters[s.offset + i] *= keep[s.offset + i] = kept[i];
  return {"residual block", std::move(net), std::move(keep), std::move(w)};
}

}  // namespace papillon::test
