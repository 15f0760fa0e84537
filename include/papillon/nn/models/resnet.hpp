// SPDX-License-Identifier: MIT
/// \file resnet.hpp
/// ResNets for CIFAR (He et al. 2016): conv3x3-norm-ReLU; three segments of basic blocks with w, 2w, 4w filters, stride
/// 2 at the start of the second and third; global average pooling; a fully connected layer. Depth 6n + 2, any width.
/// The 3x3 convolutions of the last S segments may be butterfly chains, and a mask makes any weight CSR-sparse.
/// Layers are named as in torchvision: conv1, bn1, layer1.0.conv1, ..., layer2.0.downsample.0, fc.
#pragma once

#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/group_norm.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/layers/padded_shortcut.hpp>
#include <papillon/nn/models/masked_weights.hpp>
#include <papillon/structure/low_rank.hpp>
#include <papillon/structure/smallest_monotone.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// Where the shape changes: a 1x1 stride-2 convolution with batch norm, or subsampling with zero channels (option A).
enum class shortcut_form { projection, padded };

/// What the chains are: butterflies, or in place of each the product of two dense factors that has about as many
/// coefficients (structure/low_rank.hpp), which tells what the butterfly's structure does apart from its size.
enum class chain_form { butterfly, low_rank };

/// What follows a convolution: batch norm, or group norm, with which images have gradients of their own. Both have the
/// same parameters.
enum class norm_form { batch, group };

struct resnet_options {
  int depth = 20;  ///< 6n + 2
  int width = 16;  ///< filters of the first segment
  int classes = 10;
  shape input{3, 32, 32};
  shortcut_form shortcut = shortcut_form::projection;
  norm_form norm = norm_form::batch;
  int groups = 8;              ///< of group norm
  int butterfly_segments = 0;  ///< S: the 3x3 convolutions of the last S segments become chains
  int butterfly_factors = 2;   ///< L: factors of a chain, the smallest monotone one (structure/smallest_monotone.hpp)
  chain_form chains = chain_form::butterfly;
  nn::unfolding unfolding = nn::unfolding::channel_major;  ///< of the chains
  convolution_algorithm algorithm = convolution_algorithm::winograd;
  /// One byte a parameter of the network, 0 = pruned; convolutions and the fully connected weight become CSR-masked
  /// (chains stay chains). Empty: not pruned. Read only while the network is built.
  std::span<std::uint8_t const> mask{};
};

namespace detail {

/// Builds a ResNet layer by layer.
template <class T, int Lanes> class resnet_builder {
 public:
  explicit resnet_builder(resnet_options const& o) : o_(o), net_(o.input) {}

  network<T, Lanes> build() {
    int const blocks = (o_.depth - 2) / 6;
    int at = conv_norm("conv1", "bn1", o_.input, o_.width, 3, 1, false, 0);
    for (int segment = 0; segment < 3; ++segment)
      for (int block = 0; block < blocks; ++block)
        at = basic_block(message("layer", segment + 1, ".", block), at, o_.width << segment,
            segment > 0 && block == 0 ? 2 : 1, segment >= 3 - o_.butterfly_segments);
    at = net_.add("avgpool", global_average_pool(net_.extent(at)), at);
    net_.add("fc", fully_connected(net_.extent(at).channels), at);
    return std::move(net_);
  }

 private:
  int basic_block(std::string const& name, int from, int channels, int stride, bool butterfly) {
    shape const in = net_.extent(from);
    int const first = conv_norm(name + ".conv1", name + ".bn1", in, channels, 3, stride, butterfly, from);
    shape const mid = net_.extent(first);
    auto conv2 = net_.declare(name + ".conv2", convolution(mid, channels, 3, 1, butterfly));
    auto bn2 = net_.declare(name + ".bn2", norm(mid, true));
    int const second = net_.connect(std::move(conv2), first);
    int shortcut = from;
    if (in != mid && o_.shortcut == shortcut_form::padded) {
      shortcut = net_.add(name + ".shortcut", padded_shortcut(in, channels, stride), from);
    } else if (in != mid) {
      shortcut = net_.add(name + ".downsample.0", convolution(in, channels, 1, stride, false), from);
      shortcut = net_.add(name + ".downsample.1", norm(mid, false), shortcut);
    }
    return net_.connect(std::move(bn2), second, shortcut);
  }

  int conv_norm(std::string const& conv, std::string const& norm_name, shape in, int channels, int kernel, int stride,
      bool butterfly, int from) {
    int const at = net_.add(conv, convolution(in, channels, kernel, stride, butterfly), from);
    return net_.add(norm_name, norm(net_.extent(at), true), at);
  }

  any_layer<T, Lanes> norm(shape extent, bool relu) const {
    if (o_.norm == norm_form::group) return group_norm(extent, {.groups = o_.groups, .relu = relu});
    return batch_norm(extent, {.relu = relu});
  }

  any_layer<T, Lanes> convolution(shape in, int channels, int kernel, int stride, bool butterfly) const {
    nn::convolution_geometry g{in, channels, kernel, stride, kernel / 2};
    g.algorithm = o_.algorithm;
    if (butterfly) {
      g.order = o_.unfolding;
      auto const w = make_smallest_monotone(channels, g.columns(), o_.butterfly_factors);
      return conv2d<runtime_chain>(o_.chains == chain_form::low_rank ? make_low_rank_like(w) : w, g);
    }
    return make_masked(net_, o_.mask, channels, g.columns(),
        [&](auto weight) -> any_layer<T, Lanes> { return conv2d<decltype(weight)>(std::move(weight), g); });
  }

  any_layer<T, Lanes> fully_connected(int features) const {
    return make_masked(
        net_, o_.mask, o_.classes, features,
        [](auto weight) -> any_layer<T, Lanes> { return linear<decltype(weight)>(std::move(weight)); });
  }

  resnet_options o_;
  network<T, Lanes> net_;
};

}  // namespace detail

/// Throws papillon::error (bad_input) for an impossible depth, width, segment count or mask size, (usage) for groups
/// that do not divide the channels.
template <class T, int Lanes = native_lanes<T>> [[nodiscard]] network<T, Lanes> make_resnet(resnet_options const& o) {
  if (o.depth < 8 || (o.depth - 2) % 6 != 0)
    throw error(errc::bad_input,
        message("resnet: depth ", o.depth, " is impossible (6n + 2: 8, 14, 20, 32, 44, 56, 110, ...)"));
  if (o.width < 1 || o.classes < 1 || o.butterfly_segments < 0 || o.butterfly_segments > 3)
    throw error(errc::bad_input, message("resnet: width ", o.width, ", ", o.classes, " classes, ", o.butterfly_segments,
                                     " butterfly segments are impossible (width and classes from 1, segments 0 to 3)"));
  network<T, Lanes> net = detail::resnet_builder<T, Lanes>(o).build();
  require_mask_of(net, o.mask);
  return net;
}

}  // namespace papillon::nn
