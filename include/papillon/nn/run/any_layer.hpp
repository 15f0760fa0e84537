// SPDX-License-Identifier: MIT
/// \file any_layer.hpp
/// A layer of whatever type, for one scalar and lane count: what a network's flat list holds.
/// Built from any model of the `layer` concept; running it under a policy it has no backend for throws.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/nn/layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {
class convolution_plan;
struct batch_norm_options;
}  // namespace papillon::nn

namespace papillon::inline PAPILLON_ISA::nn {

template <class T, int Lanes>
class any_layer {
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
  [[nodiscard]] std::size_t scratch_size(int lanes, int images, int threads, mode m) const {
    return self_->scratch_size(lanes, images, threads, m);
  }
  [[nodiscard]] std::size_t macs() const { return self_->macs(); }
  /// What a network may merge (nn/run/schedule.hpp): a convolution's plan, a batch norm's options; null for other
  /// layers.
  [[nodiscard]] nn::convolution_plan const* convolution() const { return self_->convolution(); }
  [[nodiscard]] nn::batch_norm_options const* norm() const { return self_->norm(); }

  template <exec::policy E>
  requires(!exec::device_policy<E>) void forward(E e, forward_args<T, Lanes> const& a) const { self_->forward(e, a); }
  template <exec::policy E>
  requires(!exec::device_policy<E>) void backward(E e, backward_args<T, Lanes> const& a) const {
    self_->backward(e, a);
  }
  /// What launches its kernels under a device policy; needs device_lanes lanes.
  [[nodiscard]] std::shared_ptr<device_layer<T> const> on_device(std::vector<int>& tables) const {
    return self_->on_device(tables);
  }

 private:
  struct interface {
    virtual ~interface() = default;
    virtual shape input() const = 0;
    virtual shape output() const = 0;
    virtual std::vector<slot> parameters() const = 0;
    virtual std::vector<slot> state() const = 0;
    virtual std::size_t saved_size() const = 0;
    virtual std::size_t scratch_size(int, int, int, mode) const = 0;
    virtual std::size_t macs() const = 0;
    virtual nn::convolution_plan const* convolution() const = 0;
    virtual nn::batch_norm_options const* norm() const = 0;
    virtual void forward(exec::seq, forward_args<T, Lanes> const&) const = 0;
    virtual void forward(exec::omp, forward_args<T, Lanes> const&) const = 0;
    virtual void backward(exec::seq, backward_args<T, Lanes> const&) const = 0;
    virtual void backward(exec::omp, backward_args<T, Lanes> const&) const = 0;
    virtual std::shared_ptr<device_layer<T> const> on_device(std::vector<int>&) const = 0;
  };

  template <class L>
  struct model final : interface {
    explicit model(L l) : layer_(std::move(l)) {}
    shape input() const override { return layer_.input(); }
    shape output() const override { return layer_.output(); }
    std::vector<slot> parameters() const override { return layer_.parameters(); }
    std::vector<slot> state() const override { return layer_.state(); }
    std::size_t saved_size() const override { return layer_.saved_size(); }
    std::size_t scratch_size(int lanes, int images, int threads, mode m) const override {
      return layer_.scratch_size(lanes, images, threads, m);
    }
    std::size_t macs() const override { return layer_.macs(); }
    nn::convolution_plan const* convolution() const override {
      if constexpr (requires {
                      { layer_.convolution() } -> std::same_as<nn::convolution_plan const&>;
                    })
        return &layer_.convolution();
      else return nullptr;
    }
    nn::batch_norm_options const* norm() const override {
      if constexpr (requires {
                      { layer_.norm() } -> std::same_as<nn::batch_norm_options const&>;
                    })
        return &layer_.norm();
      else return nullptr;
    }
    void forward(exec::seq e, forward_args<T, Lanes> const& a) const override { run(e, a); }
    void forward(exec::omp e, forward_args<T, Lanes> const& a) const override { run(e, a); }
    void backward(exec::seq e, backward_args<T, Lanes> const& a) const override { run_back(e, a); }
    void backward(exec::omp e, backward_args<T, Lanes> const& a) const override { run_back(e, a); }
    std::shared_ptr<device_layer<T> const> on_device([[maybe_unused]] std::vector<int>& tables) const override {
      if constexpr (runs_on<L, exec::emulated, T, Lanes>) return layer_.template on_device<T>(tables);
      else missing();
    }

    template <class E>
    void run(E e, forward_args<T, Lanes> const& a) const {
      if constexpr (runs_on<L, E, T, Lanes>) layer_.forward(e, a);
      else missing();
    }
    template <class E>
    void run_back(E e, backward_args<T, Lanes> const& a) const {
      if constexpr (runs_on<L, E, T, Lanes>) layer_.backward(e, a);
      else missing();
    }
    [[noreturn]] static void missing() {
      throw error(errc::usage,
                  "network: a layer has no backend for this policy (runs_on<layer, policy> is false) "
                  "run it under exec::seq, compile with -fopenmp, or give the network device_lanes lanes for a device");
    }

    L layer_;
  };

  std::shared_ptr<interface const> self_;
};

}  // namespace papillon::nn
