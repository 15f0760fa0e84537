// SPDX-License-Identifier: MIT
/// \file linear.hpp
/// Fully connected layer y = W x + b, parameterised by the structure of its weight; input cols x 1 x 1, output rows x 1
/// x 1.
#pragma once

#include <memory>
#include <vector>

#include <papillon/nn/kernels/linear_plan.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/nn/layers/product_on_device.hpp>
#include <papillon/nn/layers/weight.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class Structure>
class linear {
 public:
  using structure_type = Structure;

  explicit linear(Structure structure, bool bias = true)
      : structure_(std::make_shared<Structure const>(std::move(structure))),
        plan_(std::make_shared<nn::linear_plan const>(stored(*structure_))), bias_(bias) {}

  [[nodiscard]] Structure const& structure() const { return *structure_; }
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
  [[nodiscard]] std::size_t scratch_size(int lanes, int images, int, mode m) const {
    return plan_->scratch(lanes, images, m == mode::train);
  }
  [[nodiscard]] std::size_t macs() const { return static_cast<std::size_t>(structure_->nnz()); }

  template <class T, int L>
  void forward(exec::seq e, forward_args<T, L> const& a) const {
    nn::linear_forward<T, L>(e, stored(*structure_), weight(a.parameters), bias(a.parameters), a.x, a.y);
  }
  template <class T, int L>
  void backward(exec::seq e, backward_args<T, L> const& a) const {
    nn::linear_backward<T, L>(e, stored(*structure_), weight(a.parameters), a.x, a.dy, a.dx, a.accumulate_dx,
                              weight(a.gradient), bias(a.gradient));
  }
  template <class T, int L>
  void forward(exec::omp e, forward_args<T, L> const& a) const {
    plan_->template forward<T, L>(e, a.threads, weight(a.parameters), bias(a.parameters), a.x, a.y, a.scratch);
  }
  template <class T, int L>
  void backward(exec::omp e, backward_args<T, L> const& a) const {
    plan_->template backward<T, L>(e, a.threads, weight(a.parameters), a.x, a.dy, a.dx, a.accumulate_dx,
                                   weight(a.gradient), bias(a.gradient), a.scratch);
  }
  template <class T>
  [[nodiscard]] std::shared_ptr<device_layer<T> const> on_device(std::vector<int>& tables) const {
    return std::make_shared<product_on_device<T>>(nn::structured_product(stored(*structure_), bias_, tables));
  }

 private:
  template <class T>
  [[nodiscard]] std::span<T> weight(std::span<T> all) const {
    return all.first(stored_size(*structure_));
  }
  template <class T>
  [[nodiscard]] std::span<T> bias(std::span<T> all) const {
    return bias_ ? all.subspan(stored_size(*structure_)) : std::span<T>{};
  }

  std::shared_ptr<Structure const> structure_;
  std::shared_ptr<nn::linear_plan const> plan_;
  bool bias_;
};

static_assert(runs_on<linear<dense>, exec::seq> && runs_on<linear<csr_mask>, exec::seq> &&
              runs_on<linear<runtime_chain>, exec::seq>);

}  // namespace papillon::nn
