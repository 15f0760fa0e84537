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
#include <papillon/nn/kernels/loss_kernel.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/device_workspace.hpp>
#include <papillon/train/optimiser_kernels.hpp>

using namespace papillon;

namespace {

constexpr int images = 256;
using network = nn::network<float, exec::device_lanes>;

/// The launches of one step, not run.
exec::recording step_of(network const& net) {
  exec::device const on = exec::emulated{};
  nn::device_workspace<float> ws(on, net, images, nn::mode::train);
  return {on, [&](exec::device const& d) {
            ws.forward(d, net, nn::mode::train, images);
            d.launch(nn::cross_entropy_loss<float>{ws.logits(), nullptr, nullptr, ws.dlogits().data(), nullptr,
                                                   net.output().size(), images});
            ws.backward(d, net, images);
            nn::for_each_value(d, train::sgd_update<float>{ws.gradient().data(), nullptr, nullptr, nullptr, 0, 0,
                                                           static_cast<int>(net.parameter_count())});
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
  } const cases[] = {{"dense", {}},
                     {"S1L2", {.butterfly_segments = 1}},
                     {"S3L2", {.butterfly_segments = 3}},
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
    std::sort(sorted.begin(), sorted.end(),
              [](auto const& l, auto const& r) { return l.second.seconds > r.second.seconds; });
    sorted.emplace_back("**step**", all);
    for (auto const& [name, t] : sorted)
      std::printf("| %s | %d | %.3f | %.3f | %.3f |\n", name.c_str(), t.launches, t.flops * 1e-9, t.bytes * 1e-9,
                  t.seconds * 1e3);
  }
}
