// SPDX-License-Identifier: MIT
/// \file panel_product.hpp
/// W or its transpose prepared for panels: a register of lanes holds as many vectors of the panel, a tile of one or two
/// registers of vectors is taken through all passes (panel_plan.hpp), and a weight is one number, broadcast. Complex
/// numbers are multiplied as three planes of real ones, (-Im, Re, Im).
#pragma once

#include <array>

#include <papillon/exec/parallel.hpp>
#include <papillon/product/panel_plan.hpp>
#include <papillon/product/scalar.hpp>
#include <papillon/product/tile_kernel.hpp>
#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/matrix_view.hpp>
#include <papillon/tensor/scratch.hpp>

namespace papillon::inline PAPILLON_ISA::product {

template <class T> class panel_product {
 public:
  using real = real_of<T>;
  static constexpr int lanes = native_lanes<real>;

  /// The product with W^H (W^T where W is real) where adjoint is true.
  template <class Structure>
  panel_product(Structure const& structure, std::span<T const> coefficients, bool adjoint) : adjoint_(adjoint) {
    for (auto const& f : factors_of(structure)) widest_ = std::max({widest_, f.rows(), f.cols()});
    for (panel_pass& p :
        make_panel_passes(structure, adjoint, first_cache / (pitch * static_cast<int>(sizeof(real))))) {
      auto const pack = [&](auto const& part_of) {
        for (int const index : p.weight_index)
          packed_.push_back(part_of(coefficients[static_cast<std::size_t>(index)]));
      };
      pack([](T z) { return std::real(z); });
      if constexpr (is_complex<T>) pack([](T z) { return std::imag(z); });
      p.weight_index = {};
      longest_ = std::max({longest_, p.piece_rows, p.contiguous ? p.inputs : 0});
      passes_.push_back(std::move(p));
    }
  }

  /// out = W in for any number of vectors; sizes are the caller's duty.
  void operator()(exec::omp e, matrix_view<T const> in, matrix_view<T> out) const {
    // As many vectors as a thread takes at a time; few are rather shared out.
    int const threads = exec::thread_count(e);
    int const width = in.cols >= static_cast<std::ptrdiff_t>(threads) * most_vectors ? most_vectors : lanes;
    int const tiles = static_cast<int>((in.cols + width - 1) / width);
    int const workers = std::min(threads, tiles);
    std::size_t const whole = static_cast<std::size_t>(widest_) * pitch,
                      piece = static_cast<std::size_t>(longest_) * pitch;
    auto const memory = scratch_.borrow(2 * (whole + piece) * static_cast<std::size_t>(workers));
    exec::parallel_for(exec::omp{workers}, tiles, [&](int tile, int thread) {
      real* const own = memory.data() + 2 * (whole + piece) * static_cast<std::size_t>(thread);
      std::ptrdiff_t const first = static_cast<std::ptrdiff_t>(tile) * width;
      std::ptrdiff_t const vectors = std::min<std::ptrdiff_t>(width, in.cols - first);
      multiply_tile({in.data + first * in.col_stride, in.rows, vectors, in.row_stride, in.col_stride},
          {out.data + first * out.col_stride, out.rows, vectors, out.row_stride, out.col_stride}, {own, own + whole},
          {own + 2 * whole, own + 2 * whole + piece});
    });
  }

 private:
  /// Registers that a row takes in scratch memory: two of vectors; of complex numbers one each of -Im, Re, Im.
  static constexpr int registers = is_complex<T> ? 3 : 2;
  static constexpr int most_vectors = (is_complex<T> ? 1 : 2) * lanes;
  static constexpr int pitch = registers * lanes;

  /// Bytes that the intermediates of a piece may take: two of them, and its inputs, fit the first cache.
  static constexpr int first_cache = 16 << 10;

  using two_buffers = std::array<real*, 2>;

  /// Where rows of a tile stand.
  template <class U> struct rows_at {
    U* data;
    std::ptrdiff_t step;
    [[nodiscard]] rows_at from(std::ptrdiff_t row) const { return {data + row * step, step}; }
    // NOLINTNEXTLINE(google-explicit-constructor)
    operator rows_at<U const>() const { return {data, step}; }
  };

  void multiply_tile(matrix_view<T const> in, matrix_view<T> out, two_buffers panels, two_buffers pieces) const {
    int const columns = static_cast<int>(in.cols / lanes);
    rows_at<real const> inputs{panels[0], pitch};
    rows_at<real> outputs{panels[1], pitch};
    // Rows of vectors are read and written where they stand; others are laid out first, all of them unless pieces read
    // them in turn.
    bool reads_in_place = false, writes_in_place = false;
    if constexpr (!is_complex<T>) {
      reads_in_place = in.col_stride == 1, writes_in_place = out.col_stride == 1;
      if (reads_in_place) inputs = {in.data, in.row_stride};
    }
    bool const by_piece = !reads_in_place && passes_.front().contiguous;
    if (!reads_in_place && !by_piece) load_rows(in, panels[0]);
    real const* weights = packed_.data();
    for (panel_pass const& p : passes_) {
      bool const first = &p == &passes_.front();
      if constexpr (!is_complex<T>) {
        if (writes_in_place && &p == &passes_.back()) outputs = {out.data, out.row_stride};
      }
      std::size_t of_piece = 0;
      for (panel_pass::stage const& s : p.stages) of_piece += s.weights;
      std::size_t const imaginary = of_piece * static_cast<std::size_t>(p.rows * p.count);
      for (int row = 0; row < p.rows; ++row)
        for (int k = 0; k < p.count; ++k) {
          rows_at<real const> from = inputs.from(row * p.row_in + k * p.step);
          if (by_piece && first) {
            load_rows(
                {in.data + row * p.row_in * in.row_stride, p.inputs, in.cols, in.row_stride, in.col_stride}, pieces[0]);
            from = {pieces[0], pitch};
          } else if (!p.copied.empty()) {
            copy_rows(from, p.copied, pieces[0], is_complex<T> ? registers : columns);
            from = {pieces[0], pitch};
          }
          for (std::size_t s = 0; s < p.stages.size(); ++s) {
            bool const last = s + 1 == p.stages.size();
            rows_at<real> const to =
                last ? outputs.from(row * p.row_out + k * p.step) : rows_at<real>{pieces[(s + 1) % 2], pitch};
            multiply_stage(p.stages[s].plan, weights, imaginary, from, to, columns);
            weights += p.stages[s].weights;
            from = to;
          }
        }
      if constexpr (is_complex<T>) weights += imaginary;
      inputs = outputs;
      std::swap(panels[0], panels[1]);
      outputs = {panels[1], pitch};
    }
    if (!writes_in_place) store_rows(panels[0], out);
  }

  static void copy_rows(rows_at<real const> from, std::span<int const> rows, real* to, int columns) {
    for (int const r : rows) {
      for (int v = 0; v < columns; ++v) store<lanes>(to + v * lanes, load<lanes>(from.from(r).data + v * lanes));
      to += pitch;
    }
  }

  /// The imaginary parts of weights stand `imaginary` behind the real ones.
  static void multiply_stage(product_plan const& plan, real const* weights, [[maybe_unused]] std::size_t imaginary,
      rows_at<real const> from, rows_at<real> to, [[maybe_unused]] int columns) {
    if constexpr (is_complex<T>) {
      // (Re, Im) = Re W (Re, Im) + Im W (-Im, Re).
      position_grid const two{1, 2, 0, 1, 0, 1, from.step, to.step};
      multiply<lanes, offsets::rows>(plan, weights, from.data + lanes, to.data + lanes, two);
      multiply<lanes, offsets::rows>(plan, weights + imaginary, from.data, to.data + lanes, two, true);
      for (int const row : plan.outputs) store<lanes>(to.from(row).data, -load<lanes>(to.from(row).data + 2 * lanes));
    } else {
      multiply<lanes, offsets::rows>(
          plan, weights, from.data, to.data, position_grid{1, columns, 0, 1, 0, 1, from.step, to.step});
    }
  }

  /// W^H x is the conjugate of W^T applied to the conjugate.
  [[nodiscard]] real sign_of_imaginary() const { return adjoint_ ? real{-1} : real{1}; }

  /// The vectors of a tile, side by side in every row; zeros where there are none.
  void load_rows(matrix_view<T const> in, real* to) const {
    if constexpr (is_complex<T>) {
      for (std::ptrdiff_t r = 0; r < in.rows; ++r, to += pitch)
        for (int n = 0; n < lanes; ++n) {
          T const x = n < in.cols ? in.at(r, n) : T{};
          to[n] = -sign_of_imaginary() * x.imag(), to[lanes + n] = x.real(),
          to[2 * lanes + n] = sign_of_imaginary() * x.imag();
        }
    } else {
      for (std::ptrdiff_t first = 0; first < in.cols; first += lanes, to += lanes) {
        T const* const from = in.data + first * in.col_stride;
        std::ptrdiff_t r = 0;
        if (first + lanes <= in.cols && in.col_stride == 1) {
          for (; r < in.rows; ++r) store<lanes>(to + r * pitch, load<lanes>(from + r * in.row_stride));
        } else if (first + lanes <= in.cols && in.row_stride == 1) {
          for (; r + lanes <= in.rows; r += lanes) {
            vec<T, lanes> square[lanes];
#pragma GCC unroll 16
            for (int n = 0; n < lanes; ++n) square[n] = load<lanes>(from + r + n * in.col_stride);
            transpose<T, lanes>(square);
#pragma GCC unroll 16
            for (int k = 0; k < lanes; ++k) store<lanes>(to + (r + k) * pitch, square[k]);
          }
        }
        for (; r < in.rows; ++r)
          for (int n = 0; n < lanes; ++n) to[r * pitch + n] = first + n < in.cols ? in.at(r, first + n) : T{};
      }
    }
  }

  void store_rows(real const* from, matrix_view<T> out) const {
    if constexpr (is_complex<T>) {
      for (std::ptrdiff_t r = 0; r < out.rows; ++r, from += pitch)
        for (int n = 0; n < out.cols; ++n) out.at(r, n) = {from[lanes + n], sign_of_imaginary() * from[2 * lanes + n]};
    } else {
      for (std::ptrdiff_t first = 0; first < out.cols; first += lanes, from += lanes) {
        T* const to = out.data + first * out.col_stride;
        std::ptrdiff_t r = 0;
        if (first + lanes <= out.cols && out.col_stride == 1) {
          for (; r < out.rows; ++r) store<lanes>(to + r * out.row_stride, load<lanes>(from + r * pitch));
        } else if (first + lanes <= out.cols && out.row_stride == 1) {
          for (; r + lanes <= out.rows; r += lanes) {
            vec<T, lanes> square[lanes];
#pragma GCC unroll 16
            for (int k = 0; k < lanes; ++k) square[k] = load<lanes>(from + (r + k) * pitch);
            transpose<T, lanes>(square);
#pragma GCC unroll 16
            for (int n = 0; n < lanes; ++n) store<lanes>(to + r + n * out.col_stride, square[n]);
          }
        }
        for (; r < out.rows; ++r)
          for (int n = 0; n < lanes && first + n < out.cols; ++n) out.at(r, first + n) = from[r * pitch + n];
      }
    }
  }

  bool adjoint_;
  std::vector<panel_pass> passes_;
  buffer<real> packed_;  ///< pass by pass: real parts, then, of complex numbers, imaginary parts
  int widest_ = 0, longest_ = 0;
  scratch<real> scratch_;
};

}  // namespace papillon::product
