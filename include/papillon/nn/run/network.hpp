// SPDX-License-Identifier: MIT
/// \file network.hpp
/// A network is a flat list of layers, each reading the output of an earlier one (and, for a residual sum, of a
/// second). Node 0 is the input; `add` appends a layer and returns its node. The network owns no values: parameters and
/// running state are two flat buffers (`weights`), in which every layer has named slices in the order of registration.
#pragma once

#include <cstdint>

#include <papillon/nn/run/any_layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class T, int Lanes = native_lanes<T>> class network {
 public:
  static constexpr int none = -1;

  struct node {
    any_layer<T, Lanes> layer;
    std::string name;
    int from, shortcut;                      ///< nodes read; shortcut may be none
    std::size_t parameters, parameter_size;  ///< slice of the parameter buffer
    std::size_t state, state_size;           ///< slice of the state buffer
    std::size_t saved;                       ///< where its saved values start
  };

  explicit network(shape input) : input_(input) {}

  /// Appends a layer that reads node `from` (none: the last one) and, if given, adds node `shortcut`.
  /// Throws papillon::error (usage) if shapes do not meet.
  int add(std::string name, any_layer<T, Lanes> layer, int from = none, int shortcut = none) {
    return connect(declare(std::move(name), std::move(layer)), from, shortcut);
  }

  /// A layer whose slices are reserved but which is not yet in the list: for models whose order of parameters is not
  /// their order of execution.
  [[nodiscard]] node declare(std::string name, any_layer<T, Lanes> layer) {
    node n{std::move(layer), std::move(name), none, none, parameter_count_, 0, state_count_, 0, saved_count_};
    n.parameter_size = append(n.layer.parameters(), n.name, parameters_, parameter_count_);
    n.state_size = append(n.layer.state(), n.name, state_, state_count_);
    saved_count_ += n.layer.saved_size();
    return n;
  }
  int connect(node n, int from = none, int shortcut = none) {
    n.from = from == none ? size() : from;
    n.shortcut = shortcut;
    if (n.from > size() || n.shortcut > size() || n.from < 0)
      throw error(errc::usage,
          message("network: layer ", n.name, " reads a node that does not exist (nodes come in order of execution)"));
    require_shape(n, n.layer.input(), n.from);
    if (shortcut != none) require_shape(n, n.layer.output(), shortcut);
    nodes_.push_back(std::move(n));
    return size();
  }

  /// Number of layers; they are nodes 1 .. size().
  [[nodiscard]] int size() const { return static_cast<int>(nodes_.size()); }
  [[nodiscard]] node const& at(int i) const { return nodes_[static_cast<std::size_t>(i - 1)]; }
  [[nodiscard]] shape extent(int i) const { return i == 0 ? input_ : at(i).layer.output(); }
  [[nodiscard]] shape input() const { return input_; }
  [[nodiscard]] shape output() const { return extent(size()); }

  [[nodiscard]] std::vector<slot> const& parameters() const { return parameters_; }
  [[nodiscard]] std::size_t parameter_count() const { return parameter_count_; }
  [[nodiscard]] std::vector<slot> const& state() const { return state_; }
  [[nodiscard]] std::size_t state_count() const { return state_count_; }
  [[nodiscard]] std::size_t saved_count() const { return saved_count_; }
  /// Multiply-adds of one image, forward.
  [[nodiscard]] std::size_t macs() const {
    std::size_t sum = 0;
    for (node const& n : nodes_) sum += n.layer.macs();
    return sum;
  }

 private:
  static std::size_t append(
      std::vector<slot> slots, std::string const& name, std::vector<slot>& all, std::size_t& count) {
    std::size_t const begin = count;
    for (slot& s : slots) {
      s.name = name + "." + s.name;
      s.offset = count;
      count += s.size;
      all.push_back(std::move(s));
    }
    return count - begin;
  }

  void require_shape(node const& n, shape wanted, int source) const {
    auto const text = [](shape s) { return message(s.channels, " x ", s.height, " x ", s.width); };
    if (shape const got = extent(source); got != wanted)
      throw error(errc::usage, message("network: layer ", n.name, " wants ", text(wanted), " but node ", source,
                                   " gives ", text(got), " (shapes must meet)"));
  }

  shape input_;
  std::vector<node> nodes_;
  std::vector<slot> parameters_, state_;
  std::size_t parameter_count_ = 0, state_count_ = 0, saved_count_ = 0;
};

/// Throws papillon::error (usage), with the name of the first, if a layer of the network has no gradients of single
/// images.
template <class T, int Lanes> void require_image_gradients(network<T, Lanes> const& net) {
  for (int i = 1; i <= net.size(); ++i)
    if (!net.at(i).layer.has_image_gradients())
      throw error(errc::usage, message("network: layer ", net.at(i).name,
                                   " has no gradients of single images (batch norm mixes the images of a batch) build "
                                   "the network with group norm"));
}

/// A byte a parameter: whether it may be other than zero, as those of a mask are not.
template <class T, int Lanes> [[nodiscard]] std::vector<std::uint8_t> learned_parameters(network<T, Lanes> const& net) {
  std::vector<std::uint8_t> learned(net.parameter_count(), 1);
  for (int i = 1; i <= net.size(); ++i) {
    auto const& n = net.at(i);
    for (std::size_t k = 0; k < n.layer.support().size(); ++k) learned[n.parameters + k] = n.layer.support()[k] ? 1 : 0;
  }
  return learned;
}

/// The values of a network.
template <class T> struct weights {
  std::vector<T> parameters, state;
  friend bool operator==(weights const&, weights const&) = default;
};

}  // namespace papillon::nn
