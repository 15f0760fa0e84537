// SPDX-License-Identifier: MIT
/// \file run.hpp
/// All that scripts/gpu asks of the library's interface for training: one network with its values and a batch, on the
/// host as the reference (`on_host`, exec::seq) or on a device with recorded steps (`on_device`). Both have the same
/// members, so that what one gives can be held against the other. Core headers only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <papillon/exec/context.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/train/sgd.hpp>

namespace gpu_check {

inline constexpr int lanes = papillon::exec::device_lanes;
using network = papillon::nn::network<float, lanes>;
using values = papillon::nn::weights<float>;
using images = papillon::tensor<float, lanes>;

inline constexpr float learning_rate = 0.02f, momentum = 0.9f, decay = 1e-3f;

inline network make_resnet(papillon::nn::resnet_options const& o) { return papillon::nn::make_resnet<float, lanes>(o); }
inline values first_values(network const& net) {
  return papillon::nn::initialise(net, {.seed = 11, .what = papillon::random::purpose::test});
}

class on_host {
 public:
  on_host(network const& net, values const& w, images const& x, std::vector<std::uint8_t> const& labels)
      : values_(w), x_(&x), labels_(labels), run_(papillon::exec::seq{}, net, x.images(), papillon::nn::mode::train),
        dlogits_(net.output(), x.images()), gradient_(net.parameter_count()), velocity_(net.parameter_count()) {}

  /// One step of SGD on the batch.
  void step() {
    papillon::exec::seq const e;
    auto const logits = run_.forward(values_, papillon::nn::mode::train, *x_);
    loss_ = static_cast<double>(papillon::nn::cross_entropy(e, logits, labels_, dlogits_));
    run_.backward(values_, dlogits_, gradient_);
    papillon::train::sgd_step(
        e, {.momentum = momentum, .weight_decay = decay}, learning_rate, gradient_, velocity_, values_.parameters);
  }
  /// Logits of the batch in evaluation, images x classes.
  [[nodiscard]] std::vector<float> evaluate() {
    std::vector<float> logits(static_cast<std::size_t>(run_.net().output().size() * x_->images()));
    papillon::relayout<float, lanes>(run_.forward(std::as_const(values_), *x_), logits);
    return logits;
  }
  /// Of the last step, before it changed the values.
  [[nodiscard]] double loss() const { return loss_; }
  [[nodiscard]] std::vector<float> gradient() const { return gradient_; }
  [[nodiscard]] values now() const { return values_; }

 private:
  values values_;
  images const* x_;
  std::vector<std::uint8_t> labels_;
  papillon::nn::runner<papillon::exec::seq, float, lanes> run_;
  images dlogits_;
  std::vector<float> gradient_, velocity_;
  double loss_ = 0;
};

template <papillon::exec::device_policy E> class on_device {
 public:
  on_device(papillon::exec::context<E> const& where, network const& net, values const& w, images const& x,
      std::vector<std::uint8_t> const& labels)
      : where_(where), net_(&net), images_(x.images()), run_(where, net, x.images(), papillon::nn::mode::train),
        parameters_(copied<float>(w.parameters)), state_(copied<float>(w.state)), input_(copied<float>(x.storage())),
        dlogits_(copied<float>(images(net.output(), x.images()).storage())),
        gradient_(copied<float>(std::vector<float>(net.parameter_count()))),
        velocity_(copied<float>(std::vector<float>(net.parameter_count()))),
        minus_rate_(copied<float>(std::vector<float>{-learning_rate})), labels_(copied<std::uint8_t>(labels)),
        indices_(copied<std::uint32_t>(numbered(labels.size()))),
        losses_(copied<double>(std::vector<double>(labels.size()))) {
    step_ = where_.record([this](papillon::exec::device const& d) { launch_step(d); });
    evaluation_ =
        where_.record([this](papillon::exec::device const& d) { logits_ = forward(d, papillon::nn::mode::eval); });
  }
  on_device(on_device const&) = delete;
  on_device& operator=(on_device const&) = delete;

  void step() const { step_.run(); }
  void start_evaluation() const { evaluation_.run(); }
  [[nodiscard]] std::vector<float> evaluate() {
    start_evaluation();
    images here(net_->output(), images_);
    input_.download_from(logits_.data(), here.storage());
    std::vector<float> logits(static_cast<std::size_t>(net_->output().size() * images_));
    papillon::relayout<float, lanes>(here.cview(), logits);
    return logits;
  }
  void wait() const { where_.wait(); }
  [[nodiscard]] double loss() const {
    std::vector<double> losses(losses_.size());
    losses_.download(losses);
    return std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(losses.size());
  }
  [[nodiscard]] std::vector<float> gradient() const {
    std::vector<float> g(gradient_.size());
    gradient_.download(g);
    return g;
  }
  [[nodiscard]] values now() const {
    values w{std::vector<float>(parameters_.size()), std::vector<float>(state_.size())};
    parameters_.download(w.parameters);
    state_.download(w.state);
    return w;
  }

 private:
  using view = papillon::tensor_view<float, lanes>;
  using const_view = papillon::tensor_view<float const, lanes>;

  [[nodiscard]] static std::vector<std::uint32_t> numbered(std::size_t n) {
    std::vector<std::uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0u);
    return order;
  }
  template <class T> [[nodiscard]] papillon::exec::memory<T> copied(std::span<T const> from) const {
    auto m = where_.template make<T>(from.size());
    m.upload(from);
    return m;
  }
  const_view forward(papillon::exec::device const& d, papillon::nn::mode how) {
    return run_.launch_forward(d, parameters_.view(), state_.view(), how, view(input_.data(), net_->input(), images_));
  }
  void launch_step(papillon::exec::device const& d) {
    view const dlogits(dlogits_.data(), net_->output(), images_);
    papillon::nn::loss_batch<float> const loss{.logits = forward(d, papillon::nn::mode::train).data(),
        .labels = labels_.data(),
        .indices = indices_.data(),
        .dlogits = dlogits.data(),
        .losses = losses_.data(),
        .hits = nullptr,
        .classes = net_->output().size(),
        .images = images_,
        .lanes = lanes};
    papillon::exec::for_each(d, loss.count(), papillon::nn::cross_entropy_value<float>{loss});
    run_.launch_backward(d, parameters_.view(), dlogits, gradient_.view());
    auto const count = static_cast<int>(net_->parameter_count());
    papillon::train::sgd_settings const sgd{.momentum = momentum, .weight_decay = decay};
    papillon::exec::for_each(
        d, count, sgd.step<float>({gradient_.data(), velocity_.data(), parameters_.data(), minus_rate_.data(), count}));
  }

  papillon::exec::context<E> where_;
  network const* net_;
  int images_;
  papillon::nn::runner<E, float, lanes> run_;
  papillon::exec::memory<float> parameters_, state_, input_, dlogits_, gradient_, velocity_, minus_rate_;
  papillon::exec::memory<std::uint8_t> labels_;
  papillon::exec::memory<std::uint32_t> indices_;
  papillon::exec::memory<double> losses_;
  const_view logits_;
  papillon::exec::recorded<papillon::exec::device> step_, evaluation_;
};

}  // namespace gpu_check
