// SPDX-License-Identifier: MIT
/// \file private_gradient.hpp
/// The gradient of a step of DP-SGD from the gradients g_i of single images, each of the image's own loss:
///   g = (sum over i of g_i min(1, c / |g_i|) + sigma c xi) / (q N),  xi standard normal.
/// q N is the expected number of images; dividing by the number drawn would tell it. M. Abadi et al., "Deep learning
/// with differential privacy", 2016, algorithm 1. Gradients are rows of lanes, one a parameter (what
/// nn::runner::launch_backward writes): norms and the clipped sum are one pass over them each. xi is a function of the
/// stream (of purpose dp_noise) and the step, so that trainings can be repeated; whoever knows the seed knows the
/// noise, and a network that is to be released must not be trained with a known seed. A step may be kept to a part of
/// the parameters, drawn anew for it without looking at the data: K. Adamczewski, M. Park, "Differential privacy meets
/// neural network pruning", 2023, where it is called random selection.
#pragma once

#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include <papillon/error.hpp>
#include <papillon/exec/context.hpp>
#include <papillon/exec/for_each.hpp>
#include <papillon/random/distributions.hpp>
#include <papillon/tensor/tensor_view.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::train {

/// Differentially private training: DP-SGD. What a training spends is privacy::rdp_accountant's to say.
struct dp_options {
  double clip = 1;    ///< largest norm of an image's gradient
  double noise = 1;   ///< sigma, deviation of the noise in units of `clip`
  double select = 1;  ///< part of the parameters that a step updates, drawn for each; momentum goes on for all
  int part = 128;     ///< images whose gradients are formed at a time: memory for a gradient each
};

/// What the gradient of one step is made with.
struct private_gradient_settings {
  double clip = 1;     ///< c, the largest norm that an image adds; infinity: none
  double noise = 1;    ///< sigma, deviation of the noise in units of c
  double divisor = 1;  ///< q N, the expected number of images of a step
  double select = 1;   ///< part of the parameters that a step takes, the gradient of the others being zero
};

/// Throws papillon::error (usage) for what makes no step: a clip or divisor that is not positive, a noise that is
/// negative or not finite, noise in units of an infinite clip, a part that is none.
inline void check_settings(private_gradient_settings const& s) {
  if (!(s.clip > 0)) throw error(errc::usage, message("no clipping of gradients at ", s.clip, " (a norm above 0)"));
  if (!(s.noise >= 0 && std::isfinite(s.noise)))
    throw error(
        errc::usage, message("no noise of deviation ", s.noise, " on gradients (it is finite and not negative)"));
  if (s.noise > 0 && std::isinf(s.clip))
    throw error(errc::usage, "no noise in units of an infinite norm (gradients are not clipped) set the largest norm");
  if (!(s.divisor > 0 && std::isfinite(s.divisor)))
    throw error(errc::usage, message("no gradient divided by ", s.divisor, " (the expected number of images)"));
  if (!(s.select > 0 && s.select <= 1))
    throw error(errc::usage, message("no step of a part ", s.select, " of the parameters (more than 0, at most 1)"));
}

/// Gradients of images as the functors below see them: [block][parameter][lane].
template <class T> struct gradient_rows {
  T* values;
  std::uint8_t const* taken;  ///< a byte a parameter: whether the step takes it
  int parameters, images, lanes;

  [[nodiscard]] PAPILLON_HD int blocks() const { return exec::blocks_for(images, lanes); }
  /// Ranges of parameters whose squares are added up in T.
  [[nodiscard]] PAPILLON_HD int ranges() const { return exec::blocks_for(parameters, range); }
  static constexpr int range = 1024;
};

/// Which parameters a step takes: of those that are learned each with a probability of its own draw; four an item.
struct parameter_selection {
  static constexpr char const* name = "selection of parameters";
  static constexpr int flops = 40, bytes = 8, grain = 2048;
  random::stream stream;
  std::uint32_t step;
  std::uint64_t below;  ///< of 2^32
  std::uint8_t const* learned;
  std::uint8_t* taken;
  int parameters;

  PAPILLON_HD void operator()(int block) const {
    random::engine engine(stream, step);
    engine.skip_blocks(static_cast<std::uint32_t>(block));
    auto const words = engine.next_block();
    for (int k = 0; k < 4 && 4 * block + k < parameters; ++k)
      taken[4 * block + k] = learned[4 * block + k] != 0 && words.word[k] < below ? 1 : 0;
  }
};

/// The sum of squares of one range of one block's rows, lane by lane; item: block * ranges + range.
template <class T> struct squares_of_gradients {
  static constexpr char const* name = "norms of gradients";
  static constexpr int flops = 2 * gradient_rows<T>::range, bytes = gradient_rows<T>::range * sizeof(T), grain = 1;
  gradient_rows<T> g;
  T* squares;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    int const ranges = g.ranges(), first = item % ranges * gradient_rows<T>::range, left = g.parameters - first;
    int const count = left < gradient_rows<T>::range ? left : gradient_rows<T>::range;
    int const row = item / ranges * g.parameters + first;
    auto sum = lanes.all(T{}), sum2 = sum;  // two: an addition need not wait for the one before
    for (int k = 0; k < count; ++k) {
      if (g.taken[first + k] == 0) continue;
      auto const v = lanes.load(g.values, row + k);
      (k % 2 == 0 ? sum : sum2) += v * v;
    }
    lanes.store(squares, item, sum + sum2);
  }
};

/// factors[i] = min(s, c / |g_i|) where the gradients are 1/s of what is clipped; s for a gradient of zeros. A gradient
/// whose squares have no finite sum gets 0 and adds nothing: one image must not decide what all get. Padding gets 0.
template <class T> struct clipping_factor {
  static constexpr char const* name = "clipping";
  static constexpr int flops = 2, bytes = sizeof(T), grain = 16;
  static constexpr double largest = std::numeric_limits<double>::max();  // a kernel for a device cannot call it
  gradient_rows<T> g;
  T const* squares;
  T* factors;
  double clip, scale;

  PAPILLON_HD void operator()(int n) const {
    double sum = 0;
    for (int r = 0; r < g.ranges(); ++r)
      sum += static_cast<double>(
          squares[(static_cast<std::ptrdiff_t>(n / g.lanes) * g.ranges() + r) * g.lanes + n % g.lanes]);
    double const norm = std::sqrt(sum);
    bool const adds = n < g.images && norm <= largest;  // not of NaN
    factors[n] = static_cast<T>(!adds ? 0 : norm * scale > clip ? clip / norm : scale);
  }
};

/// A parameter's row of the first block becomes the sum over the blocks of factor times gradient.
template <class T> struct clipped_rows {
  static constexpr char const* name = "sum of clipped gradients";
  static constexpr int flops = 2, bytes = sizeof(T), grain = 8192;
  gradient_rows<T> g;
  T const* factors;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int k) const {
    auto const zero = lanes.all(T{});
    auto sum = zero;
    for (int b = 0; b < g.blocks() && g.taken[k] != 0; ++b) {
      auto const factor = lanes.load(factors, b), v = lanes.load(g.values, b * g.parameters + k);
      sum += factor > zero ? factor * v : zero;  // where it is 0, v may not be finite
    }
    lanes.store(g.values, k, sum);
  }
};

/// sum[k] += the lanes of a parameter's row, in double.
template <class T> struct sum_of_lanes {
  static constexpr char const* name = "sum over images";
  static constexpr int flops = exec::warp, bytes = exec::warp * sizeof(T), grain = 1024;
  gradient_rows<T> g;
  T* sum;

  PAPILLON_HD void operator()(int k) const {
    auto total = static_cast<double>(sum[k]);
    for (int l = 0; l < g.lanes; ++l)
      total += static_cast<double>(g.values[static_cast<std::ptrdiff_t>(k) * g.lanes + l]);
    sum[k] = static_cast<T>(total);
  }
};

/// A few neighbouring parameters of (sum + sigma c xi) / (q N), as many as a block of random words has normal numbers;
/// zero where the step does not take one.
template <class T> struct noisy_mean {
  static constexpr char const* name = "noise on gradients";
  static constexpr int flops = 40, bytes = 2 * sizeof(T), grain = 512;
  static constexpr int size = random::normal_block<T>::size;
  random::stream stream;
  std::uint32_t step;
  T deviation, divisor;
  std::uint8_t const* taken;
  T* sum;
  int parameters;

  PAPILLON_HD void operator()(int block) const {
    random::engine engine(stream, step);
    engine.skip_blocks(static_cast<std::uint32_t>(block));
    auto const xi = random::next_normals<T>(engine);
    for (int k = 0; k < size && block * size + k < parameters; ++k) {
      int const at = block * size + k;
      sum[at] = taken[at] != 0 ? std::fma(deviation, xi.v[k], sum[at]) / divisor : T{};
    }
  }
};

/// The gradients of the images of a batch, or of a part of it, where they are formed, and what becomes of them.
template <exec::policy E, class T, int Lanes> class private_gradients {
 public:
  using place_type = exec::place_of<E>;

  /// For parts of up to `images` images; learned: a byte a parameter, zero for one that stays as it is. Throws
  /// papillon::error (usage) for settings that make no step.
  private_gradients(exec::context<E> const& where, private_gradient_settings const& settings,
      std::span<std::uint8_t const> learned, int images)
      : settings_(settings), parameters_(static_cast<int>(learned.size())),
        learned_(where.template make<std::uint8_t>(learned.size())),
        taken_(where.template make<std::uint8_t>(learned.size())) {
    check_settings(settings);
    auto const lanes = static_cast<std::size_t>(exec::blocks_for(images, Lanes)) * Lanes;
    learned_.upload(learned);
    taken_.upload(learned);
    rows_ = where.template make<T>(learned.size() * lanes);
    squares_ = where.template make<T>(lanes * static_cast<std::size_t>(of(images).ranges()));
    factors_ = where.template make<T>(lanes);
  }

  [[nodiscard]] private_gradient_settings const& settings() const { return settings_; }
  /// Memory held where the work runs: one gradient an image, and little else.
  [[nodiscard]] std::size_t bytes() const { return (rows_.size() + squares_.size() + factors_.size()) * sizeof(T); }

  /// For nn::runner::launch_backward.
  [[nodiscard]] tensor_view<T, Lanes> rows(int images) const { return {rows_.data(), {parameters_, 1, 1}, images}; }

  /// Draws the parameters that a step takes, unless it takes all. What is drawn is a function of the stream (of purpose
  /// dp_selection) and the step.
  void select(place_type const& at, random::stream const& stream, std::uint32_t step) const {
    if (settings_.select == 1) return;
    auto const below = static_cast<std::uint64_t>(settings_.select * 0x1p32);
    exec::for_each(at, exec::blocks_for(parameters_, 4),
        parameter_selection{stream, step, below, learned_.data(), taken_.data(), parameters_});
  }

  /// sum += the clipped gradients of the images in rows(images), which are `scale` times as large as what stands there
  /// (of the mean loss: their number). The rows are used up. A large batch comes in parts, whose sums add up.
  void add_clipped(place_type const& at, int images, double scale, std::span<T> sum) const {
    assert(sum.size() == static_cast<std::size_t>(parameters_));
    gradient_rows<T> const g = of(images);
    exec::for_each_row<Lanes>(at, g.blocks() * g.ranges(), squares_of_gradients<T>{g, squares_.data()});
    exec::for_each(
        at, g.blocks() * Lanes, clipping_factor<T>{g, squares_.data(), factors_.data(), settings_.clip, scale});
    exec::for_each_row<Lanes>(at, parameters_, clipped_rows<T>{g, factors_.data()});
    exec::for_each(at, parameters_, sum_of_lanes<T>{g, sum.data()});
  }

  /// From the sum of a step's clipped gradients to its private gradient, in place: noise, once a step, and the divisor.
  /// The sum of an empty batch is zeros.
  void finish(place_type const& at, random::stream const& stream, std::uint32_t step, std::span<T> sum) const {
    double const deviation = settings_.noise == 0 ? 0 : settings_.noise * settings_.clip;  // not 0 times infinity
    exec::for_each(at, exec::blocks_for(parameters_, noisy_mean<T>::size),
        noisy_mean<T>{stream, step, static_cast<T>(deviation), static_cast<T>(settings_.divisor), taken_.data(),
            sum.data(), parameters_});
  }

 private:
  [[nodiscard]] gradient_rows<T> of(int images) const {
    return {rows_.data(), taken_.data(), parameters_, images, Lanes};
  }

  private_gradient_settings settings_;
  int parameters_;
  exec::memory<std::uint8_t> learned_, taken_;
  exec::memory<T> rows_, squares_, factors_;
};

}  // namespace papillon::train

#pragma GCC diagnostic pop
