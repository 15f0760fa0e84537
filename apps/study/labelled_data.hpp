// SPDX-License-Identifier: MIT
/// \file labelled_data.hpp
/// The images of a study with the labels that a configuration is about (train.labels): those of the images, or labels
/// drawn anew. Drawn labels belong to the images as given ones do: they are the same for all networks and seeds of a
/// study, and for all that judges them, so that what references, shadows and attacks know of an image's label is what
/// the attacked network was taught. Made with data::with_random_labels. Canaries may have wrong labels (audit.labels),
/// for all networks alike.
#pragma once

#include <map>

#include <study/settings.hpp>
#include <study/study_data.hpp>

namespace papillon::study {

/// See the file's comment.
class labelled_data {
 public:
  /// `given`: with the labels of the images; must outlive this.
  explicit labelled_data(study_data const& given) : given_(&given) {}

  /// The data as a configuration's settings ask for; drawn labels are drawn when they are first asked for.
  [[nodiscard]] study_data const& of(settings const& s) const;

 private:
  study_data const* given_;
  mutable std::map<int, study_data> drawn_;  ///< by how many canaries have wrong labels; -1: all are drawn
};

}  // namespace papillon::study
