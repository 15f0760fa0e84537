// SPDX-License-Identifier: MIT
/// \file conv2d.hpp
/// Convolution without bias, parameterised by the structure of its C_out x (C_in k k) weight: `dense`, `csr_mask`,
/// `runtime_chain`, a compile-time `chain` or one of yours. Layers share their prepared plan, so copies are cheap.
#pragma once

#include <papillon/nn/fusion.hpp>
#include <papillon/nn/kernels/convolution_plan.hpp>
#include <papillon/nn/layers/structured_layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

namespace detail {
/// A convolution's plan as a layer that works row by row, with the types of one network.
template <class T, int L> class convolution_by_rows final : public row_layer<T, L> {
 public:
  explicit convolution_by_rows(std::shared_ptr<convolution_plan const> plan) : plan_(std::move(plan)) {}

  [[nodiscard]] std::size_t packed_size(bool training) const override { return plan_->packed_size(training); }
  void pack(std::span<T const> parameters, mode how, T* packed) const override { plan_->pack(parameters, how, packed); }
  [[nodiscard]] std::size_t block_scratch(bool training) const override { return plan_->block_scratch(L, training); }
  [[nodiscard]] std::size_t gradient_size() const override { return plan_->gradient_size(); }
  void forward_block(mode how, T const* packed, input_rows<T, L> const& x, int block, output_rows<T, L> const& y,
      T* scratch) const override {
    plan_->template forward_block<T, L>(how, packed, x, block, y, scratch);
  }
  void backward_blocks(exec::omp team, T const* packed, input_rows<T, L> const& x, derivative_rows<T, L> const& dy,
      input_derivative_rows<T, L> const& dx, std::span<T> gradient, tensor_view<T, L> of_images,
      T* work) const override {
    plan_->template backward_blocks<T, L>(team, packed, x, dy, dx, gradient, of_images, work);
  }

 private:
  std::shared_ptr<convolution_plan const> plan_;
};
}  // namespace detail

template <class Structure> class conv2d : public structured_layer<Structure> {
  using base = structured_layer<Structure>;

 public:
  using base::forward, base::backward, base::scratch_size;

  /// Throws papillon::error (bad_input) unless the structure's shape fits the geometry.
  conv2d(typename base::structure_type structure, convolution_geometry const& geometry)
      : base(std::move(structure), geometry, false),
        plan_(std::make_shared<convolution_plan const>(geometry, stored(this->structure()))) {}

  [[nodiscard]] std::vector<slot> parameters() const {
    auto const n = [](int i) { return static_cast<std::size_t>(i); };
    convolution_geometry const& g = this->geometry();
    return this->slots(slot_kind::convolution, {n(g.outputs), n(g.input.channels), n(g.kernel), n(g.kernel)});
  }

  [[nodiscard]] std::size_t scratch_size(exec::omp e, int lanes, int images, mode m) const {
    return plan_->scratch(lanes, images, exec::thread_count(e), m == mode::train);
  }
  template <class T, int L> void forward(exec::omp e, forward_args<T, L> const& a) const {
    plan_->template forward<T, L>(e, a.how, a.parameters, a.x, a.y, a.scratch);
  }
  template <class T, int L> void backward(exec::omp e, backward_args<T, L> const& a) const {
    plan_->template backward<T, L>(
        e, a.parameters, a.x, a.dy, a.dx, a.accumulate_dx, a.gradient, a.scratch, a.image_gradients);
  }
  /// How it runs row by row, so that what stands before and after may be applied on the way (nn/fusion.hpp).
  template <class T, int L> [[nodiscard]] std::shared_ptr<row_layer<T, L> const> by_rows() const {
    return std::make_shared<detail::convolution_by_rows<T, L>>(plan_);
  }

 private:
  std::shared_ptr<convolution_plan const> plan_;
};

template <class Structure> conv2d(Structure, convolution_geometry const&) -> conv2d<Structure>;

static_assert(runs_on<conv2d<dense>, exec::seq> && runs_on<conv2d<csr_mask>, exec::seq> &&
              runs_on<conv2d<runtime_chain>, exec::seq>);
static_assert(runs_on<conv2d<dense>, exec::omp> == exec::omp_available);

}  // namespace papillon::nn
