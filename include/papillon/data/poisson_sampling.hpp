// SPDX-License-Identifier: MIT
/// \file poisson_sampling.hpp
/// The batches of differentially private training: every image enters a step with probability q, independently of the
/// others and of all other steps. Whether it does is a function of the stream (of purpose sampling: seed, role, round),
/// the step and the image, and of nothing else; so batches differ in size, and may be empty. M. Abadi et al., "Deep
/// learning with differential privacy", 2016, section 3.
#pragma once

#include <vector>

#include <papillon/error.hpp>
#include <papillon/random/distributions.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// Sampling with batches of an expected size.
class poisson_sampling {
 public:
  /// `batch` of `images` on average; 0 < batch <= images, else papillon::error (usage).
  poisson_sampling(std::size_t images, std::size_t batch) : images_(images), batch_(batch) {
    if (batch == 0 || batch > images)
      throw error(errc::usage, message("no batches of ", batch, " out of ", images,
                                   " images on average (at least one, at most all) set another batch size"));
  }

  /// q = batch / images.
  [[nodiscard]] double rate() const { return static_cast<double>(batch_) / static_cast<double>(images_); }
  /// What a sum over a step's images is divided by, whatever their number: the divisor must not tell it.
  [[nodiscard]] double divisor() const { return static_cast<double>(batch_); }
  /// Steps that visit an image once on average, rounded up.
  [[nodiscard]] std::size_t steps_per_epoch() const { return (images_ + batch_ - 1) / batch_; }

  /// Those of `images` that enter a step, in the order of the list, whose other images do not matter to an image.
  [[nodiscard]] std::vector<std::uint32_t> sample(
      random::stream const& stream, std::uint32_t step, std::span<std::uint32_t const> images) const {
    std::vector<std::uint32_t> chosen;
    double const q = rate();
    for (std::uint32_t const image : images) {
      random::engine engine(stream, step, image);
      if (random::uniform<double>(engine) < q) chosen.push_back(image);  // below 1: with q = 1 all enter
    }
    return chosen;
  }

 private:
  std::size_t images_, batch_;
};

}  // namespace papillon::data
