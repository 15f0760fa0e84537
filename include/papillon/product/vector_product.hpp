// SPDX-License-Identifier: MIT
/// \file vector_product.hpp
/// W or its transpose prepared for one vector or a few (vector_plan.hpp): factors are applied one after another to up
/// to four vectors at a time, the weights being read once for all of them. Large factors are shared out among threads;
/// neighbouring factors that fall into enough blocks are passed without waiting, each thread keeping to its blocks.
/// Complex numbers are multiplied as two real vectors, Re and Im.
#pragma once

#include <papillon/exec/parallel.hpp>
#include <papillon/product/fused_factors.hpp>
#include <papillon/product/scalar.hpp>
#include <papillon/product/vector_kernel.hpp>
#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/matrix_view.hpp>
#include <papillon/tensor/scratch.hpp>

namespace papillon::inline PAPILLON_ISA::product {

template <class T> class vector_product {
 public:
  using real = real_of<T>;

  /// The product with W^H (W^T where W is real) where adjoint is true.
  template <structure Structure>
  vector_product(Structure const& structure, std::span<T const> coefficients, bool adjoint) : adjoint_(adjoint) {
    auto const& factors = factors_of(structure);
    if constexpr (std::same_as<factor_of<Structure>, pattern> && !is_complex<T>) {
      auto const few = fuse_small<T>(std::vector<pattern>(factors.begin(), factors.end()), coefficients, lanes);
      add_stages<pattern>(few.factors, few.coefficients);
    } else {
      add_stages<factor_of<Structure>>(factors, coefficients);
    }
    small_ = !is_complex<T> && weights_ < worth_a_thread && widest_ <= most_small;
  }

  /// y = W x for one vector; sizes are the caller's duty.
  void operator()(exec::omp e, T const* x, T* y) const {
    if (small_) return multiply_small(x, y);
    (*this)(e, {x, stages_.front().plan.inputs, 1, 1, 0}, {y, stages_.back().plan.outputs, 1, 1, 0});
  }

  /// out = W in for any number of vectors; sizes are the caller's duty.
  void operator()(exec::omp e, matrix_view<T const> in, matrix_view<T> out) const {
    if (in.cols == 1 && small_ && in.row_stride == 1 && out.row_stride == 1) return multiply_small(in.data, out.data);
    std::ptrdiff_t n = 0;
    auto const columns = [&]<int X>() {
      for (; n + X <= in.cols; n += X)
        multiply<X>(e, {in.data + n * in.col_stride, in.rows, X, in.row_stride, in.col_stride},
            {out.data + n * out.col_stride, out.rows, X, out.row_stride, out.col_stride});
    };
    if constexpr (!is_complex<T>) {
      columns.template operator()<4>();
      columns.template operator()<2>();
    }
    columns.template operator()<1>();
  }

  /// Fewer multiply-adds than these are done before another thread has woken up.
  static constexpr std::size_t worth_a_thread = 1 << 17;

 private:
  static constexpr int lanes = native_lanes<real>;
  static constexpr int most_vectors = 4;
  /// Values of an intermediate that are few enough to stay in the first cache while weights stream through it.
  static constexpr int short_intermediate = 2048;
  /// Values of an intermediate that the stack holds.
  static constexpr int most_small = 1024;

  struct stage {
    vector_plan plan;
    buffer<real> packed;
  };

  template <class Factor> void add_stages(std::span<Factor const> factors, std::span<T const> coefficients) {
    std::vector<std::size_t> first;
    std::size_t at = 0;
    for (auto const& f : factors) {
      first.push_back(at);
      at += static_cast<std::size_t>(f.storage());
      widest_ = std::max({widest_, f.rows(), f.cols()});
    }
    if (!adjoint_) std::reverse(first.begin(), first.end());
    auto const factor = [&](std::size_t s) -> Factor const& { return factors[adjoint_ ? s : factors.size() - 1 - s]; };
    std::vector<pattern> seen;  // as they are applied
    if constexpr (std::same_as<Factor, pattern>)
      for (std::size_t s = 0; s < factors.size(); ++s) seen.push_back(adjoint_ ? transposed(factor(s)) : factor(s));
    for (std::size_t s = 0; s < factors.size();) {
      constexpr int most = most_levels_between(native_vector_bytes, is_complex<T>);
      auto const passes =
          make_butterfly_passes(std::span<pattern const>(seen).subspan(std::min(s, seen.size())), lanes, most);
      for (butterfly_pass const& pass : passes) {
        auto const n = static_cast<std::size_t>(pass.factors);
        add_stage(make_vector_plan(pass, std::span<pattern const>(seen).subspan(s, n),
                      std::span<std::size_t const>(first).subspan(s, n), adjoint_, lanes),
            coefficients);
        s += n;
      }
      if (passes.empty()) add_stage(make_vector_plan(factor(s), adjoint_, first[s], lanes), coefficients), ++s;
    }
  }

  void add_stage(vector_plan plan, std::span<T const> coefficients) {
    stages_.push_back({std::move(plan), {}});
    stage& s = stages_.back();
    // Real and imaginary parts: a register of either in turn in a butterfly, else all of the one behind the other.
    std::size_t const run = s.plan.butterfly.factors > 0 ? lanes : s.plan.weights;
    for (std::size_t begin = 0; begin < s.plan.weights; begin += run) {
      auto const pack = [&](auto const& part) {
        for (std::size_t i = begin; i < begin + run; ++i) {
          int const index = s.plan.weight_index[i];
          s.packed.push_back(index < 0 ? real{} : part(coefficients[static_cast<std::size_t>(index)]));
        }
      };
      pack([](T z) { return std::real(z); });
      if constexpr (is_complex<T>) pack([](T z) { return std::imag(z); });
    }
    s.plan.weight_index = {};  // as large as the weights, and done with
    weights_ += s.plan.weights;
  }

  /// Where X vectors stand, in planes of `step` values: two of a complex number.
  static constexpr int planes(int vectors) { return is_complex<T> ? 2 : vectors; }

  template <int X> void multiply(exec::omp e, matrix_view<T const> in, matrix_view<T> out) const {
    std::ptrdiff_t const step = (widest_ + 2 * lanes - 1) / lanes * lanes;
    auto const memory = scratch_.borrow(static_cast<std::size_t>(2 * planes(most_vectors) * step));
    vector_set<real> buffers[] = {{memory.data(), step}, {memory.data() + planes(X) * step, step}};

    int const parts = std::clamp(static_cast<int>(weights_ * X / worth_a_thread), 1, exec::thread_count(e));
    // Runs of factors that fall into blocks are taken block by block, so that their intermediates stay in the first
    // cache.
    int blocks = parts;
    while (widest_ * X / (2 * blocks) >= short_intermediate) blocks *= 2;
    // Within a run the vectors that a buffer holds in turn must be equally long: a block then keeps to its own part of
    // it.
    auto const in_blocks = [&](std::size_t s) { return stages_[s].plan.blocks % blocks == 0; };
    auto const continues = [&](std::size_t s) {
      return in_blocks(s) && stages_[s].plan.outputs == stages_[s - 1].plan.inputs;
    };
    // Lines travel between the caches of the threads only where they must: the user's vectors are read and written
    // where they stand if they can be.
    bool const reads_in_place = !is_complex<T> && in.row_stride == 1 && !stages_.front().plan.reads_behind;
    bool const writes_in_place = !is_complex<T> && out.row_stride == 1;
    for (std::size_t begin = 0, end; begin < stages_.size(); begin = end) {
      end = begin + 1;
      if (in_blocks(begin))
        while (end < stages_.size() && continues(end)) ++end;
      bool const by_blocks = end - begin > 1;
      if (begin == 0 && !reads_in_place && !by_blocks) load_vectors<X>(in, buffers[0], 0, in.rows);
      exec::parallel_for(exec::omp{parts}, parts, [&](int part, int) {
        int const of = by_blocks ? blocks : parts, each = of / parts;
        for (int block = part * each; block < (part + 1) * each; ++block) {
          if (begin == 0 && !reads_in_place && by_blocks)
            load_vectors<X>(in, buffers[0], in.rows * block / of, in.rows * (block + 1) / of);
          for (std::size_t s = begin; s < end; ++s) {
            vector_set<real const> from{buffers[s % 2].data, step};
            vector_set<real> to = buffers[(s + 1) % 2];
            if constexpr (!is_complex<T>) {
              if (s == 0 && reads_in_place) from = {in.data, in.col_stride};
              if (s + 1 == stages_.size() && writes_in_place) to = {out.data, out.col_stride};
            }
            run_stage<X>(stages_[s], from, to, block, of);
            if (s + 1 < stages_.size() && block == of - 1) end_with_zeros<X>(to, stages_[s].plan.outputs);
          }
        }
      });
    }
    if (!writes_in_place) store_vectors<X>(buffers[stages_.size() % 2], out);
  }

  /// One vector in the stack's memory: what a product of a few hundred multiply-adds has no time to ask for.
  void multiply_small(T const* x, T* y) const {
    if constexpr (!is_complex<T>) {
      alignas(alignment) T memory[2][most_small + 2 * lanes];
      T const* from = x;
      if (stages_.front().plan.reads_behind) {
        std::copy_n(x, stages_.front().plan.inputs, memory[1]);
        std::fill_n(memory[1] + stages_.front().plan.inputs, lanes, T{});
        from = memory[1];
      }
      std::size_t const last = stages_.size() - 1;
      for (std::size_t s = 0; s < last; ++s) {
        T* const to = memory[s % 2];
        multiply_vectors<lanes, 1, T>(stages_[s].plan, stages_[s].packed.data(), {from, 0}, {to, 0}, 0, 1);
        std::fill_n(to + stages_[s].plan.outputs, lanes, T{});
        from = to;
      }
      multiply_vectors<lanes, 1, T>(stages_[last].plan, stages_[last].packed.data(), {from, 0}, {y, 0}, 0, 1);
    }
  }

  template <int X>
  static void run_stage(stage const& s, vector_set<real const> from, vector_set<real> to, int part, int parts) {
    if constexpr (is_complex<T>) {
      if (s.plan.butterfly.factors > 0)
        return multiply_butterfly<lanes, true, real>(s.plan.butterfly, s.packed.data(), from, to, 1, part, parts);
      multiply_vectors<lanes, 2, real>(s.plan, s.packed.data(), from, to, part, parts);
      multiply_vectors<lanes, 2, real>(s.plan, s.packed.data() + s.plan.weights, {from.data + from.step, -from.step},
          to, part, parts, product_use::add_rotated);
    } else {
      multiply_vectors<lanes, X, real>(s.plan, s.packed.data(), from, to, part, parts);
    }
  }

  /// What may be read behind the last of `values` values.
  template <int X> static void end_with_zeros(vector_set<real> v, std::ptrdiff_t values) {
    for (int m = 0; m < planes(X); ++m) std::fill_n(v.data + m * v.step + values, lanes, real{});
  }

  /// W^H x is the conjugate of W^T applied to the conjugate.
  [[nodiscard]] real sign_of_imaginary() const { return adjoint_ ? real{-1} : real{1}; }

  /// Rows begin ... end-1, and the zeros behind the last row.
  template <int X>
  void load_vectors(matrix_view<T const> in, vector_set<real> to, std::ptrdiff_t begin, std::ptrdiff_t end) const {
    for (int m = 0; m < X; ++m)
      for (std::ptrdiff_t r = begin; r < end; ++r) {
        T const x = in.at(r, m);
        to.data[m * to.step + r] = std::real(x);
        if constexpr (is_complex<T>) to.data[to.step + r] = sign_of_imaginary() * std::imag(x);
      }
    if (end == in.rows) end_with_zeros<X>(to, in.rows);
  }

  template <int X> void store_vectors(vector_set<real> from, matrix_view<T> out) const {
    for (int m = 0; m < X; ++m)
      for (std::ptrdiff_t r = 0; r < out.rows; ++r)
        if constexpr (is_complex<T>) out.at(r, m) = {from.data[r], sign_of_imaginary() * from.data[from.step + r]};
        else out.at(r, m) = from.data[m * from.step + r];
  }

  bool adjoint_;
  std::vector<stage> stages_;  ///< in the order in which they are applied
  std::size_t weights_ = 0;
  int widest_ = 0;
  bool small_ = false;  ///< one vector is multiply_small's
  scratch<real> scratch_;
};

}  // namespace papillon::product
