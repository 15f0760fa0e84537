// SPDX-License-Identifier: MIT
/// \file private_gradient.hpp
/// The gradient of a step of DP-SGD from the gradients g_i of single images, each of the image's own loss:
///   g = (sum over i of g_i min(1, c / |g_i|) + sigma c xi) / (q N),  xi standard normal.
/// q N is the expected number of images; dividing by the number drawn would tell it. M. Abadi et al., "Deep learning
/// with differential privacy", 2016, algorithm 1. This is the reference: rows of gradients in, plain loops. xi is a
/// function of the stream (of purpose dp_noise) and the step, so that trainings can be repeated; whoever knows the seed
/// knows the noise, and a network that is to be released must not be trained with a known seed.
#pragma once

#include <cassert>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/exec/for_each.hpp>
#include <papillon/random/distributions.hpp>

namespace papillon::inline PAPILLON_ISA::train {

struct private_gradient_settings {
  double clip = 1;     ///< c, the largest norm that an image adds; infinity: none
  double noise = 1;    ///< sigma, deviation of the noise in units of c
  double divisor = 1;  ///< q N, the expected number of images of a step
};

/// Throws papillon::error (usage) for what makes no step: a clip or divisor that is not positive, a noise that is
/// negative or not finite, noise in units of an infinite clip.
inline void check_settings(private_gradient_settings const& s) {
  if (!(s.clip > 0)) throw error(errc::usage, message("no clipping of gradients at ", s.clip, " (a norm above 0)"));
  if (!(s.noise >= 0 && std::isfinite(s.noise)))
    throw error(
        errc::usage, message("no noise of deviation ", s.noise, " on gradients (it is finite and not negative)"));
  if (s.noise > 0 && std::isinf(s.clip))
    throw error(errc::usage, "no noise in units of an infinite norm (gradients are not clipped) set the largest norm");
  if (!(s.divisor > 0 && std::isfinite(s.divisor)))
    throw error(errc::usage, message("no gradient divided by ", s.divisor, " (the expected number of images)"));
}

/// factor[i] = min(1, c / |g_i|); 1 for a gradient of zeros. A gradient whose norm is not finite gets 0 and adds
/// nothing: one image must not decide what all get.
template <class T> struct clipping_factor {
  static constexpr char const* name = "clipping";
  static constexpr int flops = 2, bytes = sizeof(T), grain = 1;
  T const* gradients;  ///< [images][parameters]
  double* factors;
  int parameters;
  double clip;

  PAPILLON_HD void operator()(int i) const {
    T const* const g = gradients + static_cast<std::ptrdiff_t>(i) * parameters;
    double squares = 0;
    for (int k = 0; k < parameters; ++k)
      squares = std::fma(static_cast<double>(g[k]), static_cast<double>(g[k]), squares);
    double const norm = std::sqrt(squares);
    factors[i] = !(norm < std::numeric_limits<double>::infinity()) ? 0 : norm > clip ? clip / norm : 1;
  }
};

/// One parameter of sum += sum over i of factor[i] g_i, images in their order.
template <class T> struct clipped_sum {
  static constexpr char const* name = "sum of clipped gradients";
  static constexpr int flops = 2, bytes = 2 * sizeof(T), grain = 512;
  T const* gradients;
  double const* factors;
  T* sum;
  int images, parameters;

  PAPILLON_HD void operator()(int k) const {
    double total = static_cast<double>(sum[k]);
    for (int i = 0; i < images; ++i)
      if (factors[i] > 0)  // else it may not be finite
        total = std::fma(
            factors[i], static_cast<double>(gradients[static_cast<std::ptrdiff_t>(i) * parameters + k]), total);
    sum[k] = static_cast<T>(total);
  }
};

/// A few neighbouring parameters of (sum + sigma c xi) / (q N), as many as a block of random words has normal numbers.
template <class T> struct noisy_mean {
  static constexpr char const* name = "noise on gradients";
  static constexpr int flops = 40, bytes = 2 * sizeof(T), grain = 512;
  static constexpr int size = random::normal_block<T>::size;
  random::stream stream;
  std::uint32_t step;
  T deviation, divisor;
  T* sum;
  int parameters;

  PAPILLON_HD void operator()(int block) const {
    random::engine engine(stream, step);
    engine.skip_blocks(static_cast<std::uint32_t>(block));
    auto const xi = random::next_normals<T>(engine);
    for (int k = 0; k < size && block * size + k < parameters; ++k) {
      T& value = sum[block * size + k];
      value = std::fma(deviation, xi.v[k], value) / divisor;
    }
  }
};

/// sum += the clipped gradients, one row an image; gradients.size() is a multiple of sum.size(). A large batch comes in
/// parts, whose sums add up. On the host; all policies give the same bits.
template <exec::policy E, class T>
void add_clipped(E e, double clip, std::span<T const> gradients, std::span<std::type_identity_t<T>> sum) {
  assert(sum.empty() ? gradients.empty() : gradients.size() % sum.size() == 0);
  if (gradients.empty()) return;
  int const parameters = static_cast<int>(sum.size()), images = static_cast<int>(gradients.size() / sum.size());
  std::vector<double> factors(static_cast<std::size_t>(images));
  exec::for_each(e, images, clipping_factor<T>{gradients.data(), factors.data(), parameters, clip});
  exec::for_each(e, parameters, clipped_sum<T>{gradients.data(), factors.data(), sum.data(), images, parameters});
}

/// From the sum of a step's clipped gradients to its private gradient, in place: noise, once a step, and the divisor.
/// The sum of an empty batch is zeros. Throws papillon::error (usage) for settings that make no step.
template <exec::policy E, class T>
void finish_private_gradient(E e, private_gradient_settings const& settings, random::stream const& stream,
    std::uint32_t step, std::span<T> sum) {
  check_settings(settings);
  double const deviation = settings.noise == 0 ? 0 : settings.noise * settings.clip;  // not 0 times infinity
  auto const parameters = static_cast<int>(sum.size());
  exec::for_each(e, (parameters + noisy_mean<T>::size - 1) / noisy_mean<T>::size,
      noisy_mean<T>{stream, step, static_cast<T>(deviation), static_cast<T>(settings.divisor), sum.data(), parameters});
}

}  // namespace papillon::train
