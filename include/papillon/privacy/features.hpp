// SPDX-License-Identifier: MIT
/// \file features.hpp
/// What an attack looks at. For each image x of class i, with R(x) the probabilities a network gives (C classes, 3 C
/// numbers):
///   columns 0 .. C-1     R(x)
///   columns C .. 2C-1    (1/eps) mean over the draws of |R(x + eps N) - R(x)|, N independent standard normal numbers
///   columns 2C .. 3C-1   i, one-hot
/// Source: the discriminator's inputs of section 4 of "Sparsity can improve privacy of neural networks" (Gonon et al.
/// 2023).
#pragma once

#include <papillon/error.hpp>
#include <papillon/random/distributions.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

struct feature_settings {
  double epsilon = 0.001;  ///< size of the noise, on normalised images
  int draws = 5;
  int batch = 256;  ///< images given to the black box at once; has no influence on the result
};

/// Throws papillon::error (usage) unless all are positive.
[[nodiscard]] inline feature_settings const& checked(feature_settings const& s) {
  if (!(s.epsilon > 0) || s.draws < 1 || s.batch < 1)
    throw error(errc::usage, "attack features: epsilon, draws and batch must be positive");
  return s;
}

/// Noise that depends on nothing but the stream, the image's number and the draw.
struct counter_noise {
  random::stream stream;

  template <class T> void operator()(std::uint32_t image, int draw, std::span<T> out) const {
    random::engine e(stream, static_cast<std::uint32_t>(draw), image);
    random::fill_normal<T>(e, out);
  }
};

}  // namespace papillon::privacy
