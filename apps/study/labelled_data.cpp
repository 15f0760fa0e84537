// SPDX-License-Identifier: MIT
#include <study/labelled_data.hpp>

#include <utility>

#include <papillon/data/random_labels.hpp>
#include <papillon/random/distributions.hpp>

namespace papillon::study {

namespace {

/// Another label than it has, for each canary of both roles.
void mislabel_canaries(study_data& d, int count) {
  auto& labels = d.collection.images.labels;
  auto const classes = static_cast<std::uint32_t>(d.images().classes);
  for (role const who : {role::target, role::shadow})
    for (auto const image : canaries_of(d.split.roles[static_cast<std::size_t>(who)], who, count)) {
      random::engine draw({0, static_cast<std::uint32_t>(who), random::purpose::canaries}, 2, image);
      labels[image] = static_cast<std::uint8_t>((labels[image] + 1 + random::below(draw, classes - 1)) % classes);
    }
}

}  // namespace

study_data const& labelled_data::of(settings const& s) const {
  bool const drawn = s.train.labels == training_labels::random;
  if (!drawn && (s.audit.canaries == 0 || s.audit.labels == canary_labels::given)) return *given_;
  auto const [known, is_new] = drawn_.try_emplace(drawn ? -1 : s.audit.canaries, *given_);
  study_data& d = known->second;
  if (is_new && drawn) d.collection.images = data::with_random_labels(std::move(d.collection.images), 0);
  else if (is_new) mislabel_canaries(d, s.audit.canaries);
  return d;
}

}  // namespace papillon::study
