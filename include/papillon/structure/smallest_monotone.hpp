// SPDX-License-Identifier: MIT
/// \file smallest_monotone.hpp
/// Of the deformable butterflies of an m x n matrix with L factors (Lin et al. 2021: a_1 = d_L = 1, a_{l+1} = a_l c_l,
/// d_l = b_{l+1} d_{l+1}, prod b = m, prod c = n; full support, one path an entry) the monotone one, b_l <= c_l for
/// every l if m <= n, else b_l >= c_l, with the fewest coefficients, or another least sum (structure/chain_cost.hpp).
/// Ties: smallest b_1, then c_1, then b_2, ... Factor l has (c_1 ... c_l)(b_l ... b_L) coefficients, so what is left to
/// choose depends only on what is left of m and of n: dynamic programming over pairs of divisors.
#pragma once

#include <limits>

#include <papillon/structure/chain_cost.hpp>
#include <papillon/structure/runtime_chain.hpp>

namespace papillon::inline PAPILLON_ISA {

/// What the factor at the input side, the last one, may be.
enum class input_factor : int {
  proper,  ///< b > 1 and c > 1: the rule of the published generator, and of the study
  any,     ///< no such clause
};

namespace detail {

/// Factors beyond the number of prime factors of an int would be identities.
inline constexpr int most_monotone_factors = 31;

/// Number of divisors of n >= 1, and the divisors themselves, rising.
[[nodiscard]] constexpr int count_divisors(int n) {
  int count = 0;
  for (int d = 1; d <= n / d; ++d)
    if (n % d == 0) count += d == n / d ? 1 : 2;
  return count;
}
constexpr void list_divisors(int n, std::span<int> out) {
  std::size_t low = 0, high = out.size();
  for (int d = 1; d <= n / d; ++d)
    if (n % d == 0) {
      out[low++] = d;
      if (d != n / d) out[--high] = n / d;
    }
}

/// The one search, at compile time and at run time; storage is the caller's.
template <class Cost> class monotone_search {
 public:
  using number = std::invoke_result_t<Cost const&, pattern>;

  /// `rows_left`, `cols_left`: the divisors of m and of n, rising. `least`: factors x divisors of m x divisors of n.
  constexpr monotone_search(std::span<int const> rows_left, std::span<int const> cols_left, std::span<number> least,
      input_factor rule, Cost cost)
      : rows_left_(rows_left), cols_left_(cols_left), least_(least), rule_(rule), cost_(cost) {}

  /// Writes the smallest chain of factors.size() factors. There is one unless the rule is `proper` and m or n is 1.
  constexpr void operator()(std::span<pattern> factors) {
    auto const depth = factors.size();
    for (std::size_t l = depth; l-- > 1;)
      for (std::size_t i = 0; i < rows_left_.size(); ++i)
        for (std::size_t j = 0; j < cols_left_.size(); ++j)
          at(l, i, j) = !reachable(i, j) ? impossible : l + 1 == depth ? last_factor(i, j) : best(l, {i, j}).cost;
    state now{rows_left_.size() - 1, cols_left_.size() - 1};
    for (std::size_t l = 0; l < depth; ++l) {
      state const next = l + 1 == depth ? state{0, 0} : best(l, now).next;
      int const m = rows_left_[now.i], n = cols_left_[now.j], d = rows_left_[next.i];
      factors[l] = {cols_left_.back() / n, m / d, n / cols_left_[next.j], d};
      now = next;
    }
  }

 private:
  /// What is left of m and n, as positions among the divisors.
  struct state {
    std::size_t i, j;
  };
  struct choice {
    number cost;
    state next;
  };
  static constexpr number impossible = std::numeric_limits<number>::max();

  [[nodiscard]] constexpr number& at(std::size_t l, std::size_t i, std::size_t j) const {
    return least_[(l * rows_left_.size() + i) * cols_left_.size() + j];
  }
  [[nodiscard]] constexpr bool monotone(int b, int c) const {
    return rows_left_.back() <= cols_left_.back() ? b <= c : b >= c;
  }
  /// Whether monotone factors can have led here and can lead on: products keep the order of their factors.
  [[nodiscard]] constexpr bool reachable(std::size_t i, std::size_t j) const {
    int const m = rows_left_[i], n = cols_left_[j];
    return monotone(m, n) && monotone(rows_left_.back() / m, cols_left_.back() / n);
  }
  /// Cost of the last factor, (n / n', m', n', 1), when m' and n' are left.
  [[nodiscard]] constexpr number last_factor(std::size_t i, std::size_t j) const {
    int const b = rows_left_[i], c = cols_left_[j];
    if (rule_ == input_factor::proper && (b == 1 || c == 1)) return impossible;
    return cost_(pattern{cols_left_.back() / c, b, c, 1});
  }
  /// The cheapest way on from factor l. Smaller b and c leave more, so the loops fall and the first minimum stands.
  [[nodiscard]] constexpr choice best(std::size_t l, state now) const {
    choice found{impossible, now};
    int const m = rows_left_[now.i], n = cols_left_[now.j];
    for (std::size_t i = now.i + 1; i-- > 0;) {
      if (m % rows_left_[i] != 0) continue;
      int const b = m / rows_left_[i];
      number const* const rest = &at(l + 1, i, 0);
      for (std::size_t j = now.j + 1; j-- > 0;) {
        if (rest[j] == impossible || n % cols_left_[j] != 0 || !monotone(b, n / cols_left_[j])) continue;
        // The formula of the file's comment takes fewer steps than a call, and compilers allow only so many.
        number cost = rest[j];
        if constexpr (std::is_same_v<Cost, coefficient_count>)
          cost += static_cast<long long>(cols_left_.back() / cols_left_[j]) * m;
        else cost += cost_(pattern{cols_left_.back() / n, b, n / cols_left_[j], rows_left_[i]});
        if (cost < found.cost) found = {cost, {i, j}};
      }
    }
    return found;
  }

  std::span<int const> rows_left_, cols_left_;
  std::span<number> least_;
  input_factor rule_;
  Cost cost_;
};

template <int M, int N, int L, input_factor Rule, class Cost> struct smallest_monotone_factors {
  static_assert(M >= 1 && N >= 1, "papillon::smallest_monotone: M and N start at 1");
  static_assert(1 <= L && L <= most_monotone_factors, "papillon::smallest_monotone: L is 1 to 31");
  static_assert(Rule == input_factor::any || (M > 1 && N > 1),
      "papillon::smallest_monotone: a vector has no factor with b > 1 and c > 1 (use input_factor::any)");
  static constexpr std::array<pattern, static_cast<std::size_t>(L)> value = [] {
    constexpr auto of_m = static_cast<std::size_t>(count_divisors(M));
    constexpr auto of_n = static_cast<std::size_t>(count_divisors(N));
    std::array<int, of_m> rows_left{};
    std::array<int, of_n> cols_left{};
    list_divisors(M, rows_left);
    list_divisors(N, cols_left);
    std::array<typename monotone_search<Cost>::number, static_cast<std::size_t>(L) * of_m * of_n> least{};
    std::array<pattern, static_cast<std::size_t>(L)> factors{};
    monotone_search<Cost>(rows_left, cols_left, least, Rule, Cost{})(factors);
    return factors;
  }();
};

}  // namespace detail

/// The smallest monotone chain of an M x N matrix with L factors, as a chain type:
/// smallest_monotone<64, 576, 2> is (1,32,32,2)(32,2,18,1).
/// Reach with the compilers' default limits (clang 14 stops at 2^20 steps): 4096 x 4096 with six factors, 2048 x 18432
/// with four, 512 x 4608 with five. Sizes with more divisors, such as 480 x 4320, need -fconstexpr-steps on clang, or
/// make_smallest_monotone, which has no limit.
/// `Cost`: a type without state from structure/chain_cost.hpp or alike; the reach is then a few times smaller.
template <int M, int N, int L, input_factor Rule = input_factor::proper, class Cost = coefficient_count>
using smallest_monotone = chain_from<detail::smallest_monotone_factors<M, N, L, Rule, Cost>>;

/// The same as an object, for any cost(pattern). Throws papillon::error (usage) for m or n < 1, for m n > 2^56, whose
/// chains all have more coefficients than an int counts, for a depth outside 1 ... 31, and for m or n = 1 under
/// `proper`, which no chain satisfies.
template <class Cost = coefficient_count>
[[nodiscard]] runtime_chain make_smallest_monotone(
    int m, int n, int depth, input_factor rule = input_factor::proper, Cost const& cost = {}) {
  auto const fail = [&](std::string const& why) {
    return error(errc::usage,
        message("smallest monotone chain: ", m, " x ", n, " with ", depth, " factors does not exist ", why));
  };
  if (m < 1 || n < 1) throw fail("(rows and columns start at 1)");
  if (m > (1LL << 56) / n) throw fail("(its chains have more coefficients than an int counts)");
  if (depth < 1 || depth > detail::most_monotone_factors)
    throw fail(message("(1 to ", detail::most_monotone_factors, " factors)"));
  if (rule == input_factor::proper && (m == 1 || n == 1))
    throw fail("(the factor at the input side needs b > 1 and c > 1) use a dense vector");
  std::vector<int> rows_left(static_cast<std::size_t>(detail::count_divisors(m)));
  std::vector<int> cols_left(static_cast<std::size_t>(detail::count_divisors(n)));
  detail::list_divisors(m, rows_left);
  detail::list_divisors(n, cols_left);
  std::vector<typename detail::monotone_search<Cost>::number> least(
      static_cast<std::size_t>(depth) * rows_left.size() * cols_left.size());
  std::vector<pattern> factors(static_cast<std::size_t>(depth));
  detail::monotone_search<Cost>(rows_left, cols_left, least, rule, cost)(factors);
  return runtime_chain(std::move(factors));
}

}  // namespace papillon
