// SPDX-License-Identifier: MIT
/// \file cifar10.hpp
/// Reads CIFAR-10 in its binary layout: data_batch_1..5.bin and test_batch.bin, each of 10,000 records of one label
/// byte and 3072 pixel bytes. Sizes, labels and the number of images of each class are checked; anything else than the
/// whole data set is papillon::error(errc::bad_input). A. Krizhevsky, "Learning multiple layers of features from tiny
/// images", 2009.
#pragma once

#include <algorithm>
#include <array>

#include <papillon/data/image_set.hpp>
#include <papillon/error.hpp>
#include <papillon/io/read_file.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// How many images there must be: the data set's own numbers, or those of a cut-down copy.
struct cifar10_counts {
  std::size_t per_file = 10000;
  std::size_t per_class = 6000;  ///< over all six files
};

/// The training images (file by file), then the test images. `directory` holds the files or their folder
/// cifar-10-batches-bin.
[[nodiscard]] inline image_set read_cifar10(
    std::filesystem::path const& directory, cifar10_counts const& expected = {}) {
  constexpr std::array names{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
      "data_batch_5.bin", "test_batch.bin"};
  constexpr std::size_t record = 1 + cifar_bytes;
  auto const fail = [](std::string const& problem, std::string const& why) {
    throw error(errc::bad_input, message(problem, " (", why, ") fetch the data with scripts/fetch-cifar10"));
  };

  std::filesystem::path folder = directory;
  std::error_code ignored;
  if (!std::filesystem::exists(folder / names[0], ignored)) folder /= "cifar-10-batches-bin";
  if (!std::filesystem::exists(folder / names[0], ignored)) {
    fail("no CIFAR-10 in " + directory.string(),
        std::string(names[0]) + " is neither there nor in cifar-10-batches-bin below it");
  }

  image_set images;
  images.labels.reserve(names.size() * expected.per_file);
  images.pixels.reserve(names.size() * expected.per_file * cifar_bytes);
  std::array<std::size_t, cifar10_classes> histogram{};
  for (auto const* const name : names) {
    auto const path = folder / name;
    auto const size = std::filesystem::file_size(path, ignored);  // looked at first: the file may be anything
    if (!ignored && size != expected.per_file * record) {
      fail(message(path.string(), " has ", size, " bytes"),
          message(expected.per_file, " records of ", record, " bytes are ", expected.per_file * record));
    }
    auto const bytes = io::read_file<std::string>(path);
    for (std::size_t i = 0; i < expected.per_file; ++i) {
      auto const* const first = reinterpret_cast<std::uint8_t const*>(bytes.data()) + i * record;
      if (*first >= cifar10_classes)
        fail(path.string() + " is damaged", message("record ", i, " has the label ", *first, ", labels are 0 to 9"));
      ++histogram[*first];
      images.labels.push_back(*first);
      images.pixels.insert(images.pixels.end(), first + 1, first + record);
    }
  }
  for (std::size_t c = 0; c < histogram.size(); ++c) {
    if (histogram[c] != expected.per_class) {
      fail("the labels in " + folder.string() + " are not CIFAR-10's",
          message("class ", c, " has ", histogram[c], " images and should have ", expected.per_class));
    }
  }
  return images;
}

}  // namespace papillon::data
