// SPDX-License-Identifier: MIT
/// \file admm.hpp
/// Pruning by the alternating direction method of multipliers: a training is drawn to sparse weights before any is
/// taken away. What is minimised has the penalty rho / 2 |W - Z + U|^2 over the prunable weights; Z starts as the
/// largest magnitudes of W, U at zero, and after each epoch
///   Z <- the largest magnitudes of W + U, zero elsewhere,   U <- U + W - Z.
/// At the end Z says which weights stay. T. Zhang et al., "A systematic DNN weight pruning framework using alternating
/// direction method of multipliers", ECCV 2018.
#pragma once

#include <papillon/prune/magnitude.hpp>
#include <papillon/train/weight_pull.hpp>

namespace papillon::inline PAPILLON_ISA::prune {

/// The nearest values with so many nonzeros: `values` without what prune_smallest takes, which is also where ties and
/// errors are described. Zero where nothing is prunable.
template <class T>
[[nodiscard]] std::vector<T> largest_magnitudes(
    std::span<nn::slot const> parameters, std::span<T const> values, pruning_rate const& rate) {
  mask keep = prune_smallest(parameters, values, rate, dense_mask(values.size()));
  for (nn::slot const& s : parameters)
    if (!prunable(s)) std::fill_n(keep.keep.begin() + static_cast<std::ptrdiff_t>(s.offset), s.size, std::uint8_t{0});
  std::vector<T> largest(values.begin(), values.end());
  keep.apply(std::span<T>(largest));
  return largest;
}

/// The penalty of a training (train::trainer::pull). A training's Z and U lie beside it as "admm.z" and "admm.u", one
/// number a parameter, zero of those that are never pruned.
template <class T> class admm final : public train::weight_pull<T> {
 public:
  /// rate: what the mask takes at the end. rho: weight of the penalty.
  admm(std::span<nn::slot const> parameters, pruning_rate const& rate, double rho)
      : parameters_(parameters.begin(), parameters.end()), rate_(rate), rho_(rho) {
    for (nn::slot const& s : parameters) {
      pulled_.resize(std::max(pulled_.size(), s.offset + s.size));
      std::fill_n(pulled_.begin() + static_cast<std::ptrdiff_t>(s.offset), s.size, prunable(s) ? 1 : 0);
    }
  }

  [[nodiscard]] double strength() const override { return rho_; }
  [[nodiscard]] std::span<std::uint8_t const> pulled() const override { return pulled_; }
  /// Both throw papillon::error (failed) if a weight is not finite.
  void begin(std::span<T const> weights, train::named_arrays<T>& beside) const override {
    beside["admm.z"] = largest_magnitudes<T>(parameters_, weights, rate_);
    beside["admm.u"].assign(weights.size(), T{});
  }
  void move(std::span<T const> weights, train::named_arrays<T>& beside) const override {
    auto &z = beside.at("admm.z"), &u = beside.at("admm.u");
    for (std::size_t i = 0; i < u.size(); ++i)
      if (pulled_[i] != 0) u[i] += weights[i];  // W + U
    z = largest_magnitudes<T>(parameters_, u, rate_);
    for (std::size_t i = 0; i < u.size(); ++i) u[i] -= z[i];
  }
  [[nodiscard]] std::vector<T> target(train::named_arrays<T> const& beside) const override {
    auto const &z = beside.at("admm.z"), &u = beside.at("admm.u");
    std::vector<T> t(z.size());
    for (std::size_t i = 0; i < t.size(); ++i) t[i] = z[i] - u[i];
    return t;
  }

 private:
  std::vector<nn::slot> parameters_;
  pruning_rate rate_;
  double rho_;
  std::vector<std::uint8_t> pulled_;
};

/// The mask of a training by ADMM: what its Z keeps, and all that is never pruned. Throws papillon::error (bad_input)
/// if nothing of the kind lies beside it.
template <class T>
[[nodiscard]] mask mask_of_admm(std::span<nn::slot const> parameters, train::named_arrays<T> const& beside) {
  auto const z = beside.find("admm.z");
  std::size_t size = 0;
  for (nn::slot const& s : parameters) size = std::max(size, s.offset + s.size);
  if (z == beside.end() || z->second.size() != size)
    throw error(errc::bad_input,
        "cannot prune by ADMM (the training has no Z of this network beside it) begin with a training that was pulled");
  mask keep = dense_mask(size);
  for (nn::slot const& s : parameters)
    for (std::size_t i = s.offset; prunable(s) && i < s.offset + s.size; ++i) keep.keep[i] = z->second[i] != T{};
  return keep;
}

}  // namespace papillon::prune
