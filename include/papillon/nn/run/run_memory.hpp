// SPDX-License-Identifier: MIT
/// \file run_memory.hpp
/// Everything a network needs to run besides its values: activations, their derivatives, saved values, scratch, tables;
/// planned once for a place, a largest batch and a mode, in one arena in which buffers that never live at the same time
/// share storage. After construction nothing is allocated. Used by nn/run/runner.hpp.
#pragma once

#include <papillon/exec/memory.hpp>
#include <papillon/nn/run/place.hpp>
#include <papillon/nn/run/step_list.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// Under `omp` layers are merged where they say how (nn/fusion.hpp), elsewhere each runs by itself.
template <exec::place P, class T, int Lanes> class run_memory {
 public:
  using view = tensor_view<T, Lanes>;

  static constexpr bool merged = std::same_as<P, exec::omp>;

  /// For batches of up to `images` images. With mode::train it serves both modes, with mode::eval evaluation only.
  /// Throws papillon::error (usage) where nothing can be kept in half, which is anywhere but under `omp` in float.
  run_memory(P const& at, network<T, Lanes> const& net, int images, mode m, storage kept)
      : images_(images), threads_(threads_at(at)), mode_(m), training_(net, merged, m == mode::train),
        evaluation_(net, merged, false) {
    if (kept == storage::half && !(merged && std::same_as<T, float>))
      throw error(errc::usage,
          "network: activations in 16 bits (only trainings of floats under omp keep them so) ask for storage::full");
    for (int i = 1; i <= net.size(); ++i) extents_.push_back(net.extent(i));
    for (int i = 1; i <= net.size(); ++i) rows_.push_back(merged ? net.at(i).layer.by_rows() : nullptr);
    if (m == mode::train) {
      saved_ = {at, net.saved_count()};
      plan_training(at, net, kept);
    }
    if (m == mode::eval || by_blocks()) plan_evaluation(at, net);
    arena_ = {at, arena_size_};
    scratch_ = {at, scratch_size_};
    if constexpr (std::same_as<P, exec::device>) plan_tables(at, net);
    plan_merged(at);
    written_.resize(static_cast<std::size_t>(net.size()) + 1);
  }

  [[nodiscard]] int max_images() const { return images_; }
  [[nodiscard]] int threads() const { return threads_; }
  [[nodiscard]] mode planned_for() const { return mode_; }
  /// Whether in evaluation a thread takes a block of images through the whole network: where a layer works by rows.
  /// Others prepare their weights in every pass, which is better done for all images at once.
  [[nodiscard]] bool by_blocks() const { return !evaluation_.row_steps().empty(); }
  [[nodiscard]] step_list const& steps(mode how) const {
    return how == mode::train || !by_blocks() ? training_ : evaluation_;
  }
  /// Memory held.
  [[nodiscard]] std::size_t bytes() const {
    return (arena_.size() + scratch_.size() + saved_.size() + packed_.size() + channels_.size()) * sizeof(T) +
           tables_.size() * sizeof(int) + moments_.size() * sizeof(nn::moments) + sums_.size() * sizeof(norm_sums);
  }

  /// Output of step t for a number of images.
  [[nodiscard]] activations<T, Lanes> value(int t, int images) {
    return at<f16>(values_, training_.at(t).last, t, images);
  }
  /// Output of a node: the network's input x, or what its step has stored; of no node (-1) nothing.
  [[nodiscard]] activations<T const, Lanes> output(int node, tensor_view<T const, Lanes> x) {
    if (node > 0) return value(training_.index_of(node), x.images());
    return node == 0 ? x : tensor_view<T const, Lanes>{};
  }
  /// What the first layer of a step with a norm has put out.
  [[nodiscard]] activations<T, Lanes> unnormalised(int t, int images) {
    return at<f16>(unnormalised_, training_.at(t).first, t, images);
  }
  /// Derivative of the loss with respect to the output of a step before the last.
  [[nodiscard]] derivatives<T, Lanes> derivative(int t, int images) {
    return at<bf16>(derivatives_, training_.at(t).last, t, images);
  }
  /// Merged evaluation: the output of step t for one block of images, in the thread's own storage; the last one is
  /// `logits`.
  [[nodiscard]] view block_value(int t, int thread, int images) {
    T* const mine = arena_.data() + static_cast<std::size_t>(thread) * thread_arena_;
    return {mine + block_values_[static_cast<std::size_t>(t)],
        extents_[static_cast<std::size_t>(evaluation_.at(t).last - 1)], images};
  }
  [[nodiscard]] view logits(int images) { return {arena_.data() + logits_, extents_.back(), images}; }

  /// Values of the norm of a step.
  [[nodiscard]] norm_channels<T> norm(step const& s) {
    return norm_channels<T>::in(
        channels_.data() + channel_offset_[index(s.last)] * norm_channels<T>::arrays, channels(s.last));
  }
  /// Of a step with a norm, [block][channel].
  [[nodiscard]] nn::moments* moments(step const& s) {
    return moments_.data() + channel_offset_[index(s.last)] * blocks();
  }
  [[nodiscard]] norm_sums* sums(step const& s) { return sums_.data() + channel_offset_[index(s.last)] * blocks(); }
  /// Packed weights of a step that works by rows.
  [[nodiscard]] T* packed(step const& s) { return packed_.data() + packed_offset_[index(s.first)]; }

  [[nodiscard]] std::span<T> saved() { return saved_.view(); }
  [[nodiscard]] std::span<T> scratch() { return scratch_.view(); }
  /// Of node i, on a device.
  [[nodiscard]] std::span<int const> tables(int i) const {
    if (table_offset_.empty()) return {};
    return std::span<int const>(tables_.view())
        .subspan(table_offset_[index(i)], table_offset_[index(i) + 1] - table_offset_[index(i)]);
  }
  /// How node i works row by row.
  [[nodiscard]] row_layer<T, Lanes> const& rows(int i) const { return *rows_[index(i)]; }
  /// Of one thread in merged evaluation.
  [[nodiscard]] std::span<T> block_scratch(int thread) {
    return scratch_.view().subspan(static_cast<std::size_t>(thread) * thread_scratch_, thread_scratch_);
  }
  /// Which nodes' derivatives the running backward pass has already written; entry 0 is unused.
  [[nodiscard]] std::span<char> written() { return written_; }
  /// The input of the last forward pass, which the backward pass reads again.
  [[nodiscard]] tensor_view<T const, Lanes>& input() { return input_; }

 private:
  [[nodiscard]] static int threads_at(P const& at) {
    if constexpr (merged) return exec::thread_count(at);
    else return 1;
  }
  [[nodiscard]] static std::size_t index(int node) { return static_cast<std::size_t>(node - 1); }
  [[nodiscard]] std::size_t blocks() const { return static_cast<std::size_t>((images_ + Lanes - 1) / Lanes); }
  [[nodiscard]] std::size_t channels(int node) const {
    return static_cast<std::size_t>(extents_[index(node)].channels);
  }
  [[nodiscard]] std::size_t block_size(int node) const {
    return static_cast<std::size_t>(extents_[index(node)].size()) * Lanes;
  }
  /// Where a buffer of the arena starts, and whether its values are narrow.
  struct place {
    std::size_t offset = 0;
    bool narrow = false;
  };
  template <class Narrow>
  [[nodiscard]] stored_view<T, Lanes, Narrow> at(std::vector<place> const& places, int node, int t, int images) {
    place const& p = places[static_cast<std::size_t>(t)];
    T* const data = arena_.data() + p.offset;
    if constexpr (std::same_as<T, float>)
      if (p.narrow) return {reinterpret_cast<std::uint16_t*>(data), extents_[index(node)], images};
    return view(data, extents_[index(node)], images);
  }
  /// Scalars of the arena that a node's values take: whole lines of the cache.
  [[nodiscard]] std::size_t arena_share(int node, bool narrow) const {
    std::size_t const values = block_size(node) * blocks();
    return narrow ? (values * sizeof(std::uint16_t) / sizeof(T) + 15) / 16 * 16 : values;
  }

  /// Whether layers by rows and their norms alone see the output of step t and its derivative.
  [[nodiscard]] bool seen_by_rows_alone(int t) const {
    step const& s = training_.at(t);
    return s.rows && t + 1 < training_.size() && std::ranges::all_of(training_.steps(), [&](step const& r) {
      return (r.from != s.last || r.rows) && (r.shortcut != s.last || r.norm);
    });
  }

  /// Step t runs forward at time t and backward at time 2n - 1 - t.
  void plan_training(P const& at, network<T, Lanes> const& net, storage kept) {
    int const n = training_.size();
    auto const count = static_cast<std::size_t>(n);
    bool const half = kept == storage::half;
    std::vector<char> narrow(count), narrow_derivative(count);
    for (int t = 0; t < n; ++t)
      narrow[static_cast<std::size_t>(t)] = narrow_derivative[static_cast<std::size_t>(t)] =
          half && seen_by_rows_alone(t);
    std::vector<detail::lifetime> buffers(3 * count);  // values, unnormalised, derivatives; of size 0 where not wanted
    std::vector<std::size_t> shares(count);
    for (int t = n - 1; t >= 0; --t) {
      step const& s = training_.at(t);
      auto const i = static_cast<std::size_t>(t);
      int const back = 2 * n - 1 - t;
      buffers[i] = {s.stored ? arena_share(s.last, narrow[i] != 0) : 0, s.deferred ? s.reader : t, back};
      buffers[count + i] = {s.norm ? arena_share(s.last, half) : 0, t, back};
      std::size_t& root = shares[i];
      root = i;
      if (s.last_reader >= 0) {
        step const& last = training_.at(s.last_reader);
        if (last.shared_derivative && last.shortcut == s.last) root = shares[static_cast<std::size_t>(s.last_reader)];
      }
      if (root == i) {
        buffers[2 * count + i] = {0, 2 * n - 1 - s.last_reader, back};
      } else {
        buffers[2 * count + root].last = back;
        if (narrow_derivative[i] == 0) narrow_derivative[root] = 0;
      }
      std::size_t const wanted = s.rows ? rows(s.first).block_scratch(true) * static_cast<std::size_t>(threads_) +
                                              rows(s.first).gradient_size() * blocks()
                                        : net.at(s.first).layer.scratch_size(at, images_, mode::train);
      scratch_size_ = std::max(scratch_size_, wanted);
    }
    for (std::size_t i = 0; i < count; ++i)
      if (shares[i] == i && i + 1 < count)
        buffers[2 * count + i].size = arena_share(training_.at(static_cast<int>(i)).last, narrow_derivative[i] != 0);
    arena_size_ = std::max(arena_size_, detail::place(buffers));
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t const root = shares[i];
      values_.push_back({buffers[i].offset, narrow[i] != 0});
      unnormalised_.push_back({buffers[count + i].offset, half});
      derivatives_.push_back({buffers[2 * count + root].offset, narrow_derivative[root] != 0});
    }
  }

  void plan_evaluation(P const& at, network<T, Lanes> const& net) {
    int const n = evaluation_.size();
    bool const blockwise = by_blocks();
    std::vector<detail::lifetime> buffers;
    for (int t = 0; t < n; ++t) {
      step const& s = evaluation_.at(t);
      buffers.push_back(
          {block_size(s.last) * (blockwise ? 1 : blocks()), t, t == n - 1 ? n : std::max(t, s.last_reader)});
      std::size_t wanted = 0;
      if (s.rows) wanted = rows(s.first).block_scratch(false);
      else if (!blockwise) wanted = net.at(s.first).layer.scratch_size(at, images_, mode::eval);
      else if constexpr (merged) wanted = net.at(s.first).layer.scratch_size(exec::omp{1}, Lanes, mode::eval);
      thread_scratch_ = std::max(thread_scratch_, (wanted + 63) / 64 * 64);
    }
    std::size_t const size = detail::place(buffers);
    for (detail::lifetime const& b : buffers)
      if (blockwise) block_values_.push_back(b.offset);
      else values_.push_back({b.offset});
    thread_arena_ = size;
    scratch_size_ = std::max(scratch_size_, thread_scratch_ * static_cast<std::size_t>(blockwise ? threads_ : 1));
    logits_ = blockwise ? size * static_cast<std::size_t>(threads_) : 0;
    arena_size_ = std::max(arena_size_, blockwise ? logits_ + block_size(net.size()) * blocks() : size);
  }

  void plan_tables(P const& at, network<T, Lanes> const& net) {
    std::vector<int> all;
    for (int i = 1; i <= net.size(); ++i) {
      table_offset_.push_back(all.size());
      auto const mine = net.at(i).layer.tables();
      all.insert(all.end(), mine.begin(), mine.end());
    }
    table_offset_.push_back(all.size());
    tables_ = {at, all.size()};
    tables_.upload(all);
  }

  /// Packed weights and what norms keep.
  void plan_merged(P const& at) {
    if (!merged) return;
    std::size_t packed = 0, norm_channels = 0;
    packed_offset_.resize(extents_.size());
    channel_offset_.resize(packed_offset_.size());
    for (step const& s : evaluation_.steps()) {
      packed_offset_[index(s.first)] = packed;
      if (s.rows) packed += rows(s.first).packed_size(mode_ == mode::train);
      channel_offset_[index(s.last)] = norm_channels;
      if (s.norm) norm_channels += channels(s.last);
    }
    packed_ = {at, packed};
    channels_ = {at, norm_channels * nn::norm_channels<T>::arrays};
    if (mode_ == mode::train) {
      moments_.resize(norm_channels * blocks());
      sums_.resize(norm_channels * blocks());
    }
  }

  int images_, threads_;
  mode mode_;
  step_list training_, evaluation_;
  std::vector<shape> extents_;  ///< of nodes 1, 2, ...
  std::size_t arena_size_ = 0, scratch_size_ = 0, thread_arena_ = 0, thread_scratch_ = 0, logits_ = 0;
  std::vector<std::shared_ptr<row_layer<T, Lanes> const>> rows_;  ///< of nodes 1, 2, ...; null: by itself
  exec::memory<T> saved_, arena_, scratch_, packed_, channels_;
  exec::memory<int> tables_;
  std::vector<nn::moments> moments_;
  std::vector<norm_sums> sums_;
  std::vector<place> values_, unnormalised_, derivatives_;
  std::vector<std::size_t> block_values_, packed_offset_, channel_offset_, table_offset_;
  std::vector<char> written_;
  tensor_view<T const, Lanes> input_;
};

}  // namespace papillon::nn
