// SPDX-License-Identifier: MIT
/// \file audited_network.hpp
/// The views of an audit_input, checked and copied: logits in double, whatever was given, labels and membership as the
/// attacks take them. Whatever does not fit is papillon::error (bad_input) that names the array.
#pragma once

#include <cmath>

#include <papillon/privacy/audit_input.hpp>
#include <papillon/privacy/outputs.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Outputs of images whose class is known.
struct audited_network {
  std::vector<double> logits;         ///< [queries][images][classes]
  std::vector<std::uint32_t> labels;  ///< [images]
  int classes = 0, queries = 1;
  bool probabilities = false;  ///< they were probabilities; the logits are their logarithms
  bool saturated = false;      ///< every probability was 0 or 1

  [[nodiscard]] outputs_view view() const { return {std::span<double const>(logits), labels, classes, queries}; }
};

namespace detail {

[[noreturn]] inline void refuse_audit(std::string const& problem, std::string const& why, std::string const& advice) {
  throw error(errc::bad_input, message("audit: ", problem, " (", why, ") ", advice));
}

/// Throws unless the array has the size that the others give it.
inline void require_size(
    any_matrix_view const& v, std::size_t size, std::string const& name, std::string const& shape) {
  if (v.size() != size)
    refuse_audit(message(name, " have ", v.size(), " numbers"), message(shape, " are ", size),
        "give one for each image, of the same images in the same order");
}

/// 1 for members, 0 for others.
inline std::vector<std::uint8_t> read_membership(any_matrix_view const& v, std::string const& name) {
  std::vector<std::uint8_t> flags;
  flags.reserve(v.size());
  for (double const x : v.values()) {
    if (x != 0 && x != 1)
      refuse_audit(message(name, " are not 0 and 1"), message("image ", flags.size(), " has ", x),
          "write 1 where the network was trained on the image, else 0");
    flags.push_back(x == 1 ? 1 : 0);
  }
  return flags;
}

/// Makes logits of one network's outputs, rows of `classes` numbers, in place, and says what they were.
inline void make_logits(std::span<double> outputs, std::string const& name, bool stated, audited_network& n) {
  auto const classes = static_cast<std::size_t>(n.classes);
  bool sums = true, binary = true;
  for (std::size_t row = 0; row < outputs.size(); row += classes) {
    double sum = 0;
    for (double const x : outputs.subspan(row, classes)) {
      if (!std::isfinite(x))
        refuse_audit(message(name, " of image ", row / classes, " are not finite"), message("one is ", x),
            "give logits, or probabilities");
      sum += x >= 0 ? x : std::numeric_limits<double>::infinity();
      binary = binary && (x == 0 || x == 1);
    }
    bool const one = std::abs(sum - 1) <= 1e-3;
    if (stated && !one)
      refuse_audit(message(name, " of image ", row / classes, " are no probabilities"),
          "one is negative, or their sum is not 1", "give them as logits");
    sums = sums && one;
  }
  n.probabilities = sums && !outputs.empty();
  n.saturated = n.probabilities && binary;
  if (!n.probabilities) return;
  for (double& x : outputs) x = std::log(std::max(x, 1e-30));
}

/// The classes that so many outputs of so many answers stand for.
inline int class_count(std::size_t outputs, std::size_t answers, std::string const& name) {
  if (answers == 0 || outputs % answers != 0 || outputs / answers < 2)
    refuse_audit(message(name, " have ", outputs, " numbers"),
        message("no multiple, twofold at least, of ", answers, " answers"), "give one number a class for each image");
  return static_cast<int>(outputs / answers);
}

inline std::vector<std::uint32_t> read_labels(
    any_matrix_view const& v, std::size_t images, int classes, std::string const& name) {
  require_size(v, images, name + " labels", "images");
  std::vector<std::uint32_t> labels;
  labels.reserve(images);
  for (double const x : v.values()) {
    if (!(x >= 0 && x < classes && x == std::floor(x)))
      refuse_audit(message(name, " labels name no class"),
          message("image ", labels.size(), " has ", x, ", there are ", classes, " classes"),
          "count classes from 0, in the order of the outputs");
    labels.push_back(static_cast<std::uint32_t>(x));
  }
  return labels;
}

/// What a network answers about `images` images.
inline audited_network read_network(any_matrix_view const& outputs, any_matrix_view const& labels, std::size_t images,
    audit_input const& in, std::string const& name) {
  audited_network n;
  n.queries = in.queries;
  if (in.queries < 1)
    refuse_audit(message(in.queries, " queries"), "at least one", "give 1 unless images are asked often");
  n.classes = class_count(outputs.size(), images * static_cast<std::size_t>(in.queries), name + " outputs");
  n.labels = read_labels(labels, images, n.classes, name);
  n.logits = outputs.values();
  make_logits(n.logits, name + " outputs", in.probabilities, n);
  return n;
}

}  // namespace detail

}  // namespace papillon::privacy
