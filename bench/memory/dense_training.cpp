// SPDX-License-Identifier: MIT
// Peak memory of training the dense ResNet-20 at batch 256: three steps in a fresh process, then one line of JSON with
// the resident set at its largest (VmHWM) and that before anything was made, in MiB.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/train/sgd.hpp>

namespace {

using namespace papillon;

/// A field of /proc/self/status, MiB; 0 where there is none.
double status(std::string const& field) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(field + ":")) return std::stod(line.substr(field.size() + 1)) / 1024;
  return 0;
}

}  // namespace

int main() {
  constexpr int images = 256;
  double const before = status("VmRSS");
  auto const net = nn::make_resnet<float>({});
  auto w = nn::initialise(net, {.what = random::purpose::test});
  nn::runner run(exec::omp{}, net, images, nn::mode::train);
  tensor<float> x(net.input(), images), dlogits(net.output(), images);
  for (std::size_t i = 0; i < x.storage().size(); ++i) x.storage()[i] = static_cast<float>(i % 17) - 8.0f;
  std::vector<std::uint8_t> const labels(images, 3);
  std::vector<float> gradient(net.parameter_count()), velocity(net.parameter_count());
  for (int step = 0; step < 3; ++step) {
    auto const logits = run.forward(w, nn::mode::train, x);
    nn::cross_entropy(exec::omp{}, logits, std::span<std::uint8_t const>(labels), dlogits.view());
    run.backward(w, dlogits, gradient);
    train::sgd_step(exec::omp{}, train::sgd_settings{}, 1e-3, std::span<float const>(gradient),
        std::span<float>(velocity), std::span<float>(w.parameters));
  }
  std::printf("{\"peak\": %.1f, \"before\": %.1f}\n", status("VmHWM"), before);
}
