// SPDX-License-Identifier: MIT
/// \file references.hpp
/// One number of every query of every image from each of N reference networks, trained as the target was on parts of
/// the data that are known: IN references of an image were trained on it, OUT references were not. The target is never
/// one of them. A view: it copies nothing, and what it looks at has to outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <papillon/error.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Which references of an image: those trained on it, or the others.
enum class reference_side { out, in };

class references_view {
 public:
  /// values [networks][queries][images]; keep [networks][images], not 0 where the network was trained on the image.
  /// Throws papillon::error (usage) unless there are a network and a query, and the sizes agree.
  references_view(std::span<double const> values, std::span<std::uint8_t const> keep, int networks, int queries = 1)
      : references_view(values, networks, queries) {
    keep_ = keep;
    knows_keep_ = true;
    if (keep.size() != networks_ * images_)
      throw error(errc::usage, message("references: ", keep.size(), " entries of keep (they must be ", networks,
                                   " networks x ", images_, " images)"));
  }

  /// Of images that none of the networks was trained on: all references are OUT.
  references_view(std::span<double const> values, int networks, int queries = 1)
      : values_(values), networks_(static_cast<std::size_t>(networks)), queries_(static_cast<std::size_t>(queries)) {
    if (networks < 1 || queries < 1)
      throw error(errc::usage, message("references: ", networks, " networks and ", queries,
                                   " queries (there must be one of each at least)"));
    if (values.size() % (networks_ * queries_) != 0)
      throw error(errc::usage, message("references: ", values.size(), " values (no multiple of ", networks,
                                   " networks x ", queries, " queries)"));
    images_ = values.size() / (networks_ * queries_);
  }

  [[nodiscard]] std::size_t networks() const { return networks_; }
  [[nodiscard]] std::size_t queries() const { return queries_; }
  [[nodiscard]] std::size_t images() const { return images_; }

  [[nodiscard]] double value(std::size_t network, std::size_t query, std::size_t image) const {
    return values_[(network * queries_ + query) * images_ + image];
  }
  [[nodiscard]] reference_side side(std::size_t network, std::size_t image) const {
    return knows_keep_ && keep_[network * images_ + image] != 0 ? reference_side::in : reference_side::out;
  }
  /// Whether it was said which network was trained on which image.
  [[nodiscard]] bool knows_keep() const { return knows_keep_; }

  /// Throws papillon::error (usage) unless the target's values are [queries][images] as well.
  void check_target(std::span<double const> values) const {
    if (values.size() != queries_ * images_)
      throw error(errc::usage, message("references of ", queries_, " queries x ", images_, " images and ",
                                   values.size(), " values of the target (they must be as many)"));
  }

 private:
  std::span<double const> values_;
  std::span<std::uint8_t const> keep_{};
  std::size_t networks_, queries_, images_ = 0;
  bool knows_keep_ = false;
};

namespace detail {

/// Mean over the queries of scores [images] that score(query, its phi [images]) gives.
template <class Score>
std::vector<double> average_queries(std::span<double const> values, references_view const& references, Score score) {
  references.check_target(values);
  std::vector<double> mean(references.images());
  for (std::size_t q = 0; q < references.queries(); ++q) {
    std::vector<double> const scores = score(q, values.subspan(q * mean.size(), mean.size()));
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += scores[i] / static_cast<double>(references.queries());
  }
  return mean;
}

}  // namespace detail

}  // namespace papillon::privacy
