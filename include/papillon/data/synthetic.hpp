// SPDX-License-Identifier: MIT
/// \file synthetic.hpp
/// Built-in images for studies without a download: ten shapes in random pose, size and colours before a random
/// background with clutter, pixel noise and a share of wrong labels. Image i is a function of (seed, i) alone; no count
/// changes another image. Shapes are mirror images of members of their own class, so that flips keep the label. The
/// wrong labels cap the accuracy a network can generalise to, and what it learns beyond that it learns by heart: a
/// membership attack succeeds. Every product that is added to something is an explicit fma: the same bytes from every
/// compiler.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include <papillon/data/image_set.hpp>
#include <papillon/error.hpp>
#include <papillon/random/distributions.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// How difficult the images are. Lengths in pixels, colours and noise on the scale 0 (black) to 1.
struct synthetic_options {
  float noise = 0.06F;        ///< standard deviation of the noise on every pixel and channel
  float label_noise = 0.10F;  ///< share of the images whose label is one of the nine others
  float tint = 0.4F;          ///< how far a shape's colour is drawn from a random one to that of its class, 0 to 1
  float contrast = 0.3F;      ///< least distance in colour between the shape and the middle of the background, 0 to 1
  float smallest = 7.0F;      ///< least radius of a shape
  float largest = 13.0F;      ///< greatest radius of a shape
  float shift = 3.0F;         ///< greatest distance of a shape's centre from the image's, in x and in y
  std::uint32_t clutter = 3;  ///< small discs and strokes behind the shape; half as many before it
};

namespace detail {

struct point {
  float x, y;
};

/// The turned, moved and scaled frame of a shape: local = R (p - centre) / radius.
struct frame {
  point centre;
  float radius, cosine, sine;

  [[nodiscard]] point local(float x, float y) const {
    float const dx = x - centre.x, dy = y - centre.y;
    return {std::fma(cosine, dx, sine * dy) / radius, std::fma(cosine, dy, -(sine * dx)) / radius};
  }
};

inline float length(float x, float y) { return std::sqrt(std::fma(x, x, y * y)); }
inline float box(point p, float half_width, float half_height) {
  return std::max(std::abs(p.x) - half_width, std::abs(p.y) - half_height);
}
/// Equilateral, pointing up, circumscribed by the circle of radius 1.
inline float triangle(point p) { return std::max(std::fma(0.8660254F, std::abs(p.x), 0.5F * p.y) - 0.5F, -p.y - 0.5F); }

/// Negative inside the shape of the class, positive outside, and near its edge about the distance in radii. Shapes come
/// in pairs that are easily confused: disc and square, ring and frame, triangle and hexagram, bar and twin discs, cross
/// and crescent.
inline float shape_distance(std::uint8_t label, point p) {
  float const r = length(p.x, p.y);
  switch (label) {
    case 0: return r - 0.85F;                                              // disc
    case 1: return box(p, 0.75F, 0.75F);                                   // square
    case 2: return std::abs(r - 0.75F) - 0.2F;                             // ring
    case 3: return std::abs(box(p, 0.62F, 0.62F)) - 0.17F;                 // frame
    case 4: return triangle(p);                                            // triangle
    case 5: return std::min(triangle(p), triangle({p.x, -p.y}));           // hexagram
    case 6: return box(p, 1.0F, 0.32F);                                    // bar
    case 7: return length(std::abs(p.x) - 0.58F, p.y) - 0.42F;             // twin discs
    case 8: return std::min(box(p, 0.95F, 0.25F), box(p, 0.25F, 0.95F));   // cross
    default: return std::max(r - 0.95F, 0.75F - length(p.x - 0.5F, p.y));  // crescent
  }
}

using colour = std::array<float, 3>;

/// One image in the making: planes of colour on the scale 0 to 1.
class canvas {
 public:
  static constexpr int side = cifar_extent.width;

  /// A linear change from one colour to another along a direction.
  void gradient(colour const& from, colour const& to, point direction) {
    for_pixels([&](float x, float y, std::size_t at) {
      float const along = std::fma(direction.x, x - middle, direction.y * (y - middle));
      float const t = std::clamp(std::fma(along, 1.0F / side, 0.5F), 0.0F, 1.0F);
      for (std::size_t c = 0; c < 3; ++c) value(c, at) = std::fma(t, to[c] - from[c], from[c]);
    });
  }

  /// Covers what lies inside distance(x, y) <= 0 (in pixels), with an edge one pixel wide.
  template <class Distance> void cover(colour const& paint, float opacity, Distance&& distance) {
    for_pixels([&](float x, float y, std::size_t at) {
      float const share = opacity * std::clamp(0.5F - distance(x, y), 0.0F, 1.0F);
      for (std::size_t c = 0; share > 0.0F && c < 3; ++c)
        value(c, at) = std::fma(share, paint[c] - value(c, at), value(c, at));
    });
  }

  /// Adds noise, and rounds to bytes.
  void develop(std::span<float const> noise, float deviation, std::span<std::uint8_t> bytes) const {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      float const v = std::clamp(std::fma(deviation, noise[i], values_[i]), 0.0F, 1.0F);
      bytes[i] = static_cast<std::uint8_t>(std::fma(v, 255.0F, 0.5F));
    }
  }

 private:
  static constexpr float middle = 0.5F * (side - 1);

  template <class F> static void for_pixels(F&& f) {
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x)
        f(static_cast<float>(x), static_cast<float>(y), static_cast<std::size_t>(y * side + x));
  }
  float& value(std::size_t channel, std::size_t at) { return values_[channel * side * side + at]; }

  std::array<float, cifar_bytes> values_{};
};

inline colour random_colour(random::engine& e) {
  colour c;
  for (float& v : c) v = random::uniform<float>(e);
  return c;
}

/// Ten hues, a fifth of the colour circle between the classes that share a pair.
inline colour class_colour(std::uint8_t label) {
  static constexpr colour hues[cifar10_classes] = {{1.0F, 0.0F, 0.0F}, {0.8F, 1.0F, 0.0F}, {1.0F, 0.6F, 0.0F},
      {0.2F, 1.0F, 0.0F}, {0.0F, 1.0F, 0.4F}, {0.0F, 0.4F, 1.0F}, {0.0F, 1.0F, 1.0F}, {0.2F, 0.0F, 1.0F},
      {0.8F, 0.0F, 1.0F}, {1.0F, 0.0F, 0.4F}};
  return hues[label];
}

/// A random colour, drawn towards the class's.
inline colour shape_colour(std::uint8_t label, float tint, random::engine& e) {
  colour paint = random_colour(e);
  for (std::size_t c = 0; c < 3; ++c) paint[c] = std::fma(tint, class_colour(label)[c] - paint[c], paint[c]);
  return paint;
}

inline float distance(colour const& a, colour const& b) {
  return std::max({std::abs(a[0] - b[0]), std::abs(a[1] - b[1]), std::abs(a[2] - b[2])});
}

inline frame random_frame(random::engine& e, float least, float greatest, float shift) {
  auto const turn = random::detail::circle<float>(e());
  frame f{};
  f.radius = random::uniform<float>(e, least, greatest);
  f.centre.x = 0.5F * (canvas::side - 1) + random::uniform<float>(e, -shift, shift);
  f.centre.y = 0.5F * (canvas::side - 1) + random::uniform<float>(e, -shift, shift);
  f.cosine = turn.cosine;
  f.sine = turn.sine;
  return f;
}

/// Small things that are no shape of any class: discs and strokes, anywhere.
inline void scatter(canvas& image, random::engine& e, std::uint32_t count) {
  for (std::uint32_t k = 0; k < count; ++k) {
    frame const f = random_frame(e, 1.0F, 3.0F, 0.5F * canvas::side);
    float const slimness = random::uniform<float>(e, 0.2F, 1.0F);
    bool const stroke = random::below(e, 2) == 1;
    float const opacity = random::uniform<float>(e, 0.3F, 0.9F);
    image.cover(random_colour(e), opacity, [&](float x, float y) {
      point const p = f.local(x, y);
      return f.radius * (stroke ? box(p, 1.5F, slimness) : length(p.x, p.y / slimness) - 1.0F);
    });
  }
}

inline void draw_image(
    std::uint8_t label, random::engine& e, synthetic_options const& o, std::span<std::uint8_t> bytes) {
  canvas image;
  colour const from = random_colour(e), to = random_colour(e);
  auto const direction = random::detail::circle<float>(e());
  image.gradient(from, to, {direction.cosine, direction.sine});
  colour const ground{0.5F * (from[0] + to[0]), 0.5F * (from[1] + to[1]), 0.5F * (from[2] + to[2])};

  frame const f = random_frame(e, o.smallest, o.largest, o.shift);
  colour paint = shape_colour(label, o.tint, e);
  for (int attempt = 0; attempt < 16 && distance(paint, ground) < o.contrast; ++attempt)
    paint = shape_colour(label, o.tint, e);
  scatter(image, e, o.clutter);
  image.cover(paint, 1.0F, [&](float x, float y) { return f.radius * shape_distance(label, f.local(x, y)); });
  scatter(image, e, o.clutter / 2);

  std::array<float, cifar_bytes> noise;
  random::fill_normal<float>(e, noise);
  image.develop(noise, o.noise, bytes);
}

}  // namespace detail

/// `count` images, of every class the same number (one more of the first classes if 10 does not divide it) but for
/// label noise. Options out of range are errc::usage.
[[nodiscard]] inline image_set synthetic_images(
    std::size_t count, std::uint64_t seed, synthetic_options const& o = {}) {
  auto const require = [](bool good, std::string const& what) {
    if (!good) throw error(errc::usage, message("cannot draw synthetic images (", what, ") change it"));
  };
  require(o.noise >= 0 && o.noise <= 1, "noise is not within 0 to 1");
  require(o.label_noise >= 0 && o.label_noise <= 1, "label_noise is not within 0 to 1");
  require(o.tint >= 0 && o.tint <= 1, "tint is not within 0 to 1");
  require(o.contrast >= 0 && o.contrast <= 1, "contrast is not within 0 to 1");
  require(
      o.smallest >= 1 && o.smallest <= o.largest && o.largest <= 16, "radii are not 1 <= smallest <= largest <= 16");
  require(o.shift >= 0 && o.shift <= 16, "shift is not within 0 to 16");

  image_set set;
  set.labels.resize(count);
  set.pixels.resize(count * cifar_bytes);
  for (std::size_t i = 0; i < count; ++i) {
    random::engine e(random::stream{seed, 0, random::purpose::synthetic, 0}, 0, i);
    auto const shown = static_cast<std::uint8_t>(i % cifar10_classes);
    bool const wrong = random::uniform<float>(e) < o.label_noise;
    auto const other = static_cast<std::uint8_t>(1 + random::below(e, cifar10_classes - 1));
    set.labels[i] = wrong ? static_cast<std::uint8_t>((shown + other) % cifar10_classes) : shown;
    detail::draw_image(shown, e, o, std::span(set.pixels).subspan(i * cifar_bytes, cifar_bytes));
  }
  return set;
}

}  // namespace papillon::data
