// SPDX-License-Identifier: MIT
/// \file membership_adversary.hpp
/// An adversary who learns beside a network and whom the network learns to deceive (adversarial regularisation): a
/// perceptron h of the network's answer p and the one-hot label y ascends
///   1/2 mean over members of log h(p, y) + 1/2 mean over others of log(1 - h(p, y))
/// by one step of Adam before each step of the network, which minimises its loss + weight * mean of log h(p, y).
/// M. Nasr et al., "Machine learning with membership privacy using adversarial regularization", CCS 2018; Y. Wang et
/// al., "Against membership inference attack: pruning is all you need", IJCAI 2021.
#pragma once

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/kernels/membership_penalty.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/layers/reshape.hpp>
#include <papillon/train/adam.hpp>
#include <papillon/train/resident_network.hpp>
#include <papillon/train/training_state.hpp>

namespace papillon::inline PAPILLON_ISA::train {

struct adversary_options {
  double weight = 1;  ///< of the penalty
  int warmup = 5;     ///< epochs at the beginning in which the adversary learns and the network has no penalty
  std::vector<int> hidden{512, 256, 128};
  adam_settings adam{};  ///< of the adversary, with its learning rate
};

/// 2 classes numbers to one logit. Its first layer has no parameters: the derivative of what it puts out is that of the
/// input. Throws papillon::error (usage) for a layer without neurons.
template <class T, int Lanes = native_lanes<T>>
[[nodiscard]] nn::network<T, Lanes> make_membership_adversary(int classes, std::vector<int> const& hidden) {
  nn::network<T, Lanes> net({2 * classes, 1, 1});
  net.add("input", nn::reshape(net.input(), net.input()));
  int inputs = 2 * classes;
  for (int n : hidden) {
    if (n < 1) throw error(errc::usage, message("adversary: a hidden layer of ", n, " neurons (at least one)"));
    net.add(std::to_string(net.size()), nn::linear<dense>(dense(n, inputs)));
    net.add(std::to_string(net.size()), nn::relu({n, 1, 1}));
    inputs = n;
  }
  net.add(std::to_string(net.size()), nn::linear<dense>(dense(1, inputs)));
  return net;
}

/// Where the network's training runs; steppers drive it. Not movable: its runner refers to its network.
template <exec::policy E, class T, int Lanes> class membership_adversary {
 public:
  using place_type = exec::place_of<E>;

  /// most: images of the network's largest batch. The stream keys the initial weights.
  membership_adversary(exec::context<E> const& where, int classes, int most, adversary_options const& options,
      random::stream const& stream)
      : classes_(classes), adam_(options.adam), net_(make_membership_adversary<T, Lanes>(classes, options.hidden)),
        initial_(nn::initialise(net_, stream)), run_(where, net_, 2 * most, nn::mode::train),
        gradient_(where.template make<T>(net_.parameter_count())),
        moments_(where.template make<T>(2 * net_.parameter_count())), constants_(where.template make<T>(3)),
        dlogits_(where.template make<T>(run_.packed(net_.output(), 2 * most))),
        answers_(where.template make<std::uint32_t>(2 * static_cast<std::size_t>(most))),
        labels_(where.template make<std::uint8_t>(2)) {
    labels_.upload(std::vector<std::uint8_t>{0, 1});
  }
  membership_adversary(membership_adversary const&) = delete;
  membership_adversary& operator=(membership_adversary const&) = delete;

  /// From the beginning, or as store() left it in what lies beside a training. Throws papillon::error (usage) if that
  /// is of another adversary.
  void begin() const {
    run_.load(initial_);
    moments_.clear();
  }
  void load(named_arrays<T> const& beside) const {
    auto const find = [&](char const* name, std::size_t size) -> std::vector<T> const& {
      auto const found = beside.find(name);
      if (found == beside.end() || found->second.size() != size)
        throw error(errc::usage, message("cannot continue the training (it has not ", size, " numbers of ", name,
                                     " beside it) use the adversary that it was begun with"));
      return found->second;
    };
    run_.load({find("adversary.parameters", net_.parameter_count()), {}});
    moments_.upload(find("adversary.moments", moments_.size()));
  }
  void store(named_arrays<T>& beside) const {
    nn::weights<T> w{std::vector<T>(net_.parameter_count()), {}};
    run_.store(w);
    beside["adversary.parameters"] = std::move(w.parameters);
    auto& moments = beside["adversary.moments"];
    moments.resize(moments_.size());
    moments_.download(moments);
  }

  /// What is launched next belongs to step t = 1, 2, ...; weight: of the penalty.
  void set_step(double weight, int t) const {
    auto const adam = adam_.constants<T>(adam_.learning_rate, t);
    constants_.upload(std::vector<T>{adam[0], adam[1], static_cast<T>(weight)});
  }
  /// Takes down the network's answers about the chosen samples of `batches`, which are members or not, as images from
  /// `first` on of the adversary's batch.
  template <class Batches>
  void launch_input(
      place_type const& at, Batches const& batches, tensor_view<T const, Lanes> logits, int first, bool member) const {
    nn::membership_input<T> const input{.logits = logits.data(),
        .labels = batches.labels(),
        .indices = batches.indices(),
        .x = run_.input(first + logits.images()).data(),
        .answer = answers_.data(),
        .member = member ? 1U : 0U,
        .classes = classes_,
        .images = logits.images(),
        .lanes = Lanes,
        .first = first};
    exec::for_each(at, input.count(), input);
  }
  /// A step of the adversary on so many images that were taken down.
  void launch_step(place_type const& at, int images) {
    nn::loss_batch<T> const b{.logits = forward(at, images).data(),
        .labels = labels_.data(),
        .indices = answers_.data(),
        .dlogits = dlogits_.data(),
        .losses = nullptr,
        .hits = nullptr,
        .classes = 1,
        .images = images,
        .lanes = Lanes};
    exec::for_each(at, b.count(), nn::binary_cross_entropy_value<T>{b});
    backward(at, images);
    auto const count = static_cast<int>(gradient_.size());
    exec::for_each(at, count,
        adam_.template step<T>({gradient_.data(), moments_.data(), run_.parameters(), constants_.data(), count}));
  }
  /// Adds the penalty's derivative to that of the loss for the logits of a batch.
  template <class Batches>
  void launch_penalty(
      place_type const& at, Batches const& batches, tensor_view<T const, Lanes> logits, tensor_view<T, Lanes> dlogits) {
    int const images = logits.images();
    launch_input(at, batches, logits, 0, true);
    nn::membership_penalty_derivative<T> const derivative{
        forward(at, images).data(), dlogits_.data(), constants_.data() + 2, images, Lanes};
    exec::for_each(at, derivative.count(), derivative);
    backward(at, images);
    exec::for_each(at, images,
        nn::add_softmax_derivative<T>{
            run_.input(images).data(), run_.first_derivative(images).data(), dlogits.data(), classes_, Lanes});
  }

 private:
  tensor_view<T const, Lanes> forward(place_type const& at, int images) {
    return run_.launch_forward(at, nn::mode::train, run_.input(images));
  }
  void backward(place_type const& at, int images) {
    run_.launch_backward(at, tensor_view<T const, Lanes>(dlogits_.data(), net_.output(), images), gradient_.view());
  }

  int classes_;
  adam_settings adam_;
  nn::network<T, Lanes> net_;
  nn::weights<T> initial_;
  resident_network<E, T, Lanes> run_;
  exec::memory<T> gradient_, moments_, constants_, dlogits_;
  exec::memory<std::uint32_t> answers_;  ///< 1 for members
  exec::memory<std::uint8_t> labels_;    ///< of the answers
};

}  // namespace papillon::train
