// SPDX-License-Identifier: MIT
/// \file outputs.hpp
/// What a network answers, as an attack gets to see it: the logits of labelled images, each asked once or as several
/// queries (the image and its mirror image, say). A view: it copies nothing, and what it looks at has to outlive it.
/// Labels are bytes, as those of an image_set, or 32-bit numbers, for more than 256 classes.
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
      : outputs_view(
            {logits.data(), nullptr, logits.size()}, {labels.data(), nullptr, labels.size()}, classes, queries) {}
  outputs_view(std::span<double const> logits, std::span<std::uint8_t const> labels, int classes, int queries = 1)
      : outputs_view(
            {nullptr, logits.data(), logits.size()}, {labels.data(), nullptr, labels.size()}, classes, queries) {}
  outputs_view(std::span<float const> logits, std::span<std::uint32_t const> labels, int classes, int queries = 1)
      : outputs_view(
            {logits.data(), nullptr, logits.size()}, {nullptr, labels.data(), labels.size()}, classes, queries) {}
  outputs_view(std::span<double const> logits, std::span<std::uint32_t const> labels, int classes, int queries = 1)
      : outputs_view(
            {nullptr, logits.data(), logits.size()}, {nullptr, labels.data(), labels.size()}, classes, queries) {}

  [[nodiscard]] std::size_t images() const { return labels_.size; }
  [[nodiscard]] std::size_t classes() const { return classes_; }
  [[nodiscard]] std::size_t queries() const { return queries_; }
  [[nodiscard]] std::size_t label(std::size_t image) const {
    return labels_.first != nullptr ? labels_.first[image] : labels_.second[image];
  }

  /// Copies the logits of one query of one image to `row` [classes].
  void copy_logits(std::size_t query, std::size_t image, std::span<double> row) const {
    std::size_t const first = (query * images() + image) * classes_;
    if (logits_.first != nullptr) std::copy_n(logits_.first + first, classes_, row.begin());
    else std::copy_n(logits_.second + first, classes_, row.begin());
  }

 private:
  /// An array of one of two types: the other pointer is null.
  template <class First, class Second> struct either {
    First const* first;
    Second const* second;
    std::size_t size;
  };

  outputs_view(either<float, double> logits, either<std::uint8_t, std::uint32_t> labels, int classes, int queries)
      : logits_(logits), labels_(labels), classes_(static_cast<std::size_t>(classes)),
        queries_(static_cast<std::size_t>(queries)) {
    if (classes < 2 || queries < 1)
      throw error(errc::usage,
          message("outputs of ", classes, " classes and ", queries, " queries (there must be two and one at least)"));
    if (logits.size != queries_ * images() * classes_)
      throw error(errc::usage, message("outputs: ", logits.size, " logits (they must be ", queries, " queries x ",
                                   images(), " images x ", classes, " classes)"));
    for (std::size_t i = 0; i < images(); ++i)
      if (label(i) >= classes_)
        throw error(errc::usage, message("outputs: label ", label(i), " (there are ", classes, " classes)"));
  }

  either<float, double> logits_;
  either<std::uint8_t, std::uint32_t> labels_;
  std::size_t classes_, queries_;
};

}  // namespace papillon::privacy
