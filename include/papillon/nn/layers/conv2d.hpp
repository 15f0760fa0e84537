// SPDX-License-Identifier: MIT
/// \file conv2d.hpp
/// Convolution without bias, parameterised by the structure of its C_out x (C_in k k) weight: `dense`, `csr_mask`,
/// `runtime_chain`, a compile-time `chain` or one of yours. Layers share their prepared plan, so copies are cheap.
#pragma once

#include <memory>
#include <vector>

#include <papillon/nn/kernels/convolution_by_rows.hpp>
#include <papillon/nn/kernels/convolution_plan.hpp>
#include <papillon/nn/kernels/structured_product.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/nn/layers/weight.hpp>
#include <papillon/structure/checked_structure.hpp>
#include <papillon/structure/runtime_chain.hpp>
#include <papillon/structure/size.hpp>
#include <papillon/tensor/lazy.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class Structure> class conv2d {
 public:
  using structure_type = checked_structure<Structure>;

  /// Throws papillon::error (bad_input) unless the structure's shape fits the geometry.
  conv2d(structure_type structure, nn::convolution_geometry const& geometry)
      : structure_(std::make_shared<structure_type const>(std::move(structure))),
        plan_(std::make_shared<nn::convolution_plan const>(geometry, stored(*structure_))) {}

  [[nodiscard]] structure_type const& structure() const { return *structure_; }
  [[nodiscard]] nn::convolution_geometry const& geometry() const { return plan_->geometry(); }
  /// How it runs under `omp`; also lets a network merge it with the batch norm that follows (nn/run/schedule.hpp).
  [[nodiscard]] nn::convolution_plan const& convolution() const { return *plan_; }

  [[nodiscard]] shape input() const { return geometry().input; }
  [[nodiscard]] shape output() const { return geometry().output(); }
  [[nodiscard]] std::vector<slot> parameters() const {
    auto const n = [](int i) { return static_cast<std::size_t>(i); };
    nn::convolution_geometry const& g = geometry();
    return weight_slots(
        *structure_, slot_kind::convolution, {n(g.outputs), n(g.input.channels), n(g.kernel), n(g.kernel)});
  }
  [[nodiscard]] std::vector<slot> state() const { return {}; }
  [[nodiscard]] std::size_t saved_size() const { return 0; }
  /// Which parameters may be other than zero; empty: all of them.
  [[nodiscard]] std::vector<bool> support() const { return support_of(*structure_); }
  [[nodiscard]] std::size_t macs() const {
    return multiply_adds(*structure_) * static_cast<std::size_t>(output().pixels());
  }

  [[nodiscard]] std::size_t scratch_size(exec::seq, int, int, mode) const { return 0; }
  [[nodiscard]] std::size_t scratch_size(exec::omp e, int lanes, int images, mode m) const {
    return plan_->scratch(lanes, images, exec::thread_count(e), m == mode::train);
  }
  [[nodiscard]] std::size_t scratch_size(exec::device const&, int, int images, mode m) const {
    return on_device().scratch(images, m == mode::train);
  }
  /// Indices that its kernels read.
  [[nodiscard]] std::vector<int> const& tables() const { return on_device().tables(); }

  template <class T, int L> void forward(exec::seq e, forward_args<T, L> const& a) const {
    convolution_forward<T, L>(e, geometry(), stored(*structure_), a.parameters, a.x, a.y);
  }
  template <class T, int L> void backward(exec::seq e, backward_args<T, L> const& a) const {
    convolution_backward<T, L>(
        e, geometry(), stored(*structure_), a.parameters, a.x, a.dy, a.dx, a.accumulate_dx, a.gradient);
  }
  template <class T, int L> void forward(exec::omp e, forward_args<T, L> const& a) const {
    plan_->template forward<T, L>(e, a.parameters, a.x, a.y, a.scratch);
  }
  template <class T, int L> void backward(exec::omp e, backward_args<T, L> const& a) const {
    plan_->template backward<T, L>(e, a.parameters, a.x, a.dy, a.dx, a.accumulate_dx, a.gradient, a.scratch);
  }
  template <class T> void forward(exec::device const& on, forward_args<T, exec::device_lanes> const& a) const {
    on_device().forward(
        on, a.tables.data(), a.parameters.data(), a.x.data(), a.y.data(), a.x.images(), a.scratch.data());
  }
  template <class T> void backward(exec::device const& on, backward_args<T, exec::device_lanes> const& a) const {
    on_device().backward(on, a.tables.data(), a.parameters.data(), a.x.data(), a.dy.data(), a.dx.data(),
        a.accumulate_dx, a.gradient.data(), a.x.images(), a.scratch.data());
  }

  /// How it runs row by row, so that what stands before and after may be applied on the way (nn/fusion.hpp).
  template <class T, int L> [[nodiscard]] std::shared_ptr<row_layer<T, L> const> by_rows() const {
    return std::make_shared<convolution_by_rows<T, L>>(plan_);
  }

 private:
  [[nodiscard]] structured_product const& on_device() const {
    return on_device_.get([&] { return structured_product(geometry(), stored(*structure_), false); });
  }

  std::shared_ptr<structure_type const> structure_;
  std::shared_ptr<convolution_plan const> plan_;
  lazy<structured_product> on_device_;
};

template <class Structure> conv2d(Structure, nn::convolution_geometry const&) -> conv2d<Structure>;

static_assert(runs_on<conv2d<dense>, exec::seq> && runs_on<conv2d<csr_mask>, exec::seq> &&
              runs_on<conv2d<runtime_chain>, exec::seq>);
static_assert(runs_on<conv2d<dense>, exec::omp> == exec::omp_available);

}  // namespace papillon::nn
