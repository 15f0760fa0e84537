// SPDX-License-Identifier: MIT
/// \file linear.hpp
/// Fully connected layer y = W x + b, parameterised by the structure of its weight; input cols x 1 x 1, output rows x 1
/// x 1.
#pragma once

#include <memory>
#include <vector>

#include <papillon/nn/kernels/linear_plan.hpp>
#include <papillon/nn/kernels/structured_product.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/nn/layers/weight.hpp>
#include <papillon/structure/checked_structure.hpp>
#include <papillon/structure/runtime_chain.hpp>
#include <papillon/structure/size.hpp>
#include <papillon/tensor/lazy.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class Structure> class linear {
 public:
  using structure_type = checked_structure<Structure>;

  explicit linear(structure_type structure, bool bias = true)
      : structure_(std::make_shared<structure_type const>(std::move(structure))),
        plan_(std::make_shared<nn::linear_plan const>(stored(*structure_))), bias_(bias) {}

  [[nodiscard]] structure_type const& structure() const { return *structure_; }
  [[nodiscard]] shape input() const { return {structure_->cols(), 1, 1}; }
  [[nodiscard]] shape output() const { return {structure_->rows(), 1, 1}; }
  [[nodiscard]] std::vector<slot> parameters() const {
    auto const rows = static_cast<std::size_t>(structure_->rows()), cols = static_cast<std::size_t>(structure_->cols());
    std::vector<slot> slots = weight_slots(*structure_, slot_kind::linear, {rows, cols});
    if (bias_) slots.push_back(make_slot("bias", slot_kind::bias, {rows}, cols));
    return slots;
  }
  [[nodiscard]] std::vector<slot> state() const { return {}; }
  [[nodiscard]] std::size_t saved_size() const { return 0; }
  /// Which parameters may be other than zero; empty: all of them.
  [[nodiscard]] std::vector<bool> support() const {
    auto s = support_of(*structure_);
    if (!s.empty() && bias_) s.resize(s.size() + static_cast<std::size_t>(structure_->rows()), true);
    return s;
  }
  [[nodiscard]] std::size_t scratch_size(exec::seq, int, int, mode) const { return 0; }
  [[nodiscard]] std::size_t scratch_size(exec::omp, int lanes, int images, mode m) const {
    return plan_->scratch(lanes, images, m == mode::train);
  }
  [[nodiscard]] std::size_t scratch_size(exec::device const&, int, int images, mode m) const {
    return on_device().scratch(images, m == mode::train);
  }
  /// Indices that its kernels read.
  [[nodiscard]] std::vector<int> const& tables() const { return on_device().tables(); }
  [[nodiscard]] std::size_t macs() const { return multiply_adds(*structure_); }

  template <class T, int L> void forward(exec::seq e, forward_args<T, L> const& a) const {
    nn::linear_forward<T, L>(e, stored(*structure_), weight(a.parameters), bias(a.parameters), a.x, a.y);
  }
  template <class T, int L> void backward(exec::seq e, backward_args<T, L> const& a) const {
    nn::linear_backward<T, L>(e, stored(*structure_), weight(a.parameters), a.x, a.dy, a.dx, a.accumulate_dx,
        weight(a.gradient), bias(a.gradient));
  }
  template <class T, int L> void forward(exec::omp e, forward_args<T, L> const& a) const {
    plan_->template forward<T, L>(e, weight(a.parameters), bias(a.parameters), a.x, a.y, a.scratch);
  }
  template <class T, int L> void backward(exec::omp e, backward_args<T, L> const& a) const {
    plan_->template backward<T, L>(
        e, weight(a.parameters), a.x, a.dy, a.dx, a.accumulate_dx, weight(a.gradient), bias(a.gradient), a.scratch);
  }
  template <class T> void forward(exec::device const& on, forward_args<T, exec::device_lanes> const& a) const {
    on_device().forward(
        on, a.tables.data(), a.parameters.data(), a.x.data(), a.y.data(), a.x.images(), a.scratch.data());
  }
  template <class T> void backward(exec::device const& on, backward_args<T, exec::device_lanes> const& a) const {
    on_device().backward(on, a.tables.data(), a.parameters.data(), a.x.data(), a.dy.data(), a.dx.data(),
        a.accumulate_dx, a.gradient.data(), a.x.images(), a.scratch.data());
  }

 private:
  [[nodiscard]] structured_product const& on_device() const {
    return on_device_.get([&] { return structured_product(stored(*structure_), bias_); });
  }
  template <class T> [[nodiscard]] std::span<T> weight(std::span<T> all) const {
    return all.first(coefficients(stored(*structure_)));
  }
  template <class T> [[nodiscard]] std::span<T> bias(std::span<T> all) const {
    return bias_ ? all.subspan(coefficients(stored(*structure_))) : std::span<T>{};
  }

  std::shared_ptr<structure_type const> structure_;
  std::shared_ptr<nn::linear_plan const> plan_;
  bool bias_;
  lazy<structured_product> on_device_;
};

template <class Structure> linear(Structure, bool = true) -> linear<Structure>;

static_assert(runs_on<linear<dense>, exec::seq> && runs_on<linear<csr_mask>, exec::seq> &&
              runs_on<linear<runtime_chain>, exec::seq>);

}  // namespace papillon::nn
