// SPDX-License-Identifier: MIT
/// \file study_data.hpp
/// The images of a study and who is trained on which: from CIFAR-10's files or drawn by the program, split as the
/// settings say. The split is stored in the output directory with its hash; the stored one is checked to be the one
/// that is used.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <papillon/data/cifar10.hpp>
#include <papillon/data/collection.hpp>
#include <papillon/data/image_set.hpp>
#include <papillon/data/normalisation.hpp>
#include <papillon/data/split.hpp>
#include <papillon/data/split_file.hpp>
#include <papillon/data/synthetic.hpp>
#include <papillon/study/directories.hpp>
#include <papillon/study/identity.hpp>
#include <papillon/study/settings.hpp>

namespace papillon::study {

/// Images in the collection's order, and the split of them.
struct study_data {
  data::collection collection;
  data::split split;

  [[nodiscard]] data::image_set const& images() const { return collection.images; }
  [[nodiscard]] data_identity identity() const { return {collection.hash, split.hash}; }
};

/// The images that an attack looks at: D_train, then D_test, each in the split's order. The first `members` of them are
/// members.
struct attacked_images {
  data::index_list images;
  std::size_t members = 0;
};

[[nodiscard]] inline attacked_images attacked_images_of(data::split::role const& r) {
  attacked_images all{r.train(), 0};
  all.members = all.images.size();
  all.images.insert(all.images.end(), r.test.begin(), r.test.end());
  return all;
}

/// Which of those images the strict reading counts: those that were trained on, and those drawn from D_test.
[[nodiscard]] inline std::vector<std::uint32_t> strict_rows(data::split::role const& r) {
  auto const [images, members] = attacked_images_of(r);
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < images.size(); ++i) {
    auto const& counted = i < members ? r.trained : r.strict_test;
    if (std::binary_search(counted.begin(), counted.end(), images[i])) rows.push_back(static_cast<std::uint32_t>(i));
  }
  return rows;
}

[[nodiscard]] inline data::normalisation normalisation_of(settings const& s) {
  data::normalisation n;
  auto const& mean = s.get<reals>("normalisation.mean");
  auto const& deviation = s.get<reals>("normalisation.deviation");
  std::copy_n(mean.begin(), n.mean.size(), n.mean.begin());
  std::copy_n(deviation.begin(), n.deviation.size(), n.deviation.begin());
  return n;
}

namespace detail {

[[nodiscard]] inline data::image_set study_images(settings const& s, std::filesystem::path const& directory) {
  if (s.word("data.source") == "cifar10") return data::read_cifar10(directory);
  data::synthetic_options o;
  o.noise = static_cast<float>(s.real("data.synthetic_noise"));
  o.label_noise = static_cast<float>(s.real("data.synthetic_label_noise"));
  o.tint = static_cast<float>(s.real("data.synthetic_tint"));
  return data::synthetic_images(4 * static_cast<std::size_t>(s.integer("data.subset")), 0, o);
}

[[nodiscard]] inline data::split study_split(settings const& s, data::collection const& c) {
  auto const seed = static_cast<std::uint64_t>(s.get<std::int64_t>("data.split_seed"));
  auto const validation = static_cast<std::uint32_t>(s.integer("data.validation"));
  if (s.word("data.split") == "archive") return data::usual_split(c, 50000, validation, seed);
  return data::draw_split(c, {static_cast<std::uint32_t>(s.integer("data.subset")), validation, seed});
}

}  // namespace detail

/// Reads or draws the images and splits them. Throws errc::bad_input for files that are not CIFAR-10.
[[nodiscard]] inline study_data load_study_data(settings const& s, std::filesystem::path const& directory) {
  study_data d{data::collect(detail::study_images(s, directory)), {}};
  d.split = detail::study_split(s, d.collection);
  return d;
}

/// Stores the split in the output directory. One that is there already is checked to be the same; errc::bad_input if it
/// is not.
inline void store_split(study_data const& d, std::filesystem::path const& out) {
  auto const directory = out / "splits";
  auto const file = directory / (d.split.hash.substr(0, 8) + ".safetensors");
  if (!std::filesystem::exists(file)) {
    make_directory(directory);
    data::write_split(file, d.split);
  } else if (data::read_split(file, d.collection) != d.split) {
    throw error(errc::bad_input,
                file.string() +
                    " is not the split that these settings give (it was made by another program) choose another --out");
  }
}

}  // namespace papillon::study
