// SPDX-License-Identifier: MIT
/// \file any_layer.hpp
/// A layer of whatever type, for one scalar and lane count: what a network's flat list holds.
/// Built from any model of the `layer` concept; running it where it has no backend throws.
#pragma once

#include <functional>
#include <optional>
#include <tuple>

#include <papillon/nn/fusion.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/tensor/tensor.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

namespace detail {

/// In a class derived from a layer and this one, a name that the layer has too is ambiguous: so a member that is there
/// and takes other arguments is told from one that is not there.
struct optional_members {
  int state, saved_size, scratch_size, macs, tables, support;
};
template <class L> struct with_optional_members : L, optional_members {};

template <class L> consteval void check_optional_members() {
  if constexpr (!std::is_final_v<L>) {
    using both = with_optional_members<L>;
    static_assert(
        requires { &both::state; } || requires(L const& l) { l.state(); },
        "papillon: a layer's state() takes no argument and returns std::vector<slot>");
    static_assert(
        requires { &both::saved_size; } || requires(L const& l) { l.saved_size(); },
        "papillon: a layer's saved_size() takes no argument and returns std::size_t");
    static_assert(
        requires { &both::macs; } || requires(L const& l) { l.macs(); },
        "papillon: a layer's macs() takes no argument and returns std::size_t");
    static_assert(
        requires { &both::tables; } || requires(L const& l) { l.tables(); },
        "papillon: a layer's tables() takes no argument and returns std::vector<int>");
    static_assert(
        requires { &both::support; } || requires(L const& l) { l.support(); },
        "papillon: a layer's support() takes no argument and returns std::vector<bool>");
    static_assert(
        requires { &both::scratch_size; } ||
            requires(L const& l, exec::seq e, mode m) { l.scratch_size(e, 1, 1, m); } ||
            requires(L const& l, exec::omp e, mode m) { l.scratch_size(e, 1, 1, m); } ||
            requires(L const& l, exec::device const& e, mode m) { l.scratch_size(e, 1, 1, m); },
        "papillon: a layer's scratch_size(place, lanes, images, mode) returns std::size_t");
  }
}

/// Image after image, for what only forms sums over a batch.
template <class Layer, class T, int L>
void backward_by_images(Layer const& layer, exec::seq at, backward_args<T, L> const& a) {
  std::vector<T> row(static_cast<std::size_t>(a.image_gradients.extent().size()));
  auto const only = [](auto view, int n) { return view.empty() ? view : image_of(view, n); };
  for (int n = 0; n < a.x.images(); ++n) {
    backward_args<T, L> one = a;
    one.x = only(a.x, n);
    one.y = only(a.y, n);
    one.dy = only(a.dy, n);
    one.dx = only(a.dx, n);
    one.dshortcut = only(a.dshortcut, n);
    one.image_gradients = {};
    std::fill(row.begin(), row.end(), T{});
    one.gradient = row;
    layer.backward(at, one);
    for (std::size_t k = 0; k < row.size(); ++k) a.image_gradients.at(n, static_cast<int>(k)) = row[k];
  }
  if (!a.dx.empty()) clear_padding(a.dx);
  if (!a.dshortcut.empty()) clear_padding(a.dshortcut);
}

}  // namespace detail

template <class T, int Lanes> class any_layer {
 public:
  /// Not from another any_layer: whether that is a layer must not be asked while it is being copied.
  template <class L>
  // NOLINTNEXTLINE(google-explicit-constructor): every layer is one
  requires(!std::same_as<L, any_layer>) && layer<L> any_layer(L l)
      : self_(std::make_shared<description const>(std::make_shared<L const>(std::move(l)))) {}

  [[nodiscard]] shape input() const { return self_->input; }
  [[nodiscard]] shape output() const { return self_->output; }
  [[nodiscard]] std::vector<slot> const& parameters() const { return self_->parameters; }
  [[nodiscard]] std::vector<slot> const& state() const { return self_->state; }
  [[nodiscard]] std::size_t saved_size() const { return self_->saved_size; }
  [[nodiscard]] std::size_t macs() const { return self_->macs; }
  /// Whether parameter i may be other than zero; empty: all of them.
  [[nodiscard]] std::vector<bool> const& support() const { return self_->support; }
  /// Whether each image has a gradient of its own, which `backward` can form.
  [[nodiscard]] bool has_image_gradients() const { return self_->image_gradients; }
  [[nodiscard]] std::vector<int> tables() const { return self_->tables ? self_->tables() : std::vector<int>{}; }
  /// How it may be merged with others (nn/fusion.hpp); null: not at all.
  [[nodiscard]] std::shared_ptr<row_layer<T, Lanes> const> const& by_rows() const { return self_->by_rows; }
  [[nodiscard]] batch_norm_options const* channel_map() const {
    return self_->channel_map ? &*self_->channel_map : nullptr;
  }

  /// What it needs and does at a place: `seq`, `omp` or a device.
  template <exec::place P> [[nodiscard]] std::size_t scratch_size(P const& at, int images, mode m) const {
    return backend_at<P>().scratch_size(at, images, m);
  }
  template <exec::place P> void forward(P const& at, forward_args<T, Lanes> const& a) const {
    backend_at<P>().forward(at, a);
  }
  template <exec::place P> void backward(P const& at, backward_args<T, Lanes> const& a) const {
    backend_at<P>().backward(at, a);
  }

 private:
  /// What depends on the place; empty where the layer has no backend in this translation unit.
  template <class P> struct backend {
    std::function<std::size_t(P const&, int, mode)> scratch_size;
    std::function<void(P const&, forward_args<T, Lanes> const&)> forward;
    std::function<void(P const&, backward_args<T, Lanes> const&)> backward;

    template <class L> explicit backend(std::shared_ptr<L const> const& l) {
      if constexpr (runs_at<L, P, T, Lanes> && (!std::same_as<P, exec::omp> || exec::omp_available)) {
        scratch_size = [l]([[maybe_unused]] P const& at, [[maybe_unused]] int images, [[maybe_unused]] mode m) {
          if constexpr (
              requires { l->scratch_size(at, Lanes, images, m); })
            return l->scratch_size(at, Lanes, images, m);
          else return std::size_t{0};
        };
        forward = [l](P const& at, forward_args<T, Lanes> const& a) { l->forward(at, a); };
        backward = [l](P const& at, backward_args<T, Lanes> const& a) {
          if constexpr (std::same_as<P, exec::seq>)
            if (!a.image_gradients.empty()) return detail::backward_by_images(*l, at, a);
          l->backward(at, a);
        };
      }
    }
  };

  struct description {
    shape input, output;
    std::vector<slot> parameters, state{};
    std::size_t saved_size = 0, macs = 0;
    std::vector<bool> support{};
    bool image_gradients = false;
    std::function<std::vector<int>()> tables{};  // long to make, and for devices only
    std::shared_ptr<row_layer<T, Lanes> const> by_rows{};
    std::optional<batch_norm_options> channel_map{};
    std::tuple<backend<exec::seq>, backend<exec::omp>, backend<exec::device>> backends;

    template <class L>
    explicit description(std::shared_ptr<L const> const& l)
        : input(l->input()), output(l->output()), parameters(l->parameters()), backends(l, l, l) {
      detail::check_optional_members<L>();
      if constexpr (requires { l->state(); }) state = l->state();
      if constexpr (requires { l->saved_size(); }) saved_size = l->saved_size();
      if constexpr (requires { l->macs(); }) macs = l->macs();
      if constexpr (requires { l->support(); }) support = l->support();
      image_gradients = nn::has_image_gradients<L> || (parameters.empty() && state.empty());
      if constexpr (requires { l->tables(); }) tables = [l] { return l->tables(); };
      if constexpr (works_by_rows<L, T, Lanes> && exec::omp_available) by_rows = l->template by_rows<T, Lanes>();
      if constexpr (maps_channels<L>) channel_map = l->channel_map();
    }
  };

  template <class P> [[nodiscard]] backend<P> const& backend_at() const {
    auto const& b = std::get<backend<P>>(self_->backends);
    if (!b.forward)
      throw error(errc::usage,
          "network: a layer has no backend here (runs_on<layer, policy> is false) run it under "
          "exec::seq, compile with -fopenmp, or give the network device_lanes lanes for a device");
    return b;
  }

  std::shared_ptr<description const> self_;
};

}  // namespace papillon::nn
