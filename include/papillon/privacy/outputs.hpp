// SPDX-License-Identifier: MIT
/// \file outputs.hpp
/// What a network answers, as an attack gets to see it: the logits of labelled images, each asked once or as several
/// queries (the image and its mirror image, say). A view: it copies nothing, and what it looks at has to outlive it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <papillon/error.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Logits [queries][images][classes], float or double, and the images' labels [images].
class outputs_view {
 public:
  /// Throws papillon::error (usage) unless there are at least two classes and one query, the logits are as many as
  /// queries x images x classes, and every label is below `classes`.
  outputs_view(std::span<float const> logits, std::span<std::uint8_t const> labels, int classes, int queries = 1)
      : outputs_view(logits.data(), nullptr, logits.size(), labels, classes, queries) {}
  outputs_view(std::span<double const> logits, std::span<std::uint8_t const> labels, int classes, int queries = 1)
      : outputs_view(nullptr, logits.data(), logits.size(), labels, classes, queries) {}

  [[nodiscard]] std::size_t images() const { return labels_.size(); }
  [[nodiscard]] std::size_t classes() const { return classes_; }
  [[nodiscard]] std::size_t queries() const { return queries_; }
  [[nodiscard]] std::size_t label(std::size_t image) const { return labels_[image]; }

  /// Copies the logits of one query of one image to `row` [classes].
  void copy_logits(std::size_t query, std::size_t image, std::span<double> row) const {
    std::size_t const first = (query * images() + image) * classes_;
    if (singles_ != nullptr) std::copy_n(singles_ + first, classes_, row.begin());
    else std::copy_n(doubles_ + first, classes_, row.begin());
  }

 private:
  outputs_view(float const* singles, double const* doubles, std::size_t size, std::span<std::uint8_t const> labels,
      int classes, int queries)
      : singles_(singles), doubles_(doubles), labels_(labels), classes_(static_cast<std::size_t>(classes)),
        queries_(static_cast<std::size_t>(queries)) {
    if (classes < 2 || queries < 1)
      throw error(errc::usage,
          message("outputs of ", classes, " classes and ", queries, " queries (there must be two and one at least)"));
    if (size != queries_ * images() * classes_)
      throw error(errc::usage, message("outputs: ", size, " logits (they must be ", queries, " queries x ", images(),
                                   " images x ", classes, " classes)"));
    for (auto label : labels)
      if (label >= classes)
        throw error(errc::usage, message("outputs: label ", int{label}, " (there are ", classes, " classes)"));
  }

  float const* singles_;  // of the two pointers one is null
  double const* doubles_;
  std::span<std::uint8_t const> labels_;
  std::size_t classes_, queries_;
};

}  // namespace papillon::privacy
