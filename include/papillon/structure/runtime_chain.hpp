// SPDX-License-Identifier: MIT
/// \file runtime_chain.hpp
/// A product W = K_1 K_2 ... K_L of Kronecker-sparse factors as an object, leftmost (output side) first:
/// what chain<...> is as a type, for sizes that a program reads. Same questions, same answers, same order of
/// coefficients; an impossible product throws instead of failing to compile.
#pragma once

#include <limits>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/structure/chain.hpp>

namespace papillon::inline PAPILLON_ISA {

/// "(a, b, c, d)".
[[nodiscard]] inline std::string to_string(pattern p) {
  std::string text = "(";  // appended to: g++ 12 warns of an overlap that is not there in "(" + std::to_string(...)
  for (int const n : {p.a, p.b, p.c, p.d}) text += std::to_string(n) + ", ";
  text.resize(text.size() - 2);
  return text += ')';
}

/// A chain whose factors are known at run time.
class runtime_chain {
 public:
  /// Throws papillon::error (bad_input) if there is no factor, a factor is impossible, or two neighbours do not
  /// compose; the text names the factor (counted from 0, the output side) and both sizes.
  explicit runtime_chain(std::vector<pattern> factors) : factors_(std::move(factors)) {
    if (factors_.empty()) throw error(errc::bad_input, "chain: no factors (a product needs at least one)");
    if (auto const k = detail::first_invalid(factors_); k != detail::npos)
      throw error(errc::bad_input,
          message("chain: factor ", k, " is ", to_string(factors_[k]), " (a, b, c, d start at 1 and abcd is an int)"));
    if (auto const k = detail::first_misfit(factors_); k != detail::npos)
      throw error(errc::bad_input,
          message("chain: factor ", k, " ", to_string(factors_[k]), " has ", factors_[k].cols(), " columns but factor ",
              k + 1, " ", to_string(factors_[k + 1]), " has ", factors_[k + 1].rows(),
              " rows (acd of a factor must be abd of the next; the output side comes first)"));
    if (detail::total_nnz(factors_) > std::numeric_limits<int>::max())
      throw error(errc::bad_input, "chain: too many coefficients (their number is an int)");
  }

  /// The same chain, known at compile time.
  template <pattern P, pattern... Ps>
  runtime_chain(chain<P, Ps...>) : factors_{P, Ps...} {}  // NOLINT: meant to be implicit

  [[nodiscard]] int rows() const noexcept { return factors_.front().rows(); }
  [[nodiscard]] int cols() const noexcept { return factors_.back().cols(); }
  /// Coefficients of all factors together.
  [[nodiscard]] int nnz() const noexcept { return static_cast<int>(detail::total_nnz(factors_)); }
  [[nodiscard]] int depth() const noexcept { return static_cast<int>(factors_.size()); }
  /// The factors, leftmost first.
  [[nodiscard]] std::span<pattern const> factors() const noexcept { return factors_; }

  friend bool operator==(runtime_chain const&, runtime_chain const&) = default;

 private:
  std::vector<pattern> factors_;
};
static_assert(chain_structure<runtime_chain>);

/// Whether every neighbouring pair fuses, not only multiplies.
[[nodiscard]] inline bool is_chainable(runtime_chain const& w) {
  return detail::first_misfit(w.factors(), chainable) == detail::npos;
}

}  // namespace papillon
