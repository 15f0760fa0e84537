// SPDX-License-Identifier: MIT
/// \file self_attention.hpp
/// What tokens tell each other: of an input of 3 E x T x 1, the queries, keys and values of T tokens, and H heads of
/// d = E / H numbers, an output of E x T x 1:
///   y[h d + e, i] = sum over j of p[h, i, j] v[h d + e, j],  p[h, i, :] = softmax over j of (q[:, i] . k[:, j]) /
///   sqrt(d),
/// in training with dropout on p. A. Vaswani et al., "Attention is all you need", 2017, equation 1. The projections
/// before and after are layers of their own. Weights p are formed again backward. One number of state, as dropout has.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <papillon/nn/kernels/lane_functions.hpp>
#include <papillon/nn/layers/dropout.hpp>
#include <papillon/tensor/tensor.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// Where rows of lanes stand.
struct attention_plane {
  int width, tokens, heads;

  [[nodiscard]] PAPILLON_HD int head_width() const { return width / heads; }
  /// Number e of a head of part 0 (queries), 1 (keys) or 2 (values) of x.
  [[nodiscard]] PAPILLON_HD int in(int part, int block, int head, int e, int token) const {
    return (block * 3 * width + part * width + head * head_width() + e) * tokens + token;
  }
  [[nodiscard]] PAPILLON_HD int out(int block, int head, int e, int token) const {
    return (block * width + head * head_width() + e) * tokens + token;
  }
  /// Of a pair of tokens; `item` numbers (block, head, first token).
  [[nodiscard]] PAPILLON_HD int pair(int item, int second) const { return item * tokens + second; }
  [[nodiscard]] PAPILLON_HD int block(int item) const { return item / (heads * tokens); }
  [[nodiscard]] PAPILLON_HD int head(int item) const { return item / tokens % heads; }
  [[nodiscard]] PAPILLON_HD int token(int item) const { return item % tokens; }
};

/// Weights p of a token, and those that dropout leaves; item: (block, head, token).
template <class T> struct attention_weights {
  static constexpr char const* name = "attention, weights";
  static constexpr int flops = 512, bytes = 64 * sizeof(T), grain = 32;
  attention_plane place;
  dropout_mask<T> mask;
  bool drops;
  T const* x;
  T *p, *left;  ///< [block][head][token][token]
  T scale;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    int const b = place.block(item), h = place.head(item), i = place.token(item);
    auto largest = lanes.all(T{}), sum = largest;
    for (int j = 0; j < place.tokens; ++j) {
      auto score = lanes.all(T{});
      for (int e = 0; e < place.head_width(); ++e)
        score += lanes.load(x, place.in(0, b, h, e, i)) * lanes.load(x, place.in(1, b, h, e, j));
      score *= lanes.all(scale);
      lanes.store(p, place.pair(item, j), score);
      if (j == 0) largest = score;
      else largest = score > largest ? score : largest;
    }
    for (int j = 0; j < place.tokens; ++j) {
      auto const weight = exponential<T>(lanes.load(p, place.pair(item, j)) - largest);
      lanes.store(p, place.pair(item, j), weight);
      sum += weight;
    }
    auto const one = lanes.all(T{1});
    std::remove_const_t<decltype(one)> f[4] = {one, one, one, one};
    int const groups = (place.tokens + 3) / 4;
    for (int g = 0; g < groups; ++g) {
      if (drops) mask.factors(lanes, b, (h * place.tokens + i) * groups + g, f);
      for (int k = 0; k < 4; ++k) {  // constant bounds: f stays in registers
        int const j = 4 * g + k;
        if (j >= place.tokens) continue;
        auto const weight = lanes.load(p, place.pair(item, j)) / sum;
        lanes.store(p, place.pair(item, j), weight);
        lanes.store(left, place.pair(item, j), f[k] * weight);
      }
    }
  }
};

/// y of a token and head; item: (block, head, token).
template <class T> struct attention_value {
  static constexpr char const* name = "attention";
  static constexpr int flops = 512, bytes = 64 * sizeof(T), grain = 32;
  attention_plane place;
  T const *x, *left;
  T* y;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    int const b = place.block(item), h = place.head(item), i = place.token(item);
    for (int e = 0; e < place.head_width(); ++e) {
      auto sum = lanes.all(T{});
      for (int j = 0; j < place.tokens; ++j)
        sum += lanes.load(left, place.pair(item, j)) * lanes.load(x, place.in(2, b, h, e, j));
      lanes.store(y, place.out(b, h, e, i), sum);
    }
  }
};

/// The derivatives of the scores of a token; item: (block, head, token). ds may be `left`'s place no more than p's.
template <class T> struct attention_scores_derivative {
  static constexpr char const* name = "attention, backward through the weights";
  static constexpr int flops = 512, bytes = 64 * sizeof(T), grain = 32;
  attention_plane place;
  T const *x, *dy, *p, *left;
  T* ds;
  T scale;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    int const b = place.block(item), h = place.head(item), i = place.token(item);
    auto const zero = lanes.all(T{});
    auto mean = zero;  // of the derivatives of the weights, by the weights
    for (int j = 0; j < place.tokens; ++j) {
      auto d = zero;
      for (int e = 0; e < place.head_width(); ++e)
        d += lanes.load(dy, place.out(b, h, e, i)) * lanes.load(x, place.in(2, b, h, e, j));
      // left = f p, so f d p = left d; where p has underflowed there is nothing to tell
      auto const product = lanes.load(left, place.pair(item, j)) * d;
      lanes.store(ds, place.pair(item, j), product);
      mean += product;
    }
    for (int j = 0; j < place.tokens; ++j)
      lanes.store(ds, place.pair(item, j),
          lanes.all(scale) * (lanes.load(ds, place.pair(item, j)) - lanes.load(p, place.pair(item, j)) * mean));
  }
};

/// Derivatives of queries, keys and values: of one number of all tokens; item: block * width + number.
template <class T> struct attention_derivative {
  static constexpr char const* name = "attention, backward";
  static constexpr int flops = 1024, bytes = 128 * sizeof(T), grain = 32;
  attention_plane place;
  T const *x, *dy, *left, *ds;
  T* dx;
  bool accumulate;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    int const b = item / place.width, h = item % place.width / place.head_width(), e = item % place.head_width();
    int const first = (b * place.heads + h) * place.tokens;  // the item of token 0 of the head
    for (int t = 0; t < place.tokens; ++t) {
      auto dq = lanes.all(T{}), dk = dq, dv = dq;
      for (int u = 0; u < place.tokens; ++u) {
        dq += lanes.load(ds, place.pair(first + t, u)) * lanes.load(x, place.in(1, b, h, e, u));
        dk += lanes.load(ds, place.pair(first + u, t)) * lanes.load(x, place.in(0, b, h, e, u));
        dv += lanes.load(left, place.pair(first + u, t)) * lanes.load(dy, place.out(b, h, e, u));
      }
      exec::store_or_add(lanes, dx, place.in(0, b, h, e, t), dq, accumulate);
      exec::store_or_add(lanes, dx, place.in(1, b, h, e, t), dk, accumulate);
      exec::store_or_add(lanes, dx, place.in(2, b, h, e, t), dv, accumulate);
    }
  }
};

class self_attention {
 public:
  /// tokens of `width` numbers, of which each head takes as many. Throws papillon::error (usage) unless the heads
  /// divide the width.
  self_attention(int width, int tokens, int heads, dropout_options const& dropped = {})
      : place_{width, tokens, heads}, dropped_(dropped) {
    if (heads < 1 || width % heads != 0)
      throw error(
          errc::usage, message("no ", heads, " heads of ", width, " numbers (heads take equal parts) give a divisor"));
    dropout::check(dropped);
  }

  [[nodiscard]] shape input() const { return {3 * place_.width, place_.tokens, 1}; }
  [[nodiscard]] shape output() const { return {place_.width, place_.tokens, 1}; }
  [[nodiscard]] std::vector<slot> parameters() const { return {}; }
  [[nodiscard]] std::vector<slot> state() const { return {make_slot("steps", slot_kind::steps, {1})}; }
  [[nodiscard]] std::size_t saved_size() const { return 1; }
  [[nodiscard]] std::size_t macs() const {
    return 2 * static_cast<std::size_t>(place_.width) * static_cast<std::size_t>(place_.tokens * place_.tokens);
  }
  /// Weights, those that dropout leaves, and backward their derivatives.
  template <exec::place P> [[nodiscard]] std::size_t scratch_size(P const&, int lanes, int images, mode how) const {
    int const blocks = exec::blocks_for(images, lanes);
    return pairs(blocks) * static_cast<std::size_t>(lanes) * (how == mode::train ? 3 : 2);
  }

  template <class T, int L> void forward(exec::seq, forward_args<T, L> const& a) const {
    bool const drops = a.how == mode::train && dropped_.rate > 0;
    if (a.how == mode::train) next_step<T>{a.state.data(), a.saved.data()}(0);
    for (int n = 0; n < a.x.images(); ++n)
      for (int h = 0; h < place_.heads; ++h) {
        auto const w = weights_of(a.x, a.saved.data(), drops, n, h);
        for_each_number([&](int e, int i) {
          T sum{};
          for (int j = 0; j < place_.tokens; ++j) sum += w.left[pair(i, j)] * a.x.at(n, place_.in(2, 0, h, e, j));
          a.y.at(n, place_.out(0, h, e, i)) = sum;
        });
      }
    clear_padding(a.y);
  }
  template <class T, int L> void backward(exec::seq, backward_args<T, L> const& a) const {
    if (a.dx.empty()) return;
    for (int n = 0; n < a.x.images(); ++n)
      for (int h = 0; h < place_.heads; ++h) {
        auto const w = weights_of(a.x, a.saved.data(), dropped_.rate > 0, n, h);
        auto const x = [&](int part, int e, int t) { return a.x.at(n, place_.in(part, 0, h, e, t)); };
        auto const dy = [&](int e, int t) { return a.dy.at(n, place_.out(0, h, e, t)); };
        auto const give = [&](int part, int e, int t, T d) {
          T& to = a.dx.at(n, place_.in(part, 0, h, e, t));
          to = a.accumulate_dx ? to + d : d;
        };
        std::vector<T> ds(w.p.size());
        for (int i = 0; i < place_.tokens; ++i) {
          T mean{};
          for (int j = 0; j < place_.tokens; ++j) {
            T d{};
            for (int e = 0; e < place_.head_width(); ++e) d += dy(e, i) * x(2, e, j);
            mean += ds[pair(i, j)] = w.left[pair(i, j)] * d;
          }
          for (int j = 0; j < place_.tokens; ++j)
            ds[pair(i, j)] = scale<T>() * (ds[pair(i, j)] - w.p[pair(i, j)] * mean);
        }
        for_each_number([&](int e, int t) {
          T dq{}, dk{}, dv{};
          for (int u = 0; u < place_.tokens; ++u) {
            dq += ds[pair(t, u)] * x(1, e, u);
            dk += ds[pair(u, t)] * x(0, e, u);
            dv += w.left[pair(u, t)] * dy(e, u);
          }
          give(0, e, t, dq), give(1, e, t, dk), give(2, e, t, dv);
        });
      }
    clear_padding(a.dx);
  }
  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    bool const drops = a.how == mode::train && dropped_.rate > 0;
    if (a.how == mode::train) exec::for_each(e, 1, next_step<T>{a.state.data(), a.saved.data()});
    auto const s = areas(a.scratch, a.x.blocks(), L);
    form_weights<L>(e, a.x, a.saved.data(), drops, s);
    exec::for_each_row<L>(e, items(a.x.blocks()), attention_value<T>{place_, a.x.data(), s.left, a.y.data()});
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    if (a.dx.empty()) return;
    auto const s = areas(a.scratch, a.x.blocks(), L);
    form_weights<L>(e, a.x, a.saved.data(), dropped_.rate > 0, s);
    exec::for_each_row<L>(e, items(a.x.blocks()),
        attention_scores_derivative<T>{place_, a.x.data(), a.dy.data(), s.p, s.left, s.ds, scale<T>()});
    exec::for_each_row<L>(e, a.x.blocks() * place_.width,
        attention_derivative<T>{place_, a.x.data(), a.dy.data(), s.left, s.ds, a.dx.data(), a.accumulate_dx});
  }

 private:
  template <class T> struct scratch_areas { T *p, *left, *ds; };
  /// Of one image and head, [token][token].
  template <class T> struct head_weights { std::vector<T> p, left; };
  [[nodiscard]] std::size_t pair(int i, int j) const { return static_cast<std::size_t>(place_.pair(i, j)); }
  template <class F> void for_each_number(F const& f) const {
    for (int e = 0; e < place_.head_width(); ++e)
      for (int t = 0; t < place_.tokens; ++t) f(e, t);
  }
  template <class T, int L>
  [[nodiscard]] head_weights<T> weights_of(
      tensor_view<T const, L> x, T const* step, bool drops, int image, int head) const {
    int const tokens = place_.tokens;
    head_weights<T> w{std::vector<T>(pair(tokens, 0)), {}};
    for (int i = 0; i < tokens; ++i) {
      T largest{}, sum{};
      for (int j = 0; j < tokens; ++j) {
        T score{};
        for (int e = 0; e < place_.head_width(); ++e)
          score += x.at(image, place_.in(0, 0, head, e, i)) * x.at(image, place_.in(1, 0, head, e, j));
        w.p[pair(i, j)] = score * scale<T>();
        largest = j == 0 ? w.p[pair(i, j)] : std::max(largest, w.p[pair(i, j)]);
      }
      for (int j = 0; j < tokens; ++j) sum += w.p[pair(i, j)] = std::exp(w.p[pair(i, j)] - largest);
      for (int j = 0; j < tokens; ++j) w.p[pair(i, j)] /= sum;
    }
    w.left = w.p;
    int const groups = (tokens + 3) / 4;
    dropout_mask<T> const mask(dropped_, step, 4 * place_.heads * tokens * groups);
    for (int i = 0; drops && i < tokens; ++i)
      for (int j = 0; j < tokens; ++j) {
        T f[4];
        mask.factors(image, (head * tokens + i) * groups + j / 4, f);
        w.left[pair(i, j)] *= f[j % 4];
      }
    return w;
  }
  [[nodiscard]] int items(int blocks) const { return blocks * place_.heads * place_.tokens; }
  [[nodiscard]] std::size_t pairs(int blocks) const {
    return static_cast<std::size_t>(items(blocks)) * static_cast<std::size_t>(place_.tokens);
  }
  template <class T> [[nodiscard]] scratch_areas<T> areas(std::span<T> scratch, int blocks, int lanes) const {
    std::size_t const size = pairs(blocks) * static_cast<std::size_t>(lanes);
    return {scratch.data(), scratch.data() + size, scratch.data() + 2 * size};
  }
  template <class T> [[nodiscard]] T scale() const {
    return static_cast<T>(1 / std::sqrt(static_cast<double>(place_.head_width())));
  }
  template <int L, class P, class T>
  void form_weights(P const& e, tensor_view<T const, L> x, T const* step, bool drops, scratch_areas<T> const& s) const {
    int const groups = place_.heads * place_.tokens * ((place_.tokens + 3) / 4);
    exec::for_each_row<L>(e, items(x.blocks()),
        attention_weights<T>{place_, {dropped_, step, 4 * groups}, drops, x.data(), s.p, s.left, scale<T>()});
  }

  attention_plane place_;
  dropout_options dropped_;
};

static_assert(runs_on<self_attention, exec::seq> && runs_on<self_attention, exec::emulated>);

}  // namespace papillon::nn

#pragma GCC diagnostic pop
