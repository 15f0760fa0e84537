// SPDX-License-Identifier: MIT
#include <study/laboratory.hpp>

#include <papillon/error.hpp>

namespace papillon::study {

network_size size_in_study(laboratory const& lab, settings const& s, configuration const& c) {
  auto size = lab.size_of(c);
  auto const dense = resolve(s, "dense");
  auto const &mine = c.settings.model, &its = dense.settings.model;
  if (mine.depth != its.depth || mine.width != its.width || mine.shortcut != its.shortcut)
    size.parameters = lab.size_of(dense).parameters;
  return size;
}

void check_interruption(std::atomic<bool> const* stop) {
  if (stop != nullptr && stop->load(std::memory_order_relaxed))
    throw error(errc::interrupted, "interrupted (what was finished is kept) the same command does the rest");
}

learned_attack laboratory::samia(attack_order const&, std::atomic<bool> const*) const {
  throw error(
      errc::usage, "there is no SAMIA here (this laboratory trains no transformers) leave it out of attack.list");
}

}  // namespace papillon::study
