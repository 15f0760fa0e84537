// SPDX-License-Identifier: MIT
// CIFAR-10, CIFAR-100 and MNIST, cut down. The first character of an input says which. Of CIFAR the rest is the labels
// of the images, whose pixels are all the same, and bytes that follow the last file's records; of MNIST the four files,
// one after the other.
#include <papillon/data/cifar10.hpp>
#include <papillon/data/cifar100.hpp>
#include <papillon/data/mnist.hpp>

#include "files.hpp"
#include "target.hpp"

namespace {

using namespace papillon;

/// Writes records, `labels` label bytes each, into files of `counts` records; what is left of the input goes to the
/// last.
void write_records(std::string_view input, std::size_t labels, std::string const& folder,
    std::vector<std::pair<std::string, std::size_t>> const& files) {
  static std::string const pixels(data::cifar_bytes, 'p');
  for (auto const& [name, count] : files) {
    std::string bytes;
    for (std::size_t i = 0; i < count && input.size() >= labels; ++i) {
      bytes.append(input.substr(0, labels)).append(pixels);
      input.remove_prefix(labels);
    }
    if (name == files.back().first) bytes.append(input);
    fuzz::file_with(bytes, folder + "/" + name);
  }
}

void run(std::string_view input) {
  if (input.empty()) return;
  auto const bytes = input.substr(1);
  if (input[0] == '1') {
    write_records(bytes, 1, "cifar10",
        {{"data_batch_1.bin", 5}, {"data_batch_2.bin", 5}, {"data_batch_3.bin", 5}, {"data_batch_4.bin", 5},
            {"data_batch_5.bin", 5}, {"test_batch.bin", 5}});
    fuzz::accepted([&] {
      auto const read = data::read_cifar10(fuzz::directory() / "cifar10", {.per_file = 5, .per_class = 3});
      fuzz::require(read.size() == 30 && read.pixels.size() == 30 * data::cifar_bytes, "images of another size");
    });
  } else if (input[0] == '2') {
    write_records(bytes, 2, "cifar100", {{"train.bin", 80}, {"test.bin", 20}});
    fuzz::accepted([&] {
      auto const read = data::read_cifar100(fuzz::directory() / "cifar100", {.train = 80, .test = 20, .per_class = 1});
      fuzz::require(read.size() == 100, "another number of images");
    });
  } else {
    // Headers of 16 and 8 bytes before 784 and 1 of an image: shares of 800 and 9.
    std::size_t at = 0;
    for (auto const& [name, share] :
        {std::pair{"train-images-idx3-ubyte", std::size_t{800}}, std::pair{"train-labels-idx1-ubyte", std::size_t{9}},
            std::pair{"t10k-images-idx3-ubyte", std::size_t{800}},
            std::pair{"t10k-labels-idx1-ubyte", std::size_t{9}}}) {
      fuzz::file_with(bytes.substr(std::min(at, bytes.size()), share), message("mnist/", name));
      at += share;
    }
    fuzz::accepted([&] {
      auto const read = data::read_mnist(fuzz::directory() / "mnist", {.train = 1, .test = 1});
      fuzz::require(read.size() == 2 && read.pixels.size() == 2 * 1024, "images of another size");
    });
  }
}

std::vector<std::string> seeds() {
  std::string ten = "1", hundred = "2";
  for (int i = 0; i < 30; ++i) ten += static_cast<char>(i % 10);
  for (int i = 0; i < 100; ++i) hundred.append(1, static_cast<char>(i % 20)).append(1, static_cast<char>(i));
  std::string const images = std::string("\0\0\x08\x03\0\0\0\1\0\0\0\x1c\0\0\0\x1c", 16) + std::string(784, 'p'),
                    labels("\0\0\x08\x01\0\0\0\1\x07", 9);
  return {ten, hundred, "3" + images + labels + images + labels};
}

fuzz::registration const registered({"images", run, seeds});

}  // namespace
