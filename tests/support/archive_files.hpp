// SPDX-License-Identifier: MIT
/// \file archive_files.hpp
/// Miniatures of MNIST's and CIFAR-100's files, for tests of what reads them. Pixels tell images, rows and columns
/// apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include <papillon/io/atomic_file.hpp>

namespace papillon::test {

/// Pixel k of image i of the miniatures; never black, so that padding shows.
inline std::uint8_t made_up_pixel(std::size_t i, std::size_t k) {
  return static_cast<std::uint8_t>(1 + (i * 37 + k * 7 + k / 28) % 255);
}

/// The first `bytes` pixels of image i.
inline std::string made_up_image(std::size_t i, std::size_t bytes) {
  std::string pixels;
  for (std::size_t k = 0; k < bytes; ++k) pixels += static_cast<char>(made_up_pixel(i, k));
  return pixels;
}

/// A number of 32 bits, big-endian.
inline std::string big_endian(std::uint32_t n) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(n >> shift & 255);
  return bytes;
}

/// train images, then test images; image i is of class i % 10.
inline void write_mnist(std::filesystem::path const& folder, std::uint32_t train, std::uint32_t test) {
  std::filesystem::create_directories(folder);
  std::uint32_t i = 0;
  for (auto const& [part, count] : {std::pair{"train", train}, std::pair{"t10k", test}}) {
    std::string images = big_endian(0x803) + big_endian(count) + big_endian(28) + big_endian(28),
                labels = big_endian(0x801) + big_endian(count);
    for (std::uint32_t const end = i + count; i < end; ++i) {
      images += made_up_image(i, 784);
      labels += static_cast<char>(i % 10);
    }
    io::write_atomically(folder / (std::string(part) + "-images-idx3-ubyte"), images);
    io::write_atomically(folder / (std::string(part) + "-labels-idx1-ubyte"), labels);
  }
}

/// train images, then test images; image i is of class i % 100, coarse class i % 20.
inline void write_cifar100(std::filesystem::path const& folder, std::size_t train, std::size_t test) {
  std::filesystem::create_directories(folder);
  std::size_t i = 0;
  for (auto const& [name, count] : {std::pair{"train.bin", train}, std::pair{"test.bin", test}}) {
    std::string records;
    for (std::size_t const end = i + count; i < end; ++i)
      records += std::string{static_cast<char>(i % 20), static_cast<char>(i % 100)} + made_up_image(i, 3072);
    io::write_atomically(folder / name, records);
  }
}

}  // namespace papillon::test
