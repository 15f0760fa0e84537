// SPDX-License-Identifier: MIT
/// \file structured_layer.hpp
/// What layers with a structured weight share, a linear layer being a convolution of one pixel. A base class.
/// In a network one factor is the slot "weight": of a dense weight and of a CSR-masked one in the layer's full shape
/// (PyTorch's; zero off the mask), of a structure of yours as long as its storage. Several factors, and those of
/// chains, have a slot each, "factor0" leftmost; a Kronecker factor's is T[a][b][c][d].
#pragma once

#include <papillon/nn/kernels/structured_product.hpp>
#include <papillon/structure/checked_structure.hpp>
#include <papillon/structure/factor_name.hpp>
#include <papillon/structure/runtime_chain.hpp>
#include <papillon/structure/size.hpp>
#include <papillon/tensor/lazy.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// The form in which products see the coefficients of a structure inside a network.
template <structure S> [[nodiscard]] S const& stored(S const& s) { return s; }
[[nodiscard]] inline product::masked stored(csr_mask const& s) { return {&s}; }

/// Slots of a weight whose dense shape is `dims` (rows first). Fan-in is the largest number of nonzeros of a row; of a
/// masked weight that of the dense one, from which it was pruned.
template <structure S>
[[nodiscard]] std::vector<slot> weight_slots(S const& s, slot_kind kind, std::vector<std::size_t> const& dims) {
  using factor = factor_of<S>;
  auto const size = [](int n) { return static_cast<std::size_t>(n); };
  std::vector<slot> slots;
  for (factor const& f : factors_of(s)) {
    bool constexpr in_full = std::same_as<factor, dense> || std::same_as<factor, csr_mask>;
    std::vector<std::size_t> in_row(size(f.rows()), in_full ? size(f.cols()) : 0);
    if constexpr (!in_full) f.for_each_nonzero([&](int r, int, int) { ++in_row[size(r)]; });
    std::vector<std::size_t> shape{size(f.storage())};
    if constexpr (std::same_as<factor, pattern>) shape = {size(f.a), size(f.b), size(f.c), size(f.d)};
    else if (in_full) shape = dims;
    bool constexpr alone = std::same_as<factor, S> && !std::same_as<factor, pattern>;
    slots.push_back(make_slot(alone ? "weight" : factor_name(slots.size()), kind, std::move(shape),
        *std::max_element(in_row.begin(), in_row.end())));
  }
  return slots;
}

template <class Structure> class structured_layer {
 public:
  using structure_type = checked_structure<Structure>;
  static constexpr bool forms_image_gradients = true;

  [[nodiscard]] structure_type const& structure() const { return *structure_; }
  [[nodiscard]] convolution_geometry const& geometry() const { return geometry_; }
  [[nodiscard]] shape input() const { return geometry_.input; }
  [[nodiscard]] shape output() const { return geometry_.output(); }
  [[nodiscard]] std::size_t macs() const {
    return multiply_adds(*structure_) * static_cast<std::size_t>(output().pixels());
  }
  /// Which parameters may be other than zero; empty: all of them.
  [[nodiscard]] std::vector<bool> support() const {
    std::vector<bool> support;
    if constexpr (std::same_as<structure_type, csr_mask>) {
      support.resize(weights());
      stored(*structure_).for_each_nonzero([&](int, int, int i) { support[static_cast<std::size_t>(i)] = true; });
      if (bias_) support.resize(support.size() + static_cast<std::size_t>(geometry_.outputs), true);
    }
    return support;
  }

  [[nodiscard]] std::size_t scratch_size(exec::device const&, int, int images, mode m) const {
    return on_device().scratch(images, m == mode::train);
  }
  /// Indices that its kernels read.
  [[nodiscard]] std::vector<int> const& tables() const { return on_device().tables(); }

  template <class T, int L> void forward(exec::seq e, forward_args<T, L> const& a) const {
    convolution_forward<T, L>(e, geometry_, stored(*structure_), weight(a.parameters), a.x, a.y);
    auto const b = bias(a.parameters);
    for (int n = 0; n < a.y.images(); ++n)
      for (std::size_t r = 0; r < b.size(); ++r) a.y.at(n, static_cast<int>(r)) += b[r];
  }
  template <class T, int L> void backward(exec::seq e, backward_args<T, L> const& a) const {
    convolution_backward<T, L>(
        e, geometry_, stored(*structure_), weight(a.parameters), a.x, a.dy, a.dx, a.accumulate_dx, weight(a.gradient));
    auto const db = bias(a.gradient);
    for (int n = 0; n < a.dy.images(); ++n)
      for (std::size_t r = 0; r < db.size(); ++r) db[r] += a.dy.at(n, static_cast<int>(r));
  }
  template <class T> void forward(exec::device const& on, forward_args<T, exec::device_lanes> const& a) const {
    on_device().forward(on, a);
  }
  template <class T> void backward(exec::device const& on, backward_args<T, exec::device_lanes> const& a) const {
    on_device().backward(on, a);
  }

 protected:
  structured_layer(structure_type structure, convolution_geometry const& geometry, bool bias)
      : structure_(std::make_shared<structure_type const>(std::move(structure))), geometry_(geometry), bias_(bias) {}

  /// Of the weight, whose dense shape is `dims`, and the bias.
  [[nodiscard]] std::vector<slot> slots(slot_kind kind, std::vector<std::size_t> const& dims) const {
    std::vector<slot> all = weight_slots(*structure_, kind, dims);
    if (bias_) all.push_back(make_slot("bias", slot_kind::bias, {dims[0]}, dims[1]));
    return all;
  }
  /// Of parameters or a gradient; empty where that is.
  template <class T> [[nodiscard]] std::span<T> weight(std::span<T> all) const {
    return all.first(all.empty() ? 0 : weights());
  }
  template <class T> [[nodiscard]] std::span<T> bias(std::span<T> all) const {
    return all.empty() ? all : all.subspan(weights(), bias_ ? static_cast<std::size_t>(geometry_.outputs) : 0);
  }

 private:
  [[nodiscard]] std::size_t weights() const { return coefficients(stored(*structure_)); }
  [[nodiscard]] structured_product const& on_device() const {
    return on_device_.get([&] { return structured_product(geometry_, stored(*structure_), bias_); });
  }

  std::shared_ptr<structure_type const> structure_;
  convolution_geometry geometry_;
  bool bias_;
  lazy<structured_product> on_device_;
};

}  // namespace papillon::nn
