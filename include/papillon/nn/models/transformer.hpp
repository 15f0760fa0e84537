// SPDX-License-Identifier: MIT
/// \file transformer.hpp
/// Layers of a transformer encoder (A. Vaswani et al. 2017), as torch.nn.TransformerEncoderLayer has them, its norms
/// last:
///   x <- norm(x + attention(x)),  x <- norm(x + W2 gelu(W1 x)),
/// of tokens of E numbers (extent E x T x 1). Linear layers of tokens are convolutions of 1 x 1 with a bias behind.
#pragma once

#include <papillon/nn/layers/channel_bias.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/dropout.hpp>
#include <papillon/nn/layers/gelu.hpp>
#include <papillon/nn/layers/self_attention.hpp>
#include <papillon/nn/layers/token_norm.hpp>
#include <papillon/nn/run/network.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

struct encoder_options {
  int heads = 4;
  int hidden = 128;  ///< numbers of a token between W1 and W2
  double dropout = 0;
  random::stream stream{};        ///< of the dropout
  std::uint32_t first_layer = 0;  ///< of its numbers: an encoder layer takes four
};

/// A linear layer of every token; the node of its output.
template <class T, int L> int add_token_linear(network<T, L>& net, std::string const& name, int outputs, int from) {
  shape const in = net.extent(from);
  int const product = net.add(name,
      conv2d<dense>(dense(outputs, in.channels), {.input = in, .outputs = outputs, .kernel = 1, .padding = 0}), from);
  return net.add(name, channel_bias(net.extent(product), static_cast<std::size_t>(in.channels)), product);
}

/// An encoder layer that reads node `from`; the node of its output.
template <class T, int L>
int add_encoder_layer(network<T, L>& net, std::string const& name, int from, encoder_options const& o) {
  shape const tokens = net.extent(from);
  auto const dropped = [&](std::uint32_t layer) { return dropout_options{o.dropout, o.stream, o.first_layer + layer}; };
  int at = add_token_linear(net, name + ".self_attn.in_proj", 3 * tokens.channels, from);
  at = net.add(name + ".self_attn", self_attention(tokens.channels, tokens.pixels(), o.heads, dropped(0)), at);
  at = add_token_linear(net, name + ".self_attn.out_proj", tokens.channels, at);
  at = net.add(name + ".dropout1", dropout(tokens, dropped(1)), at, from);
  int const middle = net.add(name + ".norm1", token_norm(tokens), at);
  at = add_token_linear(net, name + ".linear1", o.hidden, middle);
  at = net.add(name + ".gelu", gelu(net.extent(at)), at);
  at = net.add(name + ".dropout", dropout(net.extent(at), dropped(2)), at);
  at = add_token_linear(net, name + ".linear2", tokens.channels, at);
  at = net.add(name + ".dropout2", dropout(tokens, dropped(3)), at, middle);
  return net.add(name + ".norm2", token_norm(tokens), at);
}

}  // namespace papillon::nn
