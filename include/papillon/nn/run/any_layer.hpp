// SPDX-License-Identifier: MIT
/// \file any_layer.hpp
/// A layer of whatever type, for one scalar and lane count: what a network's flat list holds.
/// Built from any model of the `layer` concept; running it where it has no backend throws.
#pragma once

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/nn/fusion.hpp>
#include <papillon/nn/layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class T, int Lanes> class any_layer {
 public:
  /// Not from another any_layer: whether that is a layer must not be asked while it is being copied.
  template <class L>
  requires(!std::same_as<L, any_layer>) && layer<L> any_layer(L l)
      : self_(std::make_shared<model<L> const>(std::move(l))) {}  // NOLINT: meant to be implicit

  [[nodiscard]] shape input() const { return self_->input(); }
  [[nodiscard]] shape output() const { return self_->output(); }
  [[nodiscard]] std::vector<slot> parameters() const { return self_->parameters(); }
  [[nodiscard]] std::vector<slot> state() const { return self_->state(); }
  [[nodiscard]] std::size_t saved_size() const { return self_->saved_size(); }
  [[nodiscard]] std::size_t macs() const { return self_->macs(); }
  /// Whether parameter i may be other than zero; true where the layer says nothing.
  [[nodiscard]] std::vector<bool> support() const { return self_->support(); }
  /// How it may be merged with others (nn/fusion.hpp); null: not at all.
  [[nodiscard]] std::shared_ptr<row_layer<T, Lanes> const> by_rows() const { return self_->by_rows(); }
  [[nodiscard]] batch_norm_options const* channel_map() const { return self_->channel_map(); }

  /// What it needs and does at a place: `seq`, `omp` or a device.
  template <exec::place P> [[nodiscard]] std::size_t scratch_size(P const& at, int images, mode m) const {
    return self_->scratch_size(at, images, m);
  }
  [[nodiscard]] std::vector<int> tables() const { return self_->tables(); }
  template <exec::place P> void forward(P const& at, forward_args<T, Lanes> const& a) const { self_->forward(at, a); }
  template <exec::place P> void backward(P const& at, backward_args<T, Lanes> const& a) const {
    self_->backward(at, a);
  }

 private:
  /// What depends on the place, for one place.
  template <class P> struct interface_at {
    virtual ~interface_at() = default;
    virtual std::size_t scratch_size(P const&, int, mode) const = 0;
    virtual void forward(P const&, forward_args<T, Lanes> const&) const = 0;
    virtual void backward(P const&, backward_args<T, Lanes> const&) const = 0;
  };
  struct interface : interface_at<exec::seq>, interface_at<exec::omp>, interface_at<exec::device> {
    using interface_at<exec::seq>::scratch_size, interface_at<exec::omp>::scratch_size,
        interface_at<exec::device>::scratch_size;
    using interface_at<exec::seq>::forward, interface_at<exec::omp>::forward, interface_at<exec::device>::forward;
    using interface_at<exec::seq>::backward, interface_at<exec::omp>::backward, interface_at<exec::device>::backward;
    virtual shape input() const = 0;
    virtual shape output() const = 0;
    virtual std::vector<slot> parameters() const = 0;
    virtual std::vector<slot> state() const = 0;
    virtual std::size_t saved_size() const = 0;
    virtual std::size_t macs() const = 0;
    virtual std::vector<bool> support() const = 0;
    virtual std::vector<int> tables() const = 0;
    virtual std::shared_ptr<row_layer<T, Lanes> const> by_rows() const = 0;
    virtual batch_norm_options const* channel_map() const = 0;
  };

  /// Whether the layer has a backend at P in this translation unit.
  template <class L, class P>
  static constexpr bool has_backend = runs_at<L, P, T, Lanes> && (!std::same_as<P, exec::omp> || exec::omp_available);

  /// The part of a model that depends on the place; Base holds the layer.
  template <class L> struct holder : interface {
    explicit holder(L l) : layer_(std::move(l)) {}
    L layer_;
  };
  template <class L, class P, class Base> struct model_at : Base {
    using Base::Base, Base::scratch_size, Base::forward, Base::backward;
    std::size_t scratch_size(P const& at, int images, mode m) const override {
      if constexpr (has_backend<L, P>) return this->layer_.scratch_size(at, Lanes, images, m);
      else missing();
    }
    void forward(P const& at, forward_args<T, Lanes> const& a) const override {
      if constexpr (has_backend<L, P>) this->layer_.forward(at, a);
      else missing();
    }
    void backward(P const& at, backward_args<T, Lanes> const& a) const override {
      if constexpr (has_backend<L, P>) this->layer_.backward(at, a);
      else missing();
    }
  };
  template <class L>
  using everywhere = model_at<L, exec::seq, model_at<L, exec::omp, model_at<L, exec::device, holder<L>>>>;

  template <class L> struct model final : everywhere<L> {
    using everywhere<L>::everywhere;
    shape input() const override { return this->layer_.input(); }
    shape output() const override { return this->layer_.output(); }
    std::vector<slot> parameters() const override { return this->layer_.parameters(); }
    std::vector<slot> state() const override { return this->layer_.state(); }
    std::size_t saved_size() const override { return this->layer_.saved_size(); }
    std::size_t macs() const override { return this->layer_.macs(); }
    std::vector<bool> support() const override {
      if constexpr (requires {
                      { this->layer_.support() } -> std::same_as<std::vector<bool>>;
                    })
        return this->layer_.support();
      else return {};
    }
    std::vector<int> tables() const override {
      if constexpr (requires {
                      { this->layer_.tables() } -> std::convertible_to<std::vector<int>>;
                    })
        return this->layer_.tables();
      else return {};
    }
    std::shared_ptr<row_layer<T, Lanes> const> by_rows() const override {
      if constexpr (works_by_rows<L, T, Lanes>) return this->layer_.template by_rows<T, Lanes>();
      else return nullptr;
    }
    batch_norm_options const* channel_map() const override {
      if constexpr (maps_channels<L>) return &this->layer_.channel_map();
      else return nullptr;
    }
  };

  [[noreturn]] static void missing() {
    throw error(errc::usage,
        "network: a layer has no backend here (runs_on<layer, policy> is false) run it under "
        "exec::seq, compile with -fopenmp, or give the network device_lanes lanes for a device");
  }

  std::shared_ptr<interface const> self_;
};

}  // namespace papillon::nn
