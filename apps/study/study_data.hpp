// SPDX-License-Identifier: MIT
/// \file study_data.hpp
/// The images of a study and who is trained on which: from a data set's files or drawn by the program, split as the
/// settings say. The split is stored in the output directory with its hash; the stored one is checked to be the one
/// that is used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <papillon/data/collection.hpp>
#include <papillon/data/image_set.hpp>
#include <papillon/data/normalisation.hpp>
#include <papillon/data/split.hpp>

#include <study/identity.hpp>
#include <study/settings.hpp>

namespace papillon::study {

/// Images in the collection's order, and the split of them; of a study whose seeds have splits of their own, for each
/// of them.
struct study_data {
  data::collection collection;
  data::split split;
  std::map<std::uint64_t, data::split> split_of_seed{};

  [[nodiscard]] data::split const& split_for(std::uint64_t seed) const {
    auto const own = split_of_seed.find(seed);
    return own == split_of_seed.end() ? split : own->second;
  }
  [[nodiscard]] data::image_set const& images() const { return collection.images; }
  [[nodiscard]] data_identity identity() const;
};

/// The images of one network: what it is trained on, what chooses its epoch, and for the quality of it what it is
/// tested on.
struct cohort_images {
  data::index_list trained, validation, test;
};

/// Those of a target or a shadow are its role's. A reference is trained on one half of all images of its role, D_train
/// and D_test together; references 2 k and 2 k + 1 have complementary halves of a random order. As many of the half as
/// of D_train are validation images.
/// Targets and shadows are also trained on those canaries that their coins include, and tested on no canary.
[[nodiscard]] cohort_images images_of(
    study_data const& d, cohort const& c, std::uint64_t seed, audit_settings const& audit = {});

/// The canaries of a role, ascending: images of its D_test that the strict reading leaves out, drawn for good.
[[nodiscard]] data::index_list canaries_of(data::split::role const& r, role who, int count);
/// Of each, whether the networks of a seed are trained on it: a coin of its own.
[[nodiscard]] std::vector<std::uint8_t> included_canaries(
    data::index_list const& canaries, role who, std::uint64_t seed);

/// All images that networks are asked about, ascending: those of all parts. Row i of a network's outputs is about
/// image i of this list.
[[nodiscard]] data::index_list asked_images(data::split const& s);

/// The images that an attack looks at: D_train, then D_test, each in the split's order. The first `members` of them are
/// members.
struct attacked_images {
  data::index_list images;
  std::size_t members = 0;
};

[[nodiscard]] attacked_images attacked_images_of(data::split::role const& r);

/// Which of those images the strict reading counts: those that were trained on, and those drawn from D_test.
[[nodiscard]] std::vector<std::uint32_t> strict_rows(data::split::role const& r);

[[nodiscard]] data::normalisation normalisation_of(settings const& s);

/// Reads the images of the source, or draws them. Throws errc::bad_input for files that are not the data set's.
[[nodiscard]] data::image_set load_images(settings const& s, std::filesystem::path const& directory);

/// The same, and splits them.
[[nodiscard]] study_data load_study_data(settings const& s, std::filesystem::path const& directory);

/// What the images are called on pages: by the data set's name, but where it is CIFAR-10 and they have another hash
/// than its own, that they are others.
[[nodiscard]] std::string images_name(settings const& s, data::collection const& c);

/// Stores the split in the output directory. One that is there already is checked to be the same; errc::bad_input if it
/// is not.
void store_split(study_data const& d, std::filesystem::path const& out);

}  // namespace papillon::study
