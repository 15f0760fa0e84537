// SPDX-License-Identifier: MIT
/// \file product_operator.hpp
/// A product W = M_1 M_2 ... M_k of chains, dense matrices and masks with their coefficients, diagonals and index maps
/// (permutations, padding), leftmost (output side) first: what the exact transforms of operators/transforms.hpp are.
/// Intermediate panels are kept whole.
#pragma once

#include <array>
#include <variant>

#include <papillon/operators/index_map.hpp>
#include <papillon/operators/linear_operator.hpp>
#include <papillon/structure/runtime_chain.hpp>

namespace papillon::inline PAPILLON_ISA {

template <class T> class product_operator {
 public:
  using value_type = T;
  using diagonal = std::vector<T>;
  using part = std::variant<linear_operator<runtime_chain, T>, linear_operator<dense, T>, linear_operator<csr_mask, T>,
      diagonal, index_map>;

  /// Throws papillon::error (bad_input) if there is no part, or the columns of one are not the rows of the next.
  explicit product_operator(std::vector<part> parts) : parts_(std::move(parts)) {
    if (parts_.empty()) throw error(errc::bad_input, "product: no parts (a product needs at least one)");
    for (std::size_t k = 0; k + 1 < parts_.size(); ++k)
      if (int const cols = sides(parts_[k])[1], rows = sides(parts_[k + 1])[0]; cols != rows)
        throw error(errc::bad_input, message("product: part ", k, " has ", cols, " columns but part ", k + 1, " has ",
                                         rows, " rows (the output side comes first)"));
  }

  [[nodiscard]] int rows() const { return sides(parts_.front())[0]; }
  [[nodiscard]] int cols() const { return sides(parts_.back())[1]; }
  [[nodiscard]] std::vector<part> const& parts() const { return parts_; }

  /// out = W in, or W^H in; sizes are the caller's duty.
  template <class E>
  requires linear_map<linear_operator<runtime_chain, T>, E>
  void multiply(E e, bool adjoint, matrix_view<T const> in, matrix_view<T> out) const {
    buffer<T> panels[2];
    std::size_t const count = parts_.size();
    for (std::size_t k = 0; k < count; ++k) {
      part const& p = parts_[adjoint ? k : count - 1 - k];
      matrix_view<T> to = out;
      if (k + 1 < count) {
        std::ptrdiff_t const rows = sides(p)[adjoint];
        panels[k % 2].resize(static_cast<std::size_t>(rows * in.cols));
        to = {panels[k % 2].data(), rows, in.cols, in.cols, 1};
      }
      std::visit([&](auto const& m) { step(e, adjoint, m, in, to); }, p);
      in = to;
    }
  }

 private:
  /// Rows and columns.
  [[nodiscard]] static std::array<int, 2> sides(part const& p) {
    return std::visit(
        [](auto const& m) -> std::array<int, 2> {
          if constexpr (
              requires { m.size(); })
            return {static_cast<int>(m.size()), static_cast<int>(m.size())};
          else return {m.rows(), m.cols()};
        },
        p);
  }

  template <class E, class S>
  static void step(E e, bool adjoint, linear_operator<S, T> const& m, matrix_view<T const> in, matrix_view<T> out) {
    m.multiply(e, adjoint, in, out);
  }
  template <class E>
  static void step(E e, bool adjoint, diagonal const& m, matrix_view<T const> in, matrix_view<T> out) {
    exec::parallel_for(
        e, static_cast<int>(m.size()),
        [&](int r, int) {
          T const factor =
              adjoint ? product::conjugate(m[static_cast<std::size_t>(r)]) : m[static_cast<std::size_t>(r)];
          for (std::ptrdiff_t n = 0; n < in.cols; ++n) out.at(r, n) = factor * in.at(r, n);
        });
  }
  template <class E>
  static void step(E e, bool adjoint, index_map const& m, matrix_view<T const> in, matrix_view<T> out) {
    auto const source = m.source();
    if (!adjoint) {
      exec::parallel_for(e, m.rows(), [&](int r, int) {
        int const from = source[static_cast<std::size_t>(r)];
        for (std::ptrdiff_t n = 0; n < in.cols; ++n) out.at(r, n) = from == index_map::nothing ? T{} : in.at(from, n);
      });
      return;
    }
    // Several rows may take the same entry: its adjoint sums them, in order.
    for (std::ptrdiff_t r = 0; r < out.rows; ++r)
      for (std::ptrdiff_t n = 0; n < out.cols; ++n) out.at(r, n) = T{};
    for (std::size_t r = 0; r < source.size(); ++r)
      for (std::ptrdiff_t n = 0; n < in.cols && source[r] != index_map::nothing; ++n)
        out.at(source[r], n) += in.at(static_cast<std::ptrdiff_t>(r), n);
  }

  std::vector<part> parts_;
};

static_assert(linear_map<product_operator<float>, exec::omp>);
static_assert(!linear_map<product_operator<float>, exec::emulated>);

}  // namespace papillon
