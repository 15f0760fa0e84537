// SPDX-License-Identifier: MIT
/// \file attack.hpp
/// The whole attack of one shadow network on one target network, under one reading of "member": every discriminator is
/// trained on a part of the shadow's samples and judged on the rest (its hold-out accuracy), trained again on all of
/// them, and applied to the target; beside them the two threshold attacks. Nothing is chosen here, and nothing is
/// learnt from the target.
#pragma once

#include <atomic>
#include <cmath>
#include <exception>
#include <functional>
#include <mutex>
#include <numeric>
#include <optional>

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

/// How an attack is interrupted, and goes on later with what it had finished. None has to be given.
struct attack_course {
  /// Called before every batch, by any thread; what it throws ends the attack, which throws it on.
  std::function<void()> before_batch{};
  /// What discriminator i came to in an attack of the same samples, settings and seed; nothing where it is to be
  /// trained.
  std::function<std::optional<discriminator_outcome>(std::size_t i)> known{};
  /// Called with each discriminator that was trained, one at a time.
  std::function<void(std::size_t i, discriminator_outcome const&)> finished{};
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

/// f(task) for every task, on the policy's threads. What a task throws comes out when those that run are done; no
/// other is begun.
template <exec::policy E, class F> void run_tasks(E e, std::span<std::size_t const> tasks, F const& f) {
  std::vector<std::exception_ptr> failures(tasks.size());
  std::atomic<bool> failed{false};
  auto const run = [&](int t, int) {
    if (failed) return;
    auto const i = static_cast<std::size_t>(t);
    try {
      f(tasks[i]);
    } catch (...) {
      failures[i] = std::current_exception();
      failed = true;
    }
  };
  auto const count = static_cast<int>(tasks.size());
  if constexpr (exec::device_policy<E>) exec::parallel_for(exec::seq{}, count, run);
  else exec::parallel_for(e, count, run);
  for (auto const& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

/// Two trainings a discriminator, 2 i and 2 i + 1, of those that `wanted` says. Threads get consecutive ones: learning
/// rates outside, architectures inside, so that each gets large and small ones.
template <class Wanted>
[[nodiscard]] std::vector<std::size_t> trainings_of(attack_settings const& s, Wanted const& wanted) {
  std::vector<std::size_t> tasks;
  std::size_t const rates = s.learning_rates.size();
  for (std::size_t rate = 0; rate < rates; ++rate)
    for (std::size_t i = rate; i < s.hidden.size() * rates; i += rates)
      if (wanted(i)) tasks.insert(tasks.end(), {2 * i, 2 * i + 1});
  return tasks;
}

}  // namespace detail

/// Runs the attack. Threads share the trainings, each of which runs on one thread: the result is the same for any
/// number, and the same whatever of it is known. On a device they run one after another.
template <exec::policy Policy>
[[nodiscard]] attack_outcome run_attack(Policy const& policy, samples const& shadow, samples const& target,
    attack_settings const& settings, std::uint64_t seed, attack_course const& course = {}) {
  if (shadow.width() != target.width())
    throw error(errc::usage,
        message("attack: shadow and target differ in features (", shadow.width(), " and ", target.width(), ")"));
  exec::context const where(detail::training_policy(policy));
  auto const all = discriminators_of(settings);
  auto const split = split_for_holdout(shadow.size(), settings.fit_fraction, seed);
  auto const everything = all_rows(shadow);
  std::vector<discriminator_outcome> outcomes(all.size());
  std::vector<int> trainings_left(all.size(), 2);
  std::mutex one_at_a_time;

  auto const judge = [](std::vector<float> const& scores, std::span<std::uint8_t const> members) {
    return evaluate_attack(std::span<float const>(scores), members, 0.0);
  };
  auto const judge_alone = [&](std::size_t i) {
    discriminator const d(where, shadow, split.fit(), all[i], seed, course.before_batch);
    std::vector<std::uint8_t> members;
    for (auto r : split.judge()) members.push_back(shadow.members[r]);
    outcomes[i].result.holdout_accuracy = judge(d.scores(shadow, split.judge(), course.before_batch), members).accuracy;
  };
  auto const attack_target = [&](std::size_t i) {
    discriminator const d(where, shadow, everything, all[i], seed, course.before_batch);
    auto& o = outcomes[i];
    o.target_scores = d.scores(target, course.before_batch);
    o.result.name = name_of(all[i]);
    o.result.shadow_accuracy = judge(d.scores(shadow, course.before_batch), shadow.members).accuracy;
    o.result.target = judge(o.target_scores, target.members);
  };
  auto const is_to_be_trained = [&](std::size_t i) {
    auto known = course.known ? course.known(i) : std::nullopt;
    if (!known || known->target_scores.size() != target.size()) return true;
    outcomes[i] = *std::move(known);
    return false;
  };
  detail::run_tasks(policy, detail::trainings_of(settings, is_to_be_trained), [&](std::size_t task) {
    auto const i = task / 2;
    task % 2 == 0 ? judge_alone(i) : attack_target(i);
    std::scoped_lock const lock(one_at_a_time);
    if (--trainings_left[i] == 0 && course.finished) course.finished(i, outcomes[i]);
  });

  attack_outcome outcome;
  outcome.target_scores = xt::xtensor<float, 2>::from_shape({target.size(), all.size()});
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t k = 0; k < target.size(); ++k) outcome.target_scores(k, i) = outcomes[i].target_scores[k];
    outcome.result.discriminators.push_back(std::move(outcomes[i].result));
  }
  auto const by_threshold = [&](auto scores_of) {
    return threshold_attack(scores_of(shadow.features), shadow.members, scores_of(target.features), target.members);
  };
  outcome.result.loss = by_threshold(loss_scores);
  outcome.result.confidence = by_threshold(confidence_scores);
  return outcome;
}

}  // namespace papillon::privacy
