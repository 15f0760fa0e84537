// SPDX-License-Identifier: MIT
/// \file cifar100.hpp
/// Reads CIFAR-100 in its binary layout: train.bin and test.bin of 50,000 and 10,000 records, each a coarse label byte
/// (0 to 19, not kept), a fine one (0 to 99, the class) and 3072 pixel bytes; errors are those of data/cifar_files.hpp.
/// A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
#pragma once

#include <papillon/data/cifar_files.hpp>

namespace papillon::inline PAPILLON_ISA::data {

inline constexpr int cifar100_classes = 100;

/// How many images there must be: the data set's own numbers, or those of a cut-down copy.
struct cifar100_counts {
  std::size_t train = 50000, test = 10000;
  std::size_t per_class = 600;  ///< over both files
};

/// The training images, then the test images. `directory` holds the files or their folder cifar-100-binary.
[[nodiscard]] inline image_set read_cifar100(
    std::filesystem::path const& directory, cifar100_counts const& expected = {}) {
  return read_cifar_files(directory, {.name = "CIFAR-100",
                                         .folder = "cifar-100-binary",
                                         .remedy = "unpack cifar-100-binary.tar.gz there anew",
                                         .files = {{"train.bin", expected.train}, {"test.bin", expected.test}},
                                         .labels = {20, cifar100_classes},
                                         .per_class = expected.per_class});
}

}  // namespace papillon::data
