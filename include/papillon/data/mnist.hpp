// SPDX-License-Identifier: MIT
/// \file mnist.hpp
/// Reads MNIST, or what has its form (Fashion-MNIST), from its four idx files, unpacked: big-endian numbers of 32 bits
/// (0x803, images, 28, 28 before the pixels; 0x801, labels before the labels), then bytes. Images are padded with two
/// black pixels a side, to one channel of 32 x 32. Anything else than the whole data set is
/// papillon::error(errc::bad_input). LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
/// recognition", 1998.
#pragma once

#include <algorithm>
#include <functional>
#include <numeric>

#include <papillon/data/image_set.hpp>
#include <papillon/error.hpp>
#include <papillon/io/read_file.hpp>

namespace papillon::inline PAPILLON_ISA::data {

inline constexpr shape mnist_extent{1, 32, 32};
inline constexpr int mnist_classes = 10;

/// How many images there must be: the data set's own numbers, or those of a cut-down copy.
struct mnist_counts {
  std::size_t train = 60000, test = 10000;
};

/// Mean and deviation of the training images' own 28 x 28 pixels.
[[nodiscard]] inline normalisation mnist_normalisation() { return {.mean = {0.1307}, .deviation = {0.3081}}; }

namespace detail {

/// The bytes of an idx file behind its header, which must be the given numbers.
[[nodiscard]] inline std::string read_idx(std::filesystem::path const& path, std::vector<std::size_t> const& header) {
  auto const fail = [&](std::string const& problem, std::string const& why) {
    throw error(errc::bad_input, message(path.string(), problem, " (", why, ") unpack the file from its archive anew"));
  };
  std::size_t const start = 4 * header.size();
  std::size_t const size =
      start + std::accumulate(header.begin() + 1, header.end(), std::size_t{1}, std::multiplies<>{});
  auto bytes = io::read_file<std::string>(path, io::largest::text);
  for (std::size_t k = 0; k < header.size() && 4 * k + 4 <= bytes.size(); ++k) {
    std::size_t number = 0;
    for (std::size_t i = 4 * k; i < 4 * k + 4; ++i) number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
    if (number != header[k])
      fail(" is not MNIST's", message("number ", k, " of its header is ", number, " and should be ", header[k]));
  }
  if (bytes.size() != size) fail(message(" has ", bytes.size(), " bytes"), message("it should have ", size));
  bytes.erase(0, start);
  return bytes;
}

/// Appends the images of two idx files.
inline void append_mnist(
    image_set& set, std::filesystem::path const& folder, std::string const& part, std::size_t count) {
  constexpr std::size_t side = 28, border = 2, width = side + 2 * border;
  static_assert(width * width == static_cast<std::size_t>(mnist_extent.size()));
  auto const label_file = folder / (part + "-labels-idx1-ubyte");
  auto const pixels = read_idx(folder / (part + "-images-idx3-ubyte"), {0x803, count, side, side});
  auto const labels = read_idx(label_file, {0x801, count});
  for (std::size_t i = 0; i < count; ++i) {
    auto const label = static_cast<std::uint8_t>(labels[i]);
    if (label >= mnist_classes)
      throw error(
          errc::bad_input, message(label_file.string(), " is damaged (image ", i, " has the label ", label,
                               ", labels are 0 to ", mnist_classes - 1, ") unpack the file from its archive anew"));
    set.labels.push_back(label);
    std::size_t const first = set.pixels.size();
    set.pixels.resize(first + set.image_bytes());
    for (std::size_t y = 0; y < side; ++y)
      std::copy_n(pixels.begin() + static_cast<std::ptrdiff_t>((i * side + y) * side), side,
          set.pixels.begin() + static_cast<std::ptrdiff_t>(first + (y + border) * width + border));
  }
}

}  // namespace detail

/// The training images, then the test images. `directory` holds the files train-images-idx3-ubyte,
/// train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, or their folder MNIST/raw.
[[nodiscard]] inline image_set read_mnist(std::filesystem::path const& directory, mnist_counts const& expected = {}) {
  char const* const first = "train-images-idx3-ubyte";
  auto folder = directory;
  std::error_code ignored;
  if (!std::filesystem::exists(folder / first, ignored)) folder /= std::filesystem::path("MNIST") / "raw";
  if (!std::filesystem::exists(folder / first, ignored))
    throw error(errc::bad_input, message("no MNIST in ", directory.string(), " (", first,
                                     " is neither there nor in MNIST/raw below it) unpack its four files there"));
  image_set images{.extent = mnist_extent, .classes = mnist_classes};
  detail::append_mnist(images, folder, "train", expected.train);
  detail::append_mnist(images, folder, "t10k", expected.test);
  return images;
}

}  // namespace papillon::data
