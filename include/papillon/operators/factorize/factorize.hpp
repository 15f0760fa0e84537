// SPDX-License-Identifier: MIT
/// \file factorize.hpp
/// From a dense matrix A to a chain: coefficients of K_1 ... K_L close to A, for any chainable chain. The hierarchical
/// algorithm splits A in two factors, then those, until L are left; a split is the best one, block by block
/// (two_factor_groups.hpp), and before it all other factors are orthonormalised so that its error is the error in A.
/// A product is recovered to rounding; else error <= (L - 1) e* (any order), sqrt(L - 1) e* (from either end), e* being
/// the error of the best chain. Source: Le, Zheng, Riccietti, Gribonval, Butterfly factorization with error guarantees,
/// 2024.
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <iterator>
#include <numeric>

#include <papillon/exec/parallel.hpp>
#include <papillon/operators/factorize/jacobi_svd.hpp>
#include <papillon/operators/factorize/two_factor_groups.hpp>
#include <papillon/operators/to_dense.hpp>
#include <papillon/structure/fuse.hpp>
#include <papillon/tensor/matrix_view.hpp>

namespace papillon::inline PAPILLON_ISA {

/// Where a product of factors is split first.
enum class split_order : int {
  left_to_right,  ///< K_1 first, then K_2, ...
  right_to_left,  ///< K_L first, then K_{L-1}, ...
  balanced,       ///< in the middle, then each half in its middle: larger blocks, hence slower, and a larger constant
};

struct factorize_options {
  split_order order = split_order::left_to_right;
  bool bounds = true;  ///< also find how far the best chain is; costs about as much again
};

/// A chain close to a matrix, and how close. Norms are Frobenius'.
template <class T> struct factorization {
  runtime_chain chain;
  std::vector<T> coefficients{};       ///< those of linear_operator(chain, coefficients)
  double norm = 0;                     ///< |A|
  double error = 0;                    ///< |A - K_1 ... K_L|, formed from the factors and A
  std::vector<double> split_errors{};  ///< |A - X_s Y_s| for the best product of two split after factor s = 1 ... L - 1
  double lower_bound = 0;              ///< no chain of these patterns is closer: the largest of split_errors
  double upper_bound = 0;              ///< `error` is proven to be no larger, but for rounding

  /// error / norm; 0 for a matrix of zeros.
  [[nodiscard]] double relative_error() const { return norm > 0 ? error / norm : 0; }
};

namespace detail {

/// |entries|^2 summed.
template <class T> [[nodiscard]] double sum_of_squares(std::span<T const> v) {
  double sum = 0;
  for (T const& x : v) sum += static_cast<double>(product::squared(x));
  return sum;
}

/// The chain while it is being found, in double precision. Factors left of the centre have orthonormal columns in every
/// block, those right of it orthonormal rows: a change of the centre changes the product by the same norm.
template <class T, exec::policy E> class hierarchical_factorization {
 public:
  hierarchical_factorization(E policy, runtime_chain const& chain, split_order order)
      : policy_(policy), patterns_(chain.factors().begin(), chain.factors().end()), order_(order) {}

  /// `whole`: the coefficients of A on the support of the product.
  [[nodiscard]] std::vector<T> run(std::vector<T> whole) {
    current_.push_back({span_of(0, patterns_.size()), std::move(whole)});
    split(0, 0, patterns_.size());
    std::vector<T> coefficients;
    for (factor const& f : current_) coefficients.insert(coefficients.end(), f.values.begin(), f.values.end());
    return coefficients;
  }

  /// For s = 1 ... L - 1, the squared error of the best two factors split there.
  [[nodiscard]] std::vector<double> split_errors(std::vector<T> const& whole) const {
    std::vector<double> errors;
    for (std::size_t s = 1; s < patterns_.size(); ++s) {
      two_factor_groups const groups(span_of(0, s), span_of(s, patterns_.size()));
      errors.push_back(for_each_group(groups, whole, false, [](int, jacobi_svd<T> const&) {}));
    }
    return errors;
  }

 private:
  struct factor {
    pattern support;
    std::vector<T> values;
  };

  /// What one thread works in.
  struct scratch {
    std::vector<T> block, other;
    jacobi_svd<T> svd;
  };
  [[nodiscard]] std::vector<scratch> scratch_for(std::size_t block, std::size_t other) const {
    return std::vector<scratch>(
        static_cast<std::size_t>(exec::thread_count(policy_)), {std::vector<T>(block), std::vector<T>(other), {}});
  }

  /// The support of factors first ... last - 1 multiplied.
  [[nodiscard]] pattern span_of(std::size_t first, std::size_t last) const {
    pattern p = patterns_[first];
    for (std::size_t k = first + 1; k < last; ++k) p = fused(p, patterns_[k]);
    return p;
  }

  /// Splits current_[at], the product of factors first ... last - 1 and the centre. Then the centre is one of its
  /// parts. Returns how many factors stand in its place.
  std::size_t split(std::size_t at, std::size_t first, std::size_t last) {
    std::size_t const length = last - first;
    if (length == 1) {
      centre_ = at;
      return 1;
    }
    std::size_t const cut = order_ == split_order::left_to_right   ? first + 1
                            : order_ == split_order::right_to_left ? last - 1
                                                                   : first + length / 2;
    bool const centre_left = cut - first > 1;
    divide(at, {span_of(first, cut), span_of(cut, last)}, centre_left);
    std::size_t const parts = centre_left ? split(at, first, cut) : 1;
    while (centre_ < at + parts) move_centre_right();
    return parts + split(at + parts, cut, last);
  }

  /// current_[at] = X Y, the best there is; the centre is X or Y.
  void divide(std::size_t at, std::pair<pattern, pattern> supports, bool centre_left) {
    two_factor_groups const groups(supports.first, supports.second);
    factor x{supports.first, std::vector<T>(static_cast<std::size_t>(supports.first.nnz()))};
    factor y{supports.second, std::vector<T>(static_cast<std::size_t>(supports.second.nnz()))};
    for_each_group(groups, current_[at].values, true, [&](int g, jacobi_svd<T> const& svd) {
      for (std::size_t q = 0; q < std::min(groups.paths(), svd.values().size()); ++q) {
        double const value = svd.values()[q];
        for (std::size_t i = 0; i < groups.rows(); ++i)
          x.values[groups.left_at(g, i, q)] = svd.left(q, i) * (centre_left ? value : 1.0);
        for (std::size_t j = 0; j < groups.cols(); ++j)
          y.values[groups.right_at(g, q, j)] = product::conjugate(svd.right(q, j)) * (centre_left ? 1.0 : value);
      }
    });
    current_[at] = std::move(x);
    current_.insert(current_.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(y));
    centre_ = centre_left ? at : at + 1;
  }

  /// X Y = (U) (S V^H Y), block by block: the product stays what it was.
  void move_centre_right() {
    factor& x = current_[centre_];
    factor& y = current_[++centre_];
    two_factor_groups const groups(x.support, y.support);
    std::size_t const rows = groups.rows(), cols = groups.cols(), paths = groups.paths();
    std::vector<scratch> memory = scratch_for(rows * paths, paths * cols);
    exec::parallel_for(policy_, groups.count(), [&](int g, int thread) {
      auto& [block, old, svd] = memory[static_cast<std::size_t>(thread)];
      for (std::size_t q = 0; q < paths; ++q) {
        for (std::size_t i = 0; i < rows; ++i) block[q * rows + i] = x.values[groups.left_at(g, i, q)];
        for (std::size_t j = 0; j < cols; ++j) old[q * cols + j] = y.values[groups.right_at(g, q, j)];
      }
      svd.compute(rows, paths, block);
      for (std::size_t k = 0; k < paths; ++k) {
        bool const kept = k < svd.values().size();
        for (std::size_t i = 0; i < rows; ++i) x.values[groups.left_at(g, i, k)] = kept ? svd.left(k, i) : T{};
        for (std::size_t j = 0; j < cols; ++j) {
          T sum{};
          for (std::size_t q = 0; kept && q < paths; ++q)
            sum += product::conjugate(svd.right(k, q)) * old[q * cols + j];
          y.values[groups.right_at(g, k, j)] = kept ? sum * svd.values()[k] : T{};
        }
      }
    });
  }

  /// Decomposes every block of `whole` and calls f(group, its decomposition); returns the sum of the squares of the
  /// singular values past the first r, in the order of the groups.
  template <class F>
  double for_each_group(two_factor_groups const& groups, std::vector<T> const& whole, bool vectors, F const& f) const {
    std::vector<double> lost(static_cast<std::size_t>(groups.count()));
    std::size_t const rows = groups.rows(), cols = groups.cols();
    std::vector<scratch> memory = scratch_for(rows * cols, 0);
    exec::parallel_for(policy_, groups.count(), [&](int g, int thread) {
      auto& [block, unused, svd] = memory[static_cast<std::size_t>(thread)];
      for (std::size_t j = 0; j < cols; ++j)
        for (std::size_t i = 0; i < rows; ++i) block[j * rows + i] = whole[groups.whole_at(g, i, j)];
      svd.compute(rows, cols, block, vectors);
      auto const values = svd.values();
      for (std::size_t k = groups.paths(); k < values.size(); ++k)
        lost[static_cast<std::size_t>(g)] += values[k] * values[k];
      f(g, svd);
    });
    return std::accumulate(lost.begin(), lost.end(), 0.0);
  }

  E policy_;
  std::vector<pattern> patterns_;
  split_order order_;
  std::vector<factor> current_;
  std::size_t centre_ = 0;
};

/// Throws unless every neighbouring pair fuses; the text is fuse's.
inline void require_chainable(runtime_chain const& w) {
  if (auto const k = first_misfit(w.factors(), chainable); k != npos) static_cast<void>(fuse(w, static_cast<int>(k)));
}

}  // namespace detail

/// Coefficients of `w` whose product is close to the matrix A (anything viewable as one: Eigen, xtensor, matrix_view).
/// Computed in double precision for float, double and their complex numbers. Throws papillon::error: bad_input if a
/// neighbouring pair of factors does not fuse or A has an entry that is not finite, usage if the sizes differ.
template <exec::policy E, viewable_as_matrix M>
[[nodiscard]] auto factorize(E policy, M const& a, runtime_chain const& w, factorize_options const& options = {}) {
  auto const view = as_matrix(a);
  using T = typename decltype(view)::value_type;
  using number = std::conditional_t<std::is_floating_point_v<T>, double, std::complex<double>>;
  if (view.rows != w.rows() || view.cols != w.cols())
    throw error(errc::usage, message("factorize: a matrix of ", view.rows, " x ", view.cols, " has no chain of ",
                                 w.rows(), " x ", w.cols(), " (the sizes differ) choose a chain of the matrix's size"));
  detail::require_chainable(w);

  auto const width = static_cast<std::size_t>(w.cols());
  std::vector<number> all(static_cast<std::size_t>(w.rows()) * width);
  for (std::size_t i = 0; i < all.size(); ++i) {
    T const x = view.at(static_cast<std::ptrdiff_t>(i / width), static_cast<std::ptrdiff_t>(i % width));
    all[i] = static_cast<number>(x);
    if (!std::isfinite(std::abs(x)))
      throw error(errc::bad_input, message("factorize: entry (", i / width, ", ", i % width,
                                       ") is not finite (nothing is near it) remove infinities and NaN"));
  }
  pattern support = w.factors().front();
  for (pattern const p : w.factors().subspan(1)) support = fused(support, p);
  std::vector<number> whole(static_cast<std::size_t>(support.nnz())), rest = all;
  support.for_each_nonzero([&](int r, int c, int i) {
    whole[static_cast<std::size_t>(i)] =
        std::exchange(rest[static_cast<std::size_t>(r) * width + static_cast<std::size_t>(c)], number{});
  });

  detail::hierarchical_factorization<number, E> work(policy, w, options.order);
  factorization<T> found{.chain = w};
  found.norm = std::sqrt(detail::sum_of_squares<number>(all));
  if (options.bounds) {
    double const off = detail::sum_of_squares<number>(rest);  // no chain reaches what lies off the support
    double sum = 0, squares = 0;
    for (double const e : work.split_errors(whole)) {
      sum += std::sqrt(e);
      squares += e;
      found.split_errors.push_back(std::sqrt(e + off));
      found.lower_bound = std::max(found.lower_bound, found.split_errors.back());
    }
    found.lower_bound = std::max(found.lower_bound, std::sqrt(off));
    found.upper_bound = std::sqrt(off + (options.order == split_order::balanced ? sum * sum : squares));
  }
  std::vector<number> const coefficients = work.run(std::move(whole));
  std::transform(coefficients.begin(), coefficients.end(), std::back_inserter(found.coefficients),
      [](number x) { return static_cast<T>(x); });

  // The error of what is returned, rounding to T included.
  std::vector<number> const rounded(found.coefficients.begin(), found.coefficients.end());
  std::vector<number> const product = to_dense(w, rounded);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] -= product[i];
  found.error = std::sqrt(detail::sum_of_squares<number>(all));
  return found;
}

}  // namespace papillon
