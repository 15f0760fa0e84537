// SPDX-License-Identifier: MIT
/// \file resident_network.hpp
/// A network where work runs: its runner, its values and a batch of inputs. What trainers, evaluators and attacks
/// share; nothing moves to or from the host but in load() and store().
#pragma once

#include <papillon/nn/run/runner.hpp>

namespace papillon::inline PAPILLON_ISA::train {

template <exec::policy E, class T, int Lanes> class resident_network {
 public:
  using place_type = exec::place_of<E>;
  using network_type = nn::network<T, Lanes>;

  /// most: samples of the largest batch. The network must outlive it.
  resident_network(exec::context<E> const& where, network_type const& net, int most, nn::mode m,
      nn::storage kept = nn::storage::full)
      : run_(where, net, most, m, kept), parameters_(where.template make<T>(net.parameter_count())),
        state_(where.template make<T>(net.state_count())), input_(where.template make<T>(packed(net.input(), most))) {}

  [[nodiscard]] network_type const& net() const { return run_.net(); }
  [[nodiscard]] int most() const { return run_.max_images(); }
  [[nodiscard]] T* parameters() const { return parameters_.data(); }

  void load(nn::weights<T> const& w) const {
    parameters_.upload(w.parameters);
    state_.upload(w.state);
  }
  void store(nn::weights<T>& w) const {
    parameters_.download(w.parameters);
    state_.download(w.state);
  }

  /// Where a batch of so many samples is to be written.
  [[nodiscard]] tensor_view<T, Lanes> input(int samples) const { return {input_.data(), net().input(), samples}; }
  /// See nn::runner.
  tensor_view<T const, Lanes> launch_forward(place_type const& at, nn::mode how, tensor_view<T const, Lanes> x) {
    return run_.launch_forward(at, parameters_.view(), state_.view(), how, x);
  }
  void launch_backward(place_type const& at, tensor_view<T const, Lanes> dlogits, std::span<T> gradient) {
    run_.launch_backward(at, parameters_.view(), dlogits, gradient);
  }
  void launch_backward(
      place_type const& at, tensor_view<T const, Lanes> dlogits, tensor_view<T, Lanes> image_gradients) {
    run_.launch_backward(at, parameters_.view(), dlogits, image_gradients);
  }
  [[nodiscard]] tensor_view<T const, Lanes> first_derivative(int images) { return run_.first_derivative(images); }
  /// Copies logits that launch_forward returned to the host, row by row: out[n * classes + c].
  void read(tensor_view<T const, Lanes> logits, std::span<T> out) const {
    tensor<T, Lanes> here(logits.extent(), logits.images());
    input_.download_from(logits.data(), here.storage());
    relayout<T, Lanes>(here.cview(), out);
  }

  /// Values of a batch of a shape, padding lanes included.
  [[nodiscard]] static std::size_t packed(shape s, int samples) {
    return static_cast<std::size_t>(exec::blocks_for(samples, Lanes)) * static_cast<std::size_t>(s.size()) * Lanes;
  }

 private:
  nn::runner<E, T, Lanes> run_;
  exec::memory<T> parameters_, state_, input_;
};

}  // namespace papillon::train
