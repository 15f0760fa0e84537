// SPDX-License-Identifier: MIT
#include <study/privacy_budget.hpp>

#include <algorithm>
#include <limits>

#include <papillon/data/poisson_sampling.hpp>
#include <papillon/privacy/rdp_accountant.hpp>

namespace papillon::study {

std::optional<privacy_budget> budget_of(settings const& s, std::size_t trained) {
  if (!is_private(s)) return {};
  data::poisson_sampling const sampling(trained, std::min(trained, static_cast<std::size_t>(s.train.batch)));
  privacy_budget b{.clip = s.dp.clip, .noise = s.dp.noise.value_or(0), .delta = s.dp.delta};
  b.steps = static_cast<std::size_t>(s.train.epochs) * sampling.steps_per_epoch();
  if (b.steps == 0) return b;
  if (s.dp.epsilon) b.noise = privacy::noise_for_epsilon(sampling.rate(), b.steps, *s.dp.epsilon, b.delta);
  b.epsilon = b.noise > 0 ? privacy::rdp_epsilon_of(sampling.rate(), b.noise, b.steps, b.delta).epsilon
                          : std::numeric_limits<double>::infinity();
  return b;
}

}  // namespace papillon::study
