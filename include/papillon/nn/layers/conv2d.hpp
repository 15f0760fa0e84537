// SPDX-License-Identifier: MIT
/// \file conv2d.hpp
/// Convolution without bias, parameterised by the structure of its C_out x (C_in k k) weight: `dense`, `csr_mask`,
/// `runtime_chain` or a compile-time `chain`. Layers share their prepared plan, so copies are cheap.
#pragma once

#include <memory>
#include <vector>

#include <papillon/nn/kernels/convolution_plan.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/nn/layers/product_on_device.hpp>
#include <papillon/nn/layers/weight.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class Structure>
class conv2d {
 public:
  using structure_type = Structure;

  /// Throws papillon::error (bad_input) unless the structure's shape fits the geometry.
  conv2d(Structure structure, nn::convolution_geometry const& geometry)
      : structure_(std::make_shared<Structure const>(std::move(structure))),
        plan_(std::make_shared<nn::convolution_plan const>(geometry, stored(*structure_))) {}

  [[nodiscard]] Structure const& structure() const { return *structure_; }
  [[nodiscard]] nn::convolution_geometry const& geometry() const { return plan_->geometry(); }
  /// How it runs under `omp`; also lets a network merge it with the batch norm that follows (nn/run/schedule.hpp).
  [[nodiscard]] nn::convolution_plan const& convolution() const { return *plan_; }

  [[nodiscard]] shape input() const { return geometry().input; }
  [[nodiscard]] shape output() const { return geometry().output(); }
  [[nodiscard]] std::vector<slot> parameters() const {
    auto const n = [](int i) { return static_cast<std::size_t>(i); };
    nn::convolution_geometry const& g = geometry();
    return weight_slots(*structure_, slot_kind::convolution,
                        {n(g.outputs), n(g.input.channels), n(g.kernel), n(g.kernel)});
  }
  [[nodiscard]] std::vector<slot> state() const { return {}; }
  [[nodiscard]] std::size_t saved_size() const { return 0; }
  [[nodiscard]] std::size_t scratch_size(int lanes, int images, int threads, mode m) const {
    return plan_->scratch(lanes, images, threads, m == mode::train);
  }
  [[nodiscard]] std::size_t macs() const {
    return static_cast<std::size_t>(structure_->nnz()) * static_cast<std::size_t>(output().pixels());
  }

  template <class T, int L>
  void forward(exec::seq e, forward_args<T, L> const& a) const {
    nn::convolution_forward<T, L>(e, geometry(), stored(*structure_), a.parameters, a.x, a.y);
  }
  template <class T, int L>
  void backward(exec::seq e, backward_args<T, L> const& a) const {
    nn::convolution_backward<T, L>(e, geometry(), stored(*structure_), a.parameters, a.x, a.dy, a.dx, a.accumulate_dx,
                                   a.gradient);
  }
  template <class T, int L>
  void forward(exec::omp e, forward_args<T, L> const& a) const {
    plan_->template forward<T, L>(e, a.threads, a.parameters, a.x, a.y, a.scratch);
  }
  template <class T, int L>
  void backward(exec::omp e, backward_args<T, L> const& a) const {
    plan_->template backward<T, L>(e, a.threads, a.parameters, a.x, a.dy, a.dx, a.accumulate_dx, a.gradient, a.scratch);
  }
  template <class T>
  [[nodiscard]] std::shared_ptr<device_layer<T> const> on_device(std::vector<int>& tables) const {
    return std::make_shared<product_on_device<T>>(
        nn::structured_product(geometry(), stored(*structure_), false, tables));
  }

 private:
  std::shared_ptr<Structure const> structure_;
  std::shared_ptr<nn::convolution_plan const> plan_;
};

static_assert(runs_on<conv2d<dense>, exec::seq> && runs_on<conv2d<csr_mask>, exec::seq> &&
              runs_on<conv2d<runtime_chain>, exec::seq>);
static_assert(runs_on<conv2d<dense>, exec::omp> == exec::omp_available);

}  // namespace papillon::nn
