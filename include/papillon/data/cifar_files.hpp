// SPDX-License-Identifier: MIT
/// \file cifar_files.hpp
/// What CIFAR-10 and CIFAR-100 have in common: files of records, each a few bytes of labels (the last one is the class)
/// and 3072 pixel bytes. Sizes, labels and the number of images of each class are checked; anything else than the whole
/// data set is papillon::error(errc::bad_input).
#pragma once

#include <algorithm>
#include <limits>

#include <papillon/data/image_set.hpp>
#include <papillon/error.hpp>
#include <papillon/io/input_file.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// What a data set's files must be.
struct cifar_layout {
  struct file {
    char const* name;
    std::size_t records;
  };
  char const* name;         ///< of the data set
  char const* folder;       ///< of the files, in the archive
  char const* remedy;       ///< what to do where they are not as they should be
  std::vector<file> files;  ///< in the order in which they are read
  std::vector<int> labels;  ///< of each label byte of a record, how many values it takes; the last are the classes
  std::size_t per_class;    ///< images of each class, over all files
};

namespace detail {

/// The folder of the files: the given one or the archive's within it.
[[nodiscard]] inline std::filesystem::path cifar_folder(
    std::filesystem::path const& directory, cifar_layout const& expected) {
  char const* const first = expected.files.front().name;
  std::error_code ignored;
  for (auto const& folder : {directory, directory / expected.folder})
    if (std::filesystem::exists(folder / first, ignored)) return folder;
  throw error(errc::bad_input, message("no ", expected.name, " in ", directory.string(), " (", first,
                                   " is neither there nor in ", expected.folder, " below it) ", expected.remedy));
}

}  // namespace detail

/// All images, file by file. `directory` holds the files or their folder.
[[nodiscard]] inline image_set read_cifar_files(std::filesystem::path const& directory, cifar_layout const& expected) {
  auto const fail = [&](std::string const& problem, std::string const& why) {
    throw error(errc::bad_input, message(problem, " (", why, ") ", expected.remedy));
  };
  auto const folder = detail::cifar_folder(directory, expected);
  std::size_t const labels = expected.labels.size(), record = labels + cifar_bytes;
  image_set images{.classes = expected.labels.back()};
  std::vector<std::size_t> histogram(static_cast<std::size_t>(images.classes));
  for (auto const& [name, records] : expected.files) {
    auto const path = folder / name;
    io::input_file file(path, std::numeric_limits<std::uint64_t>::max());
    if (file.size() != records * record)
      fail(message(path.string(), " has ", file.size(), " bytes"),
          message(records, " records of ", record, " bytes are ", records * record));
    std::vector<std::uint8_t> bytes(records * record);
    file.read(std::as_writable_bytes(std::span(bytes)));
    file.finish();
    for (std::size_t i = 0; i < records; ++i) {
      auto const* const first = bytes.data() + i * record;
      for (std::size_t k = 0; k < labels; ++k)
        if (first[k] >= expected.labels[k])
          fail(path.string() + " is damaged",
              message("record ", i, " has the label ", first[k], ", labels are 0 to ", expected.labels[k] - 1));
      ++histogram[first[labels - 1]];
      images.labels.push_back(first[labels - 1]);
      images.pixels.insert(images.pixels.end(), first + labels, first + record);
    }
  }
  for (std::size_t c = 0; c < histogram.size(); ++c)
    if (histogram[c] != expected.per_class)
      fail(message("the labels in ", folder.string(), " are not ", expected.name, "'s"),
          message("class ", c, " has ", histogram[c], " images and should have ", expected.per_class));
  return images;
}

}  // namespace papillon::data
