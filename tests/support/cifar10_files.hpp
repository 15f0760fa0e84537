// SPDX-License-Identifier: MIT
/// \file cifar10_files.hpp
/// A miniature of CIFAR-10's six binary files, made of any image set, for tests of what reads them; and where the real
/// data set is, if the environment variable PAPILLON_CIFAR10 says so.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

#include <papillon/data/image_set.hpp>
#include <papillon/io/atomic_file.hpp>

namespace papillon::test {

/// The first 6 per_file images of the set, in order.
inline void write_cifar10(std::filesystem::path const& folder, data::image_set const& set, std::size_t per_file) {
  std::filesystem::create_directories(folder);
  std::size_t i = 0;
  for (std::string const name :
      {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"}) {
    std::string records;
    for (std::size_t k = 0; k < per_file; ++k, ++i) {
      records += static_cast<char>(set.labels[i]);
      auto const image = set.image(i);
      records.append(image.begin(), image.end());
    }
    io::write_atomically(folder / (name + ".bin"), records);
  }
}

/// Prints why a test is skipped if the data are not there.
inline std::optional<std::filesystem::path> real_cifar10() {
  if (char const* const path = std::getenv("PAPILLON_CIFAR10")) return path;
  std::cout << "[skipped] set PAPILLON_CIFAR10 to the directory of the CIFAR-10 binary files\n";
  return std::nullopt;
}

}  // namespace papillon::test
