// SPDX-License-Identifier: MIT
/// \file dropout_mask.hpp
/// Which numbers dropout keeps in a step of a training: a function of the stream, of which layer it is, of the step,
/// the image's place in the batch and the number's in the image. Four neighbours share a block of random words.
#pragma once

#include <cstdint>

#include <papillon/exec/for_each.hpp>
#include <papillon/random/engine.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

struct dropout_options {
  double rate = 0;          ///< part that is set to zero in training; the others grow by 1 / (1 - rate)
  random::stream stream{};  ///< of purpose dropout
  std::uint32_t layer = 0;  ///< below 256: layers of one stream draw numbers of their own
};

template <class T> struct dropout_mask {
  random::stream stream;
  std::uint64_t layer, below;  ///< words below are dropped
  T kept;                      ///< 1 / (1 - rate)
  T const* step;               ///< where the work runs
  int numbers;                 ///< of an image

  dropout_mask(dropout_options const& o, T const* now, int of_image)
      : stream(o.stream), layer(o.layer), below(static_cast<std::uint64_t>(o.rate * 0x1p32)),
        kept(static_cast<T>(1 / (1 - o.rate))), step(now), numbers(of_image) {}

  /// Factors of numbers 4 group, ..., 4 group + 3 of an image.
  PAPILLON_HD void factors(int image, int group, T (&f)[4]) const {
    auto const item = layer << 32 | (static_cast<std::uint64_t>(image) * static_cast<std::uint64_t>((numbers + 3) / 4) +
                                        static_cast<std::uint64_t>(group));
    random::engine engine(stream, static_cast<std::uint32_t>(*step), item);
    auto const words = engine.next_block();
    for (int k = 0; k < 4; ++k) f[k] = words.word[k] < below ? T{} : kept;
  }
  /// The same of all images of a block, lane by lane.
  template <class Lanes, class V> PAPILLON_HD void factors(Lanes lanes, int block, int group, V (&f)[4]) const {
    for (int l = 0; l < lanes.here(); ++l) {
      T of_image[4];
      factors(block * Lanes::count + lanes.number(l), group, of_image);
      for (int k = 0; k < 4; ++k) lanes.put(f[k], l, of_image[k]);
    }
  }
};

/// The step that a forward pass in training is, for its backward pass; and the next.
template <class T> struct next_step {
  static constexpr char const* name = "step of dropout";
  static constexpr int flops = 1, bytes = 3 * sizeof(T);
  T *count, *now;
  PAPILLON_HD void operator()(int) const {
    *now = *count;
    *count += T{1};
  }
};

}  // namespace papillon::nn

#pragma GCC diagnostic pop
