// SPDX-License-Identifier: MIT
/// \file stream.hpp
/// What a sequence of random numbers belongs to. Everything random in a study is a function of a stream, an epoch and
/// an item (engine.hpp), never of the configuration, the number of threads or what was drawn before: two networks that
/// differ only in their structure see the same order and the same augmentation, so their difference is paired.
#pragma once

#include <cstdint>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::random {

/// What the numbers are for. The values enter every result: never change one, only append (up to 255).
enum class purpose : std::uint32_t {
  initialisation = 0,                ///< initial weights of a network
  order = 1,                         ///< order of the images in an epoch
  augmentation = 2,                  ///< flip and crop of an image in an epoch
  split = 3,                         ///< which image goes to which part of the data
  validation = 4,                    ///< which images of a training part are its validation set
  noise = 5,                         ///< noise on the images whose features an attack measures
  synthetic = 6,                     ///< the built-in images
  discriminator_initialisation = 7,  ///< initial weights of an attack's discriminator
  discriminator_order = 8,           ///< order of the samples in a discriminator's epoch
  holdout = 9,                       ///< which shadow samples judge the discriminators
  selection = 10,                    ///< which non-members the strict reading attacks
  references = 11,                   ///< which images the reference networks of an attack are trained on
  sampling = 12,                     ///< which images enter a step of differentially private training
  dp_noise = 13,                     ///< noise on the gradients of differentially private training
  random_mask = 14,                  ///< which weights a random mask keeps
  canaries = 15,                     ///< which images of an audit are canaries, and which networks get them
  resampling = 16,                   ///< which seeds and images enter a resample of the bootstrap
  dp_selection = 17,                 ///< which weights a step of differentially private training updates
  dropout = 18,                      ///< which numbers dropout keeps in a step
  adversary = 19,                    ///< which others an adversary in training is shown in a step
  adversary_initialisation = 20,     ///< its initial weights
  test = 255,                        ///< free for tests and experiments
};

/// A family of random sequences. Any two different streams are independent, see engine.hpp for the ranges.
struct stream {
  std::uint64_t seed = 0;
  std::uint32_t role = 0;  ///< 0 target, 1 shadow; up to 15
  purpose what = purpose::test;
  std::uint32_t round = 0;  ///< of iterative pruning; up to 4095

  friend constexpr bool operator==(stream const&, stream const&) = default;
};

}  // namespace papillon::random
