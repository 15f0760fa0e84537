// SPDX-License-Identifier: MIT
/// \file cifar10.hpp
/// Reads CIFAR-10 in its binary layout: data_batch_1..5.bin and test_batch.bin, each of 10,000 records of one label
/// byte and 3072 pixel bytes; errors are those of data/cifar_files.hpp. A. Krizhevsky, "Learning multiple layers of
/// features from tiny images", 2009.
#pragma once

#include <string_view>

#include <papillon/data/cifar_files.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// The data hash of CIFAR-10 as its authors publish it (data/collection.hpp), whatever the order of its records. Files
/// of the right form with any other hash hold other images.
inline constexpr std::string_view cifar10_hash = "c6bbdb02e54b3015490d04260327f5ba68ce7176dc8f2cafaf6eed09a788fd18";

/// How many images there must be: the data set's own numbers, or those of a cut-down copy.
struct cifar10_counts {
  std::size_t per_file = 10000;
  std::size_t per_class = 6000;  ///< over all six files
};

/// The training images (file by file), then the test images. `directory` holds the files or their folder
/// cifar-10-batches-bin.
[[nodiscard]] inline image_set read_cifar10(
    std::filesystem::path const& directory, cifar10_counts const& expected = {}) {
  std::size_t const n = expected.per_file;
  return read_cifar_files(
      directory, {.name = "CIFAR-10",
                     .folder = "cifar-10-batches-bin",
                     .remedy = "fetch the data with scripts/fetch-cifar10",
                     .files = {{"data_batch_1.bin", n}, {"data_batch_2.bin", n}, {"data_batch_3.bin", n},
                         {"data_batch_4.bin", n}, {"data_batch_5.bin", n}, {"test_batch.bin", n}},
                     .labels = {cifar10_classes},
                     .per_class = expected.per_class});
}

}  // namespace papillon::data
