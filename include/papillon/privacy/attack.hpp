// SPDX-License-Identifier: MIT
/// \file attack.hpp
/// The whole attack of one shadow network on one target network, under one reading of "member": every discriminator is
/// trained on a part of the shadow's samples and judged on the rest (its hold-out accuracy), trained again on all of
/// them, and applied to the target; beside them the two threshold attacks. Nothing is chosen here, and nothing is
/// learnt from the target.
#pragma once

#include <cmath>
#include <exception>
#include <numeric>

#include <xtensor/xtensor.hpp>

#include <papillon/error.hpp>
#include <papillon/exec/parallel.hpp>
#include <papillon/privacy/attack_result.hpp>
#include <papillon/privacy/discriminator.hpp>
#include <papillon/privacy/metrics.hpp>
#include <papillon/privacy/samples.hpp>
#include <papillon/privacy/thresholds.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

struct attack_settings {
  std::vector<std::vector<int>> hidden{{30}, {30, 30}, {100, 100, 100}};
  std::vector<double> learning_rates{0.01, 0.001, 0.0001};
  int epochs = 80;
  int batch = 256;
  bool standardise = false;
  double fit_fraction = 0.8;  ///< part of the shadow's samples that is trained on for the hold-out accuracy
};

/// Results, and the target's scores: a row an image, a column a discriminator.
struct attack_outcome {
  attack_result result;
  xt::xtensor<float, 2> target_scores;
};

/// The discriminators, architecture by architecture, each with every learning rate.
[[nodiscard]] inline std::vector<discriminator_settings> discriminators_of(attack_settings const& s) {
  std::vector<discriminator_settings> all;
  for (auto const& hidden : s.hidden)
    for (double const rate : s.learning_rates) all.push_back({hidden, rate, s.epochs, s.batch, s.standardise});
  return all;
}

/// The shadow's samples in random order, and how many of them are trained on; the others judge.
struct holdout_split {
  std::vector<std::uint32_t> order;
  std::size_t fitted = 0;

  [[nodiscard]] std::span<std::uint32_t const> fit() const& { return std::span(order).first(fitted); }
  void fit() const&& = delete;  // the views live as long as the split
  [[nodiscard]] std::span<std::uint32_t const> judge() const& { return std::span(order).subspan(fitted); }
  void judge() const&& = delete;
};

[[nodiscard]] inline holdout_split split_for_holdout(std::size_t samples, double fit_fraction, std::uint64_t seed) {
  holdout_split s{std::vector<std::uint32_t>(samples),
      static_cast<std::size_t>(std::llround(static_cast<double>(samples) * fit_fraction))};
  std::iota(s.order.begin(), s.order.end(), 0u);
  random::engine engine({seed, 1, random::purpose::holdout});
  random::shuffle(engine, s.order);
  if (s.fitted == 0 || s.fitted >= samples)
    throw error(errc::usage, message("attack: ", samples, " shadow samples cannot be split at ", fit_fraction,
                                 " (both parts need some) use more images"));
  return s;
}

namespace detail {

/// Trainings share the threads, each running on one; on a device they run there one after another.
template <exec::policy E> [[nodiscard]] constexpr E training_policy(E e) {
  if constexpr (std::same_as<E, exec::omp>) return {1};
  else return e;
}

/// f(task) for every task, on the policy's threads; what a task throws comes out when all are done.
template <exec::policy E, class F> void run_tasks(E e, std::span<std::size_t const> tasks, F const& f) {
  std::vector<std::exception_ptr> failures(tasks.size());
  auto const run = [&](int t, int) {
    auto const i = static_cast<std::size_t>(t);
    try {
      f(tasks[i]);
    } catch (...) {
      failures[i] = std::current_exception();
    }
  };
  auto const count = static_cast<int>(tasks.size());
  if constexpr (exec::device_policy<E>) exec::parallel_for(exec::seq{}, count, run);
  else exec::parallel_for(e, count, run);
  for (auto const& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

/// Two trainings a discriminator, 2 i and 2 i + 1. Threads get consecutive ones: learning rates outside, architectures
/// inside, so that each gets large and small ones.
[[nodiscard]] inline std::vector<std::size_t> trainings_of(attack_settings const& s) {
  std::vector<std::size_t> tasks;
  std::size_t const rates = s.learning_rates.size();
  for (std::size_t rate = 0; rate < rates; ++rate)
    for (std::size_t i = rate; i < s.hidden.size() * rates; i += rates) tasks.insert(tasks.end(), {2 * i, 2 * i + 1});
  return tasks;
}

}  // namespace detail

/// Runs the attack. Threads share the trainings, each of which runs on one thread: the result is the same for any
/// number. On a device they run one after another.
template <exec::policy Policy>
[[nodiscard]] attack_outcome run_attack(Policy const& policy, samples const& shadow, samples const& target,
    attack_settings const& settings, std::uint64_t seed) {
  if (shadow.width() != target.width())
    throw error(errc::usage,
        message("attack: shadow and target differ in features (", shadow.width(), " and ", target.width(), ")"));
  exec::context const where(detail::training_policy(policy));
  auto const all = discriminators_of(settings);
  auto const split = split_for_holdout(shadow.size(), settings.fit_fraction, seed);
  auto const everything = all_rows(shadow);
  attack_outcome outcome;
  outcome.result.discriminators.resize(all.size());
  outcome.target_scores = xt::xtensor<float, 2>::from_shape({target.size(), all.size()});

  auto const judge = [](std::vector<float> const& scores, std::span<std::uint8_t const> members) {
    return evaluate_attack(std::span<float const>(scores), members, 0.0);
  };
  auto const judge_alone = [&](std::size_t i) {
    discriminator const d(where, shadow, split.fit(), all[i], seed);
    std::vector<std::uint8_t> members;
    for (auto r : split.judge()) members.push_back(shadow.members[r]);
    outcome.result.discriminators[i].holdout_accuracy = judge(d.scores(shadow, split.judge()), members).accuracy;
  };
  auto const attack_target = [&](std::size_t i) {
    discriminator const d(where, shadow, everything, all[i], seed);
    auto const scores = d.scores(target);
    auto& r = outcome.result.discriminators[i];
    r.name = name_of(all[i]);
    r.shadow_accuracy = judge(d.scores(shadow), shadow.members).accuracy;
    r.target = judge(scores, target.members);
    for (std::size_t k = 0; k < scores.size(); ++k) outcome.target_scores(k, i) = scores[k];
  };
  auto const tasks = detail::trainings_of(settings);
  detail::run_tasks(
      policy, tasks, [&](std::size_t task) { task % 2 == 0 ? judge_alone(task / 2) : attack_target(task / 2); });

  auto const by_threshold = [&](auto scores_of) {
    return threshold_attack(scores_of(shadow.features), shadow.members, scores_of(target.features), target.members);
  };
  outcome.result.loss = by_threshold(loss_scores);
  outcome.result.confidence = by_threshold(confidence_scores);
  return outcome;
}

}  // namespace papillon::privacy
