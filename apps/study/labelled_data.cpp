// SPDX-License-Identifier: MIT
#include <study/labelled_data.hpp>

#include <papillon/data/random_labels.hpp>

namespace papillon::study {

study_data const& labelled_data::of(settings const& s) const {
  if (s.train.labels == training_labels::given) return *given_;
  if (!drawn_) {
    drawn_ = *given_;
    drawn_->collection.images = data::with_random_labels(std::move(drawn_->collection.images), 0);
  }
  return *drawn_;
}

}  // namespace papillon::study
