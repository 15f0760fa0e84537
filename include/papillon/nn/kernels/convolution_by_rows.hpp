// SPDX-License-Identifier: MIT
/// \file convolution_by_rows.hpp
/// A convolution as a layer that works row by row (nn/fusion.hpp): its plan, with the types of one network.
#pragma once

#include <memory>
#include <utility>

#include <papillon/nn/fusion.hpp>
#include <papillon/nn/kernels/convolution_plan.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class T, int L> class convolution_by_rows final : public row_layer<T, L> {
 public:
  explicit convolution_by_rows(std::shared_ptr<convolution_plan const> plan) : plan_(std::move(plan)) {}

  [[nodiscard]] std::size_t packed_size(bool training) const override { return plan_->packed_size(training); }
  void pack(std::span<T const> parameters, bool training, T* packed) const override {
    plan_->pack(parameters, training, packed);
  }
  [[nodiscard]] std::size_t block_scratch(bool training) const override { return plan_->block_scratch(L, training); }
  [[nodiscard]] std::size_t gradient_size() const override { return plan_->gradient_size(); }
  void forward_block(
      T const* packed, input_rows<T, L> const& x, int block, output_rows<T, L> const& y, T* scratch) const override {
    plan_->template forward_block<T, L>(packed, x, block, y, scratch);
  }
  void backward_blocks(exec::omp team, T const* packed, input_rows<T, L> const& x, derivative_rows<T, L> const& dy,
      input_derivative_rows<T, L> const& dx, std::span<T> gradient, T* work) const override {
    plan_->template backward_blocks<T, L>(team, packed, x, dy, dx, gradient, work);
  }

 private:
  std::shared_ptr<convolution_plan const> plan_;
};

}  // namespace papillon::nn
