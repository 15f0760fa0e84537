// SPDX-License-Identifier: MIT
// Prints, for the study's ResNets, what the kernels of one training step have to do (floating-point operations, and
// bytes with perfect caches) and the time that a device with given peaks would need at least: an estimate, nothing runs
// on a device. usage: roofline [TFLOP/s] [TB/s]      (default: 67 and 3.35, an H100 SXM in fp32)
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include <papillon/exec/recording.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/train/sgd.hpp>

using namespace papillon;

namespace {

constexpr int images = 256;
using network = nn::network<float, exec::device_lanes>;

/// The launches of one step, not run.
exec::recording step_of(network const& net) {
  exec::context<exec::emulated> const where;
  nn::runner run(where, net, images, nn::mode::train);
  auto const parameters = where.make<float>(net.parameter_count()), gradient = where.make<float>(net.parameter_count()),
             state = where.make<float>(net.state_count());
  tensor<float, exec::device_lanes> x(net.input(), images), dlogits(net.output(), images);
  auto const count = static_cast<int>(net.parameter_count());
  return {where.place(), [&](exec::device const& d) {
            auto const logits = run.launch_forward(d, parameters.view(), state.view(), nn::mode::train, x);
            nn::loss_batch<float> const loss{.logits = logits.data(),
                .labels = nullptr,
                .indices = nullptr,
                .dlogits = dlogits.storage().data(),
                .losses = nullptr,
                .hits = nullptr,
                .classes = net.output().size(),
                .images = images,
                .lanes = exec::device_lanes};
            exec::for_each(d, loss.count(), nn::cross_entropy_value<float>{loss});
            run.launch_backward(d, parameters.view(), dlogits, gradient.view());
            exec::for_each(
                d, count, train::sgd_settings{}.step<float>({gradient.data(), nullptr, nullptr, nullptr, count}));
          }};
}

struct total {
  int launches = 0;
  double flops = 0, bytes = 0, seconds = 0;
};

}  // namespace

int main(int argc, char** argv) {
  double const peak = (argc > 1 ? std::atof(argv[1]) : 67) * 1e12,
               bandwidth = (argc > 2 ? std::atof(argv[2]) : 3.35) * 1e12;
  struct {
    char const* name;
    nn::resnet_options options;
  } const cases[] = {{"dense", {}}, {"S1L2", {.butterfly_segments = 1}}, {"S3L2", {.butterfly_segments = 3}},
      {"S3L3", {.butterfly_segments = 3, .butterfly_factors = 3}}};
  for (auto const& c : cases) {
    std::map<std::string, total> kernels;
    total all;
    for (auto const& launch : step_of(nn::make_resnet<float, exec::device_lanes>(c.options)).launches()) {
      double const seconds = std::max(launch.work.flops / peak, launch.work.bytes / bandwidth);
      for (total* t : {&kernels[launch.name], &all}) {
        ++t->launches;
        t->flops += launch.work.flops;
        t->bytes += launch.work.bytes;
        t->seconds += seconds;
      }
    }
    std::printf("\n### %s\n| kernel | launches | GFLOP | GB | estimated ms |\n|---|---:|---:|---:|---:|\n", c.name);
    std::vector<std::pair<std::string, total>> sorted(kernels.begin(), kernels.end());
    std::sort(
        sorted.begin(), sorted.end(), [](auto const& l, auto const& r) { return l.second.seconds > r.second.seconds; });
    sorted.emplace_back("**step**", all);
    for (auto const& [name, t] : sorted)
      std::printf("| %s | %d | %.3f | %.3f | %.3f |\n", name.c_str(), t.launches, t.flops * 1e-9, t.bytes * 1e-9,
          t.seconds * 1e3);
  }
}
