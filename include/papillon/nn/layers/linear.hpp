// SPDX-License-Identifier: MIT
/// \file linear.hpp
/// Fully connected layer y = W x + b, parameterised by the structure of its weight; input cols x 1 x 1, output rows x 1
/// x 1.
#pragma once

#include <papillon/nn/kernels/linear_plan.hpp>
#include <papillon/nn/layers/structured_layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class Structure> class linear : public structured_layer<Structure> {
  using base = structured_layer<Structure>;

 public:
  using base::forward, base::backward, base::scratch_size;

  explicit linear(typename base::structure_type structure, bool bias = true)
      : base(structure, {{structure.cols(), 1, 1}, structure.rows(), 1, 1, 0}, bias),
        plan_(std::make_shared<linear_plan const>(stored(this->structure()))) {}

  [[nodiscard]] std::vector<slot> parameters() const {
    return this->slots(slot_kind::linear,
        {static_cast<std::size_t>(this->structure().rows()), static_cast<std::size_t>(this->structure().cols())});
  }

  [[nodiscard]] std::size_t scratch_size(exec::omp, int lanes, int images, mode m) const {
    return plan_->scratch(lanes, images, m == mode::train);
  }
  template <class T, int L> void forward(exec::omp e, forward_args<T, L> const& a) const {
    plan_->template forward<T, L>(e, this->weight(a.parameters), this->bias(a.parameters), a.x, a.y, a.scratch);
  }
  template <class T, int L> void backward(exec::omp e, backward_args<T, L> const& a) const {
    plan_->template backward<T, L>(e, this->weight(a.parameters), a.x, a.dy, a.dx, a.accumulate_dx,
        this->weight(a.gradient), this->bias(a.gradient), a.image_gradients, a.scratch);
  }

 private:
  std::shared_ptr<linear_plan const> plan_;
};

template <class Structure> linear(Structure, bool = true) -> linear<Structure>;

static_assert(runs_on<linear<dense>, exec::seq> && runs_on<linear<csr_mask>, exec::seq> &&
              runs_on<linear<runtime_chain>, exec::seq>);

}  // namespace papillon::nn
