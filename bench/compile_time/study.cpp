// SPDX-License-Identifier: MIT
// budget: ResNet-20 with all of the study's structures, trained and evaluated | 60 s | 2 GB
// Networks dense, pruned and with chains under `seq` and `omp`, and an operator for every chain as a type.
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/operators/linear_operator.hpp>
#include <papillon/structure/smallest_monotone.hpp>
#include <papillon/tensor/tensor.hpp>
#include <papillon/train/sgd.hpp>

using namespace papillon;

template <class E>
void step(E e, nn::network<float> const& net, tensor<float> const& x, std::span<std::uint8_t const> labels) {
  auto w = nn::initialise(net, {.what = random::purpose::test});
  nn::runner run(e, net, x.images(), nn::mode::train);
  tensor<float> dlogits(net.output(), x.images());
  std::vector<float> gradient(net.parameter_count()), velocity(net.parameter_count());
  auto const logits = run.forward(w, nn::mode::train, x);
  nn::cross_entropy(e, logits, labels, dlogits.view());
  run.backward(w, dlogits, gradient);
  train::sgd_step(e, train::sgd_settings{}, 1e-3, std::span<float const>(gradient), std::span<float>(velocity),
      std::span<float>(w.parameters));
  static_cast<void>(run.forward(std::as_const(w), x));
}

template <class W> void product(std::vector<float> x, std::vector<float> y) {
  linear_operator<W, float> const w(std::vector<float>(static_cast<std::size_t>(W::nnz())));
  apply(exec::omp{}, w, x, y);
  apply_adjoint(exec::omp{}, w, y, x);
}
template <int Rows, int Cols> void products() {
  product<smallest_monotone<Rows, Cols, 2>>(std::vector<float>(Cols), std::vector<float>(Rows));
  product<smallest_monotone<Rows, Cols, 3>>(std::vector<float>(Cols), std::vector<float>(Rows));
}

int main() {
  std::vector<std::uint8_t> const labels(40, 1);
  auto const dense = nn::make_resnet<float>({});
  std::vector<std::uint8_t> const mask(dense.parameter_count(), 1);
  for (int segments = 0; segments <= 3; ++segments)
    for (int factors = 2; factors <= 3; ++factors)
      for (bool const pruned : {false, true}) {
        nn::resnet_options options{.butterfly_segments = segments, .butterfly_factors = factors};
        if (pruned && segments == 0) options.mask = mask;
        auto const net = nn::make_resnet<float>(options);
        tensor<float> const x(net.input(), static_cast<int>(labels.size()));
        step(exec::seq{}, net, x, labels);
        step(exec::omp{}, net, x, labels);
      }
  products<16, 144>();
  products<32, 144>();
  products<32, 288>();
  products<64, 288>();
  products<64, 576>();
}
