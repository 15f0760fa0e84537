// SPDX-License-Identifier: MIT
/// \file batches.hpp
/// A set where work can read it, and what turns it into batches: image_batches for images, vector_batches for vectors.
/// Per batch only the numbers of its samples move. On the host the set itself is read; it must outlive its batches.
#pragma once

#include <cassert>

#include <papillon/data/augmentation.hpp>
#include <papillon/data/fill_batch.hpp>
#include <papillon/data/vector_set.hpp>
#include <papillon/exec/context.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// What trainers ask of batches: choose(indices), then fill(place, augmented, x) at the place; the label of sample n of
/// the batch is labels()[indices()[n]].
template <class B, class P, class T, int L>
concept batches_at = requires(B& b, P const& at, std::span<std::uint32_t const> indices, tensor_view<T, L> x) {
  b.set_epoch(std::uint32_t{});
  b.choose(indices);
  b.fill(at, true, x);
  { b.labels() } -> std::convertible_to<std::uint8_t const*>;
  { b.indices() } -> std::convertible_to<std::uint32_t const*>;
};

template <exec::policy E, class T> class image_batches {
 public:
  using place_type = exec::place_of<E>;

  /// most: samples of the largest batch.
  image_batches(exec::context<E> const& where, image_set const& set, normalisation const& norm, int most,
      std::optional<augmentation> const& augment = {})
      : set_(&set), norm_(norm), augment_(augment), pixels_(where.keep(std::span<std::uint8_t const>(set.pixels))),
        labels_(where.keep(std::span<std::uint8_t const>(set.labels))),
        indices_(where.template make<std::uint32_t>(static_cast<std::size_t>(most))),
        epoch_(where.template make<std::uint32_t>(1)),
        placements_(where.template make<augmentation::placement>(static_cast<std::size_t>(most))) {
    auto const table = norm.table<T>();
    values_ = where.template make<T>(table.size());
    values_.upload(table);
  }

  /// For what is filled from now on: the epoch of the augmentation, and the images of the batch.
  void set_epoch(std::uint32_t epoch) {
    if (augment_) augment_->epoch = epoch;
    epoch_.upload({&epoch, 1});
  }
  void choose(std::span<std::uint32_t const> indices) { indices_.upload(indices); }
  [[nodiscard]] std::uint8_t const* labels() const { return labels_.data(); }
  [[nodiscard]] std::uint32_t const* indices() const { return indices_.data(); }

  /// The first x.images() of the chosen images; not augmented unless asked for.
  template <int L> void fill(place_type const& at, bool augmented, tensor_view<T, L> x) const {
    bool const draws = augmented && augment_;
    if constexpr (std::same_as<place_type, exec::seq>) {
      fill_batch(at, *set_, indices_.view().first(static_cast<std::size_t>(x.images())), norm_,
          draws ? augment_ : std::optional<augmentation>{}, x);
    } else {
      if (draws)
        exec::for_each(at, x.images(), draw_placements{*augment_, epoch_.data(), indices_.data(), placements_.data()});
      batch_pixel_row<T, L> const rows{.pixels = pixels_.data(),
          .values = values_.data(),
          .indices = indices_.data(),
          .placements = draws ? placements_.data() : nullptr,
          .x = x.data(),
          .row_stride = x.row_stride(),
          .block_stride = x.block_stride(),
          .extent = x.extent(),
          .images = x.images(),
          .padded = x.padded()};
      exec::for_each_row<L>(at, rows.rows(), rows);
    }
  }

 private:
  image_set const* set_;
  normalisation norm_;
  std::optional<augmentation> augment_;
  exec::resident<std::uint8_t> pixels_, labels_;
  exec::memory<T> values_;
  exec::memory<std::uint32_t> indices_, epoch_;
  exec::memory<augmentation::placement> placements_;
};

/// The same with threads; see data/fill_batch.hpp.
template <class T, int Lanes>
void fill_batch(exec::omp e, image_set const& set, std::span<std::uint32_t const> indices, normalisation const& norm,
    std::optional<augmentation> const& augment, tensor_view<T, Lanes> x) {
  assert(x.extent() == set.extent && static_cast<std::size_t>(x.images()) == indices.size());
  image_batches<exec::omp, T> batches(e, set, norm, x.images(), augment);
  batches.set_epoch(augment ? augment->epoch : 0);
  batches.choose(indices);
  batches.fill(e, true, x);
}

/// A column of a batch: x = (rows of a table - shift) * scale, side by side in the lanes.
template <class T> struct batch_row {
  static constexpr char const* name = "rows";
  static constexpr int flops = 2, bytes = 4 * sizeof(T);
  T const* table;                ///< [row][width]
  std::uint32_t const* indices;  ///< sample n is row indices[n]
  T const *shift, *scale;
  T* x;
  int width, images, lanes;

  [[nodiscard]] int count() const { return exec::blocks_for(images, lanes) * lanes * width; }
  PAPILLON_HD void operator()(int i) const {
    int const j = i / lanes % width, n = i / lanes / width * lanes + i % lanes;
    std::size_t const row = n < images ? indices[n] : 0;
    x[i] = n < images
               ? (table[row * static_cast<std::size_t>(width) + static_cast<std::size_t>(j)] - shift[j]) * scale[j]
               : T{};
  }
};

template <exec::policy E> class vector_batches {
 public:
  using place_type = exec::place_of<E>;

  /// An empty scaling leaves columns as they are.
  vector_batches(exec::context<E> const& where, vector_view const& set, column_scaling const& scaling, int most)
      : width_(set.width), table_(where.keep(set.values)), labels_(where.keep(set.labels)),
        indices_(where.template make<std::uint32_t>(static_cast<std::size_t>(most))),
        shift_(where.template make<float>(static_cast<std::size_t>(width_))),
        scale_(where.template make<float>(static_cast<std::size_t>(width_))) {
    auto const columns = static_cast<std::size_t>(width_);
    shift_.upload(scaling.shift.empty() ? std::vector<float>(columns) : scaling.shift);
    scale_.upload(scaling.scale.empty() ? std::vector<float>(columns, 1.0f) : scaling.scale);
  }

  void set_epoch(std::uint32_t) {}
  void choose(std::span<std::uint32_t const> indices) { indices_.upload(indices); }
  [[nodiscard]] std::uint8_t const* labels() const { return labels_.data(); }
  [[nodiscard]] std::uint32_t const* indices() const { return indices_.data(); }

  /// The first x.images() of the chosen rows; x is packed.
  template <int L> void fill(place_type const& at, bool, tensor_view<float, L> x) const {
    batch_row<float> const rows{.table = table_.data(),
        .indices = indices_.data(),
        .shift = shift_.data(),
        .scale = scale_.data(),
        .x = x.data(),
        .width = width_,
        .images = x.images(),
        .lanes = L};
    exec::for_each(at, rows.count(), rows);
  }

 private:
  int width_;
  exec::resident<float> table_;
  exec::resident<std::uint8_t> labels_;
  exec::memory<std::uint32_t> indices_;
  exec::memory<float> shift_, scale_;
};

/// The batches that a set is made for.
template <class T, exec::policy E>
[[nodiscard]] image_batches<E, T> make_batches(exec::context<E> const& where, image_set const& set,
    normalisation const& norm, int most, std::optional<augmentation> const& augment = {}) {
  return {where, set, norm, most, augment};
}
template <class T, exec::policy E>
[[nodiscard]] vector_batches<E> make_batches(exec::context<E> const& where, vector_view const& set,
    column_scaling const& scaling, int most, std::optional<augmentation> const& = {}) {
  return {where, set, scaling, most};
}

}  // namespace papillon::data
