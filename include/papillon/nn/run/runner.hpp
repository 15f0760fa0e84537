// SPDX-License-Identifier: MIT
/// \file runner.hpp
/// Runs a network where its context says: `forward` from images to logits, `backward` from the derivative of the logits
/// to the gradient of all parameters. No call names a policy, so none can be another than the one that memory was
/// planned for. Steps run one after another; threads share the work inside a step, and in evaluation under `omp` a
/// thread takes a block of images through the whole network where layers work by rows. forward and backward speak the
/// host's memory; what keeps its values where the work runs (trainers, evaluators) starts launch_forward and
/// launch_backward instead.
#pragma once

#include <cassert>

#include <papillon/nn/run/merged.hpp>
#include <papillon/tensor/tensor.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <exec::policy E, class T, int Lanes = exec::lanes_of<E, T>> class runner {
  static_assert(!exec::device_policy<E> || Lanes == exec::device_lanes,
      "papillon::nn::runner: a device policy runs networks of exec::device_lanes lanes");

 public:
  using network_type = network<T, Lanes>;
  using place_type = exec::place_of<E>;
  using view = tensor_view<T, Lanes>;
  using const_view = tensor_view<T const, Lanes>;

  /// For batches of up to `images` images of a network, which must outlive it. With mode::train it serves both modes,
  /// with mode::eval evaluation only. After construction nothing is allocated on the host. storage::half halves what
  /// training moves through memory (nn/kernels/stored_view.hpp), activations rounded by up to 2^-11 of themselves,
  /// derivatives by 2^-9; evaluation keeps nothing and is the same. Throws papillon::error (usage) if it is asked for
  /// elsewhere than under `omp` in float.
  runner(exec::context<E> where, network_type const& net, int images, mode m, storage kept = storage::full)
      : where_(std::move(where)), net_(&net), memory_(where_.place(), net, images, m, kept) {}

  [[nodiscard]] exec::context<E> const& where() const { return where_; }
  [[nodiscard]] network_type const& net() const { return *net_; }
  [[nodiscard]] int max_images() const { return memory_.max_images(); }
  [[nodiscard]] mode planned_for() const { return memory_.planned_for(); }
  /// Memory held where the work runs.
  [[nodiscard]] std::size_t bytes() const { return memory_.bytes() + (copies_ ? copies_->bytes() : 0); }

  /// Logits of a batch x (extent net().input()); valid until the next call. In mode::train batch norm uses the batch's
  /// statistics and updates the running ones in w.state, and x and w must stay as they are until `backward` is done.
  /// Throws papillon::error (usage) if the batch does not fit or the mode was not planned for.
  const_view forward(weights<T>& w, mode how, const_view x) { return forward(w, w.state, how, x); }
  /// The same in evaluation, with constant values.
  const_view forward(weights<T> const& w, const_view x) { return forward(w, {}, mode::eval, x); }
  /// gradient (parameter_count() values, overwritten) = derivative of the loss whose derivative with respect to the
  /// logits of the last forward pass, run in mode::train, is dlogits.
  void backward(weights<T> const& w, const_view dlogits, std::span<T> gradient) {
    assert(gradient.size() == net_->parameter_count());
    if constexpr (on_device) {
      copies& c = *copies_;
      c.dlogits.upload({dlogits.data(), packed(dlogits)});
      launch_backward(where_.place(), c.parameters.view(), {c.dlogits.data(), dlogits.extent(), dlogits.images()},
          c.gradient.view());
      c.gradient.download(gradient);
    } else {
      launch_backward(where_.place(), w.parameters, dlogits, gradient);
    }
  }

  /// Logits of x in the runner's memory. Everything lies where the work runs; `at` is where().place(), or what stands
  /// for it in a recording; another device throws papillon::error (usage). `state` is written in training only.
  const_view launch_forward(
      place_type const& at, std::span<T const> parameters, std::span<T> state, mode how, const_view x) {
    check_place(at);
    return run_forward(at, parameters, state, state, how, x);
  }
  /// From the derivative of the logits of the last launch_forward to the gradient, which is overwritten.
  void launch_backward(place_type const& at, std::span<T const> parameters, const_view dlogits, std::span<T> gradient) {
    check_place(at);
    set_zero(at, gradient);
    run_backward(at, parameters, dlogits, gradient, {});
  }
  /// The same for each image by itself: row k of the images' gradients (extent parameter_count() x 1 x 1, packed) is
  /// the derivative with respect to parameter k. dlogits: of each image's own loss. Rows outside of a layer's support
  /// are left alone. Throws papillon::error (usage) if a layer has no gradients of single images.
  void launch_backward(place_type const& at, std::span<T const> parameters, const_view dlogits, view image_gradients) {
    check_place(at);
    require_image_gradients(*net_);
    run_backward(at, parameters, dlogits, {}, image_gradients);
  }

  /// After launch_backward, where the work runs: the derivative with respect to what the first layer puts out, of a
  /// network of more than one. Where that layer only hands on what it gets (nn::reshape) it is that of the input.
  [[nodiscard]] const_view first_derivative(int images) { return memory_.derivative(0, images).full(); }

 private:
  static constexpr bool on_device = exec::device_policy<E>;

  /// What forward and backward copy to a device and back.
  struct copies {
    copies(exec::context<E> const& where, network_type const& net, int images)
        : parameters(where.template make<T>(net.parameter_count())),
          gradient(where.template make<T>(net.parameter_count())), state(where.template make<T>(net.state_count())),
          host_logits(net.output(), images) {
      auto const values_of = [&](shape s) { return packed(const_view(nullptr, s, images)); };
      input = where.template make<T>(values_of(net.input()));
      dlogits = where.template make<T>(values_of(net.output()));
    }
    [[nodiscard]] std::size_t bytes() const {
      return (parameters.size() + gradient.size() + state.size() + input.size() + dlogits.size()) * sizeof(T);
    }
    [[nodiscard]] const_view input_view(const_view x) const { return {input.data(), x.extent(), x.images()}; }
    /// After all that was started before.
    [[nodiscard]] const_view logits_of(const_view there) {
      view const out(host_logits.storage().data(), there.extent(), there.images());
      input.download_from(there.data(), std::span<T>(out.data(), packed(out)));
      return out;
    }
    exec::memory<T> parameters, gradient, state, input, dlogits;
    tensor<T, Lanes> host_logits;
  };

  template <class View> [[nodiscard]] static std::size_t packed(View const& x) {
    return static_cast<std::size_t>(x.blocks()) * static_cast<std::size_t>(x.extent().size()) * Lanes;
  }

  copies& copy_of(const_view x, weights<T> const& w) {
    assert(x.row_stride() == Lanes && x.padded());
    if (!copies_) copies_.emplace(where_, *net_, max_images());
    copies_->parameters.upload(w.parameters);
    copies_->state.upload(w.state);
    copies_->input.upload({x.data(), packed(x)});
    return *copies_;
  }

  void check(mode how, const_view x) const {
    if (x.extent() != net_->input() || x.images() > max_images() || x.images() < 1)
      throw error(errc::usage,
          message("network: a batch of ", x.images(), " images of ", x.extent().size(), " values does not fit (1 to ",
              max_images(), " images of ", net_->input().size(), " values are planned) plan a runner for more images"));
    if (how == mode::train && planned_for() != mode::train)
      throw error(errc::usage,
          "network: training with a runner for evaluation (it keeps nothing for the backward pass) "
          "plan it with mode::train");
  }

  const_view forward(weights<T> const& w, std::span<T> state, mode how, const_view x) {
    check(how, x);
    if constexpr (on_device) {
      copies& c = copy_of(x, w);
      auto const logits = launch_forward(where_.place(), c.parameters.view(), c.state.view(), how, c.input_view(x));
      if (how == mode::train) c.state.download(state);
      return c.logits_of(logits);
    } else {
      return run_forward(where_.place(), w.parameters, state, w.state, how, x);
    }
  }

  void check_place(place_type const& at) const {
    if constexpr (on_device)
      if (!(at == where_.place()))
        throw error(errc::usage,
            "network: started on a device that is not its runner's (its memory lies on that one) start it on the place "
            "of the runner's context");
  }

  void run_backward(place_type const& at, std::span<T const> parameters, const_view dlogits, std::span<T> gradient,
      view image_gradients) {
    std::span<char> const written = memory_.written();
    std::fill(written.begin(), written.end(), char{});
    step_list const& steps = memory_.steps(mode::train);
    for (int t = steps.size() - 1; t >= 0; --t) {
      bool const last = t + 1 == steps.size();
      if constexpr (std::same_as<E, exec::omp>)
        if (steps.at(t).rows) {
          detail::backward_merged<T, Lanes>(
              *net_, t, dlogits.images(), last ? dlogits : const_view{}, memory_, gradient, image_gradients);
          continue;
        }
      backward_step(at, t, parameters, last ? dlogits : const_view(memory_.derivative(t, dlogits.images()).full()),
          gradient, image_gradients);
    }
  }

  static void set_zero(place_type const& at, std::span<T> values) {
    if constexpr (on_device) exec::for_each(at, static_cast<int>(values.size()), exec::zero_value<T>{values.data()});
    else std::fill(values.begin(), values.end(), T{});
  }

  const_view run_forward(place_type const& at, std::span<T const> parameters, std::span<T> state,
      std::span<T const> eval_state, mode how, const_view x) {
    memory_.input() = x;
    step_list const& steps = memory_.steps(how);
    if constexpr (std::same_as<E, exec::omp>) {
      if (how == mode::eval && memory_.by_blocks())
        return detail::evaluate_merged<T, Lanes>(*net_, parameters, eval_state, x, memory_);
      detail::pack_weights<T, Lanes>(*net_, parameters, mode::train, memory_);
    }
    for (int t = 0; t < steps.size(); ++t) {
      step const& s = steps.at(t);
      if constexpr (std::same_as<E, exec::omp>)
        if (s.rows) {
          detail::forward_merged<T, Lanes>(*net_, parameters, state, t, x, memory_);
          continue;
        }
      auto const& n = net_->at(s.first);
      forward_args<T, Lanes> a;
      a.how = how;
      a.parameters = parameters.subspan(n.parameters, n.parameter_size);
      if (how == mode::train) {
        a.state = state.subspan(n.state, n.state_size);
        a.saved = memory_.saved().subspan(n.saved, n.layer.saved_size());
      }
      a.eval_state = eval_state.subspan(n.state, n.state_size);
      a.x = memory_.output(s.from, x).full();
      a.shortcut = memory_.output(s.shortcut, x).full();
      a.y = memory_.value(t, x.images()).full();
      a.scratch = memory_.scratch();
      a.tables = memory_.tables(s.first);
      n.layer.forward(at, a);
    }
    return memory_.value(steps.size() - 1, x.images()).full();
  }

  void backward_step(place_type const& at, int t, std::span<T const> parameters, const_view dy, std::span<T> gradient,
      view image_gradients) {
    step_list const& steps = memory_.steps(mode::train);
    step const& s = steps.at(t);
    auto const& n = net_->at(s.first);
    if (s.from == 0 && n.parameter_size == 0) return;
    int const images = dy.images();
    auto const derivative = [&](int node) { return memory_.derivative(steps.index_of(node), images).full(); };
    auto const written_before = [&](int node) {
      return std::exchange(memory_.written()[static_cast<std::size_t>(node)], char{1}) != 0;
    };
    backward_args<T, Lanes> a;
    a.parameters = parameters.subspan(n.parameters, n.parameter_size);
    a.x = memory_.output(s.from, memory_.input()).full();
    a.y = memory_.value(t, images).full();
    a.dy = dy;
    if (s.from > 0) {
      a.dx = derivative(s.from);
      a.accumulate_dx = written_before(s.from);
    }
    if (s.shortcut > 0) {
      a.dshortcut = derivative(s.shortcut);
      a.accumulate_dshortcut = written_before(s.shortcut);
    }
    a.gradient = detail::gradient_of(n, gradient);
    a.image_gradients = detail::gradients_of_images(n, image_gradients);
    a.saved = memory_.saved().subspan(n.saved, n.layer.saved_size());
    a.scratch = memory_.scratch();
    a.tables = memory_.tables(s.first);
    n.layer.backward(at, a);
  }

  exec::context<E> where_;
  network_type const* net_;
  run_memory<place_type, T, Lanes> memory_;
  std::optional<copies> copies_;
};

template <exec::policy E, class T, int Lanes> runner(E, network<T, Lanes> const&, int, mode) -> runner<E, T, Lanes>;
template <exec::policy E, class T, int Lanes>
runner(exec::context<E>, network<T, Lanes> const&, int, mode) -> runner<E, T, Lanes>;

}  // namespace papillon::nn
