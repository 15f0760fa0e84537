// SPDX-License-Identifier: MIT
/// \file rdp_accountant.hpp
/// How much differential privacy is left after many noisy steps: Renyi divergences of steps add up at every order, and
///   epsilon = min over orders a of  RDP(a) - (log delta + log a) / (a - 1) + log((a - 1) / a)
/// turns the sum into (epsilon, delta). I. Mironov, "Renyi differential privacy", 2017, proposition 1; C. Canonne,
/// G. Kamath, T. Steinke, "The discrete Gaussian for differential privacy", 2020, proposition 12. And the way back: the
/// noise, or the number of steps, for an epsilon that is wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <papillon/privacy/sampled_gaussian.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Orders 2, 3, ..., 256.
[[nodiscard]] inline std::vector<double> whole_rdp_orders() {
  std::vector<double> orders;
  for (int a = 2; a <= 256; ++a) orders.push_back(a);
  return orders;
}

/// Orders 1.1, 1.2, ..., 10.9 and 11, 12, ..., 256: the tenths matter where epsilon is large.
[[nodiscard]] inline std::vector<double> default_rdp_orders() {
  std::vector<double> orders;
  for (int tenths = 11; tenths < 110; ++tenths) orders.push_back(tenths / 10.0);
  for (int a = 11; a <= 256; ++a) orders.push_back(a);
  return orders;
}

/// An epsilon, and the order that proves it (NaN where nothing was released).
struct rdp_epsilon {
  double epsilon = 0;
  double order = std::numeric_limits<double>::quiet_NaN();
};

namespace detail {

inline void check_delta(double delta) {
  if (!(delta > 0 && delta < 1))
    throw error(
        errc::usage, message("no guarantee with delta ", delta,
                         " (a probability between 0 and 1) well below one over the number of records is usual"));
}

/// What the conversion adds to the divergence of order a.
inline double conversion_cost(double order, double delta) {
  return std::log((order - 1) / order) - (std::log(delta) + std::log(order)) / (order - 1);
}

}  // namespace detail

/// Adds up steps of sampled Gaussian mechanisms, each with a rate and a noise of its own.
class rdp_accountant {
 public:
  /// Throws papillon::error (usage) for an order that is not above 1, or for none.
  explicit rdp_accountant(std::vector<double> orders = default_rdp_orders())
      : orders_(std::move(orders)), rdp_(orders_.size()) {
    if (orders_.empty()) throw error(errc::usage, "no Renyi orders to account with (at least one is needed)");
    for (double const a : orders_)
      if (!(a > 1 && std::isfinite(a)))
        throw error(errc::usage, message("no Renyi divergence of order ", a, " (orders are above 1 and finite)"));
  }

  /// `steps` more steps; see sampled_gaussian_rdp.
  void add(double rate, double noise, std::uint64_t steps = 1) {
    detail::check_mechanism(rate, noise);
    for (std::size_t i = 0; i < orders_.size(); ++i)
      rdp_[i] += static_cast<double>(steps) * sampled_gaussian_rdp(rate, noise, orders_[i]);
  }

  [[nodiscard]] std::span<double const> orders() const { return orders_; }
  /// Divergence so far, one an order.
  [[nodiscard]] std::span<double const> rdp() const { return rdp_; }

  /// Smallest epsilon that an order proves with `delta`, 0 < delta < 1, else an error. Never negative.
  [[nodiscard]] rdp_epsilon epsilon(double delta) const {
    detail::check_delta(delta);
    rdp_epsilon best{std::numeric_limits<double>::infinity()};
    for (std::size_t i = 0; i < orders_.size(); ++i) {
      if (rdp_[i] == 0) return {};  // the same distribution with and without any record
      double const found = rdp_[i] + detail::conversion_cost(orders_[i], delta);
      if (found < best.epsilon) best = {std::max(found, 0.0), orders_[i]};
    }
    return best;
  }

 private:
  std::vector<double> orders_, rdp_;
};

/// Epsilon of `steps` equal steps.
[[nodiscard]] inline rdp_epsilon rdp_epsilon_of(
    double rate, double noise, std::uint64_t steps, double delta, std::vector<double> orders = default_rdp_orders()) {
  rdp_accountant accountant(std::move(orders));
  accountant.add(rate, noise, steps);
  return accountant.epsilon(delta);
}

/// The noise with which `steps` steps keep to `epsilon`: at most a millionth more than the least there is, never less.
/// Throws papillon::error (usage) where there is none, since even without any divergence an order a leaves
/// -(log delta + log a) / (a - 1) + log((a - 1) / a) of epsilon.
[[nodiscard]] inline double noise_for_epsilon(double rate, std::uint64_t steps, double epsilon, double delta,
    std::vector<double> const& orders = default_rdp_orders()) {
  detail::check_delta(delta);
  detail::check_mechanism(rate, 1);
  double least = std::numeric_limits<double>::infinity();
  for (double const a : orders) least = std::min(least, detail::conversion_cost(a, delta));
  if (!(epsilon > least && epsilon > 0 && std::isfinite(epsilon)) || rate == 0 || steps == 0)
    throw error(errc::usage, message("no noise for epsilon ", epsilon, " in ", steps, " steps at rate ", rate,
                                 " (these orders prove none below ", std::max(least, 0.0),
                                 ", and without a step no noise is needed) ask for another epsilon"));
  auto const enough = [&](double noise) {
    return rdp_epsilon_of(rate, noise, steps, delta, orders).epsilon <= epsilon;
  };
  double high = 1;
  while (!enough(high)) high *= 2;
  double low = high / 2;
  for (; enough(low); low /= 2) high = low;
  while (high - low > 1e-6 * high) {
    double const middle = (low + high) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return high;
}

/// The largest number of steps that keep to `epsilon`; 0 if not even one does. rate > 0, else an error: without
/// sampling there is no end.
[[nodiscard]] inline std::uint64_t steps_for_epsilon(
    double rate, double noise, double epsilon, double delta, std::vector<double> const& orders = default_rdp_orders()) {
  rdp_accountant one(orders);
  one.add(rate, noise);
  detail::check_delta(delta);
  double most = 0;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if (one.rdp()[i] == 0)
      throw error(errc::usage, message("no end of steps at rate ", rate, " (they give nothing away)"));
    most = std::max(most, std::floor((epsilon - detail::conversion_cost(orders[i], delta)) / one.rdp()[i]));
  }
  double const largest = 0x1p63;
  return most < largest ? static_cast<std::uint64_t>(most) : std::uint64_t{1} << 63;
}

}  // namespace papillon::privacy
