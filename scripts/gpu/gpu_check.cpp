// SPDX-License-Identifier: MIT
// Checks and times networks on a device, with nothing but the library's core. Answers in lines "key: value".
// usage: gpu_check about  [--device D]
//        gpu_check check  [--device D] [--small]      steps and evaluations of small ResNets against exec::seq
//        gpu_check time   [--device D] --network dense|S3L2 --work train|eval [--batch N] [--seconds S]     of
//        ResNet-20
// D: cuda, emulated (the same kernels on the host). Exit status: 0; 1 a comparison or the device failed; 2 usage.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "run.hpp"

#include <papillon/random/distributions.hpp>

using namespace papillon;

namespace {

constexpr double epsilon = std::numeric_limits<float>::epsilon();

/// Calls f with the context of the device of that name.
template <class F> int on_device_named(std::string const& name, F const& f) {
  if (name == "emulated") return f(exec::context<exec::emulated>());
  if (name != "cuda")
    throw error(errc::usage, message("gpu_check: unknown device '", name, "' (cuda and emulated exist)"));
  if constexpr (exec::cuda_available) return f(exec::context<exec::cuda>());
  else throw error(errc::usage, "this program has no CUDA (it was built without papillon::cuda) use --device emulated");
}

gpu_check::images random_images(shape extent, int count) {
  gpu_check::images x(extent, count);
  random::engine draw({.seed = 3, .what = random::purpose::test}, 0, 1);
  std::vector<float> v(static_cast<std::size_t>(extent.size() * count));
  random::fill_normal<float>(draw, v);
  relayout<float, gpu_check::lanes>(v, x.view());
  return x;
}

std::vector<std::uint8_t> some_labels(int count) {
  std::vector<std::uint8_t> labels;
  for (int n = 0; n < count; ++n) labels.push_back(static_cast<std::uint8_t>(n * 7 % 10));
  return labels;
}

/// Keeps a share of the weights of convolutions and of the last layer, and all else.
std::vector<std::uint8_t> random_mask(gpu_check::network const& net, double share) {
  std::vector<std::uint8_t> keep(net.parameter_count(), 1);
  random::engine draw({.seed = 4, .what = random::purpose::test}, 0, 2);
  for (nn::slot const& s : net.parameters())
    if (s.kind == nn::slot_kind::convolution || s.kind == nn::slot_kind::linear)
      for (std::size_t i = s.offset; i < s.offset + s.size; ++i)
        keep[i] = random::uniform<double>(draw, 0.0, 1.0) < share;
  return keep;
}

// --- check ---

/// Norm of the difference over the norm of what is wanted; infinite if anything is not finite.
double relative_difference(std::span<float const> got, std::span<float const> want, double floor) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    double const d = static_cast<double>(got[i]) - static_cast<double>(want[i]);
    if (!std::isfinite(d)) return std::numeric_limits<double>::infinity();
    difference += d * d;
    size += static_cast<double>(want[i]) * static_cast<double>(want[i]);
  }
  return std::sqrt(difference) / std::max(std::sqrt(size), floor);
}
double norm(std::span<float const> v) {
  double sum = 0;
  for (float const x : v) sum += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(sum);
}

/// What is compared, and how much of itself it may differ by. A layer adds up at most 1,000 numbers of size 1; another
/// order, or a product fused with a sum, moves that by sqrt(1000) = 30 roundings, and 200 leave room (as in the tests
/// over all policies).
/// - values forward: nine layers, each of which adds its own: 9 * 200 roundings.
/// - gradients: as many layers back, through batch norms that divide by deviations down to a tenth: ten times that. And
/// where rounding moves
///   an activation across zero, ReLU lets the derivative of one pixel of one image through or not: of the `pixels`
///   contributions to a gradient in the last layers, which weigh alike, one comes or goes. Few do, since 1 in 10,000
///   lies so near to zero.
/// - what the values move by in a few steps: as gradients. From the device's own gradients SGD must come to the same
/// bits, since every
///   product in it is part of an explicit fused multiply-add.
struct tolerances {
  double forward = 9 * 200 * epsilon;
  double gradient;
  explicit tolerances(double pixels) : gradient(10 * forward + 0.25 / pixels) {}
};

struct check_case {
  std::string name;
  nn::resnet_options options;
  double kept = 1;  ///< share of the weights under a mask
};

/// Returns what differs, a line each.
template <exec::device_policy E>
int check_network(exec::context<E> const& on, check_case const& c, int count, int steps) {
  auto options = c.options;
  std::vector<std::uint8_t> mask;
  if (c.kept < 1) {
    mask = random_mask(gpu_check::make_resnet(options), c.kept);
    options.mask = mask;
  }
  auto const net = gpu_check::make_resnet(options);
  auto first = gpu_check::first_values(net);
  for (std::size_t i = 0; i < mask.size(); ++i)
    if (mask[i] == 0) first.parameters[i] = 0;
  auto const x = random_images(net.input(), count);
  auto const labels = some_labels(count);
  gpu_check::on_host want(net, first, x, labels);
  gpu_check::on_device got(on, net, first, x, labels), again(on, net, first, x, labels);
  int const last_pixels = options.input.height / 4 * (options.input.width / 4);
  tolerances const most(static_cast<double>(count * last_pixels));
  int bad = 0;
  double worst_forward = 0, worst_gradient = 0;
  auto const compare = [&](std::string const& what, double difference, double tolerance, double& worst) {
    worst = std::max(worst, difference);
    if (difference <= tolerance) return;
    std::printf("differs: %s, %d images: %s by %.2g of itself (at most %.2g)\n", c.name.c_str(), count, what.c_str(),
        difference, tolerance);
    ++bad;
  };
  auto const require = [&](std::string const& what, bool holds) {
    if (holds) return;
    std::printf("differs: %s, %d images: it is not so that %s\n", c.name.c_str(), count, what.c_str());
    ++bad;
  };
  compare("logits before training", relative_difference(got.evaluate(), want.evaluate(), 1e-3), most.forward,
      worst_forward);
  std::vector<float> by_definition = first.parameters, velocity(first.parameters.size());
  for (int step = 0; step < steps; ++step) {
    want.step(), got.step(), again.step();
    got.wait(), again.wait();
    double const factor = step + 1;  // differences of the values of the step before come on top
    compare("loss of step " + std::to_string(step + 1), std::abs(got.loss() - want.loss()) / want.loss(),
        factor * most.forward, worst_forward);
    auto const g = got.gradient(), w = want.gradient();
    for (nn::slot const& s : net.parameters()) {
      auto const part = [&](std::vector<float> const& v) { return std::span(v).subspan(s.offset, s.size); };
      // A slot whose derivative is nothing but rounding (the norm before it divides it out) is compared with a
      // thousandth of all.
      compare("gradient of " + s.name + ", step " + std::to_string(step + 1),
          relative_difference(part(g), part(w), 1e-3 * norm(w)), factor * most.gradient, worst_gradient);
    }
    for (std::size_t i = 0; i < g.size(); ++i) {
      velocity[i] = std::fma(gpu_check::momentum, velocity[i], std::fma(gpu_check::decay, by_definition[i], g[i]));
      by_definition[i] = std::fma(-gpu_check::learning_rate, velocity[i], by_definition[i]);
    }
    require("SGD has the bits of its definition", got.now().parameters == by_definition);
    require("a second training has the same bits", g == again.gradient() && got.now() == again.now());
  }
  auto const after = got.now(), after_want = want.now();
  auto const movement = [&](std::vector<float> const& v) {
    std::vector<float> m(v.size());
    for (std::size_t i = 0; i < m.size(); ++i) m[i] = v[i] - first.parameters[i];
    return m;
  };
  compare("movement of the parameters",
      relative_difference(movement(after.parameters), movement(after_want.parameters), 1e-3), steps * most.gradient,
      worst_gradient);
  compare(
      "running statistics", relative_difference(after.state, after_want.state, 1), steps * most.forward, worst_forward);
  double const moved = steps * static_cast<double>(gpu_check::learning_rate);
  compare("logits after training", relative_difference(got.evaluate(), want.evaluate(), 1e-3),
      steps * 10 * most.forward + moved * most.gradient, worst_forward);
  bool pruned_stay = true;
  for (std::size_t i = 0; i < mask.size(); ++i) pruned_stay = pruned_stay && (mask[i] != 0 || after.parameters[i] == 0);
  require("pruned weights stay zero", pruned_stay);
  std::printf("%s: %s, %d images, %d steps (largest difference %.1e forward, %.1e of a gradient)\n",
      bad == 0 ? "passed" : "failed", c.name.c_str(), count, steps, worst_forward, worst_gradient);
  return bad;
}

template <exec::device_policy E> int check(exec::context<E> const& on, bool small) {
  nn::resnet_options o{.depth = 8, .width = small ? 2 : 8, .input = {3, small ? 8 : 16, small ? 8 : 16}};
  std::vector<check_case> cases{{"dense", o}};
  cases.push_back({"masked, a third kept", o, 0.33});
  cases.push_back({"masked, a tenth kept", o, 0.1});
  for (int const factors : {2, 3}) {
    o.butterfly_segments = 3;
    o.butterfly_factors = factors;
    if (factors == 3) o.shortcut = nn::shortcut_form::padded;
    cases.push_back({"butterfly, " + std::to_string(factors) + " factors", o});
  }
  int bad = 0;
  for (check_case const& c : cases)
    for (int const count : small ? std::vector{17} : std::vector{1, 17, 40})
      bad += check_network(on, c, count, small ? 1 : 2);
  return bad == 0 ? 0 : 1;
}

// --- time ---

/// Middle of the times of rounds, each of as many calls as take about a fifth of `seconds`; 0 seconds: of one call, the
/// first.
template <exec::device_policy E>
void time_network(
    exec::context<E> const& on, std::string const& name, std::string const& work, int batch, double seconds) {
  nn::resnet_options o;
  if (name == "S3L2") o.butterfly_segments = 3;
  else if (name != "dense")
    throw error(errc::usage, message("gpu_check: unknown network '", name, "' (dense and S3L2 exist)"));
  if (work != "train" && work != "eval")
    throw error(errc::usage, message("gpu_check: unknown work '", work, "' (train and eval exist)"));
  auto const net = gpu_check::make_resnet(o);
  auto const x = random_images(net.input(), batch);
  gpu_check::on_device run(on, net, gpu_check::first_values(net), x, some_labels(batch));
  auto const timed = [&](int calls) {
    auto const begin = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) work == "train" ? run.step() : run.start_evaluation();
    run.wait();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / calls;
  };
  std::vector<double> rounds{timed(1)};  // touches all memory
  int calls = 1;
  if (seconds > 0) {
    calls = std::max(1, static_cast<int>(seconds / 5 / std::max(timed(1), 1e-6)));
    rounds.clear();
    for (int r = 0; r < 5; ++r) rounds.push_back(timed(calls));
  }
  std::sort(rounds.begin(), rounds.end());
  double const middle = rounds[rounds.size() / 2];
  std::printf("milliseconds: %.4f\nfastest: %.4f\nslowest: %.4f\nimages_per_second: %.1f\ncalls: %zu\n", 1e3 * middle,
      1e3 * rounds.front(), 1e3 * rounds.back(), batch / middle, rounds.size() * static_cast<std::size_t>(calls));
  if (work == "train" && !std::isfinite(run.loss()))
    throw error(errc::failed, "gpu_check: the loss is not finite after the timed steps");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::map<std::string, std::string> options{{"--device", "cuda"}, {"--network", "dense"}, {"--work", "train"},
        {"--batch", "256"}, {"--seconds", "5"}, {"--small", "no"}};
    std::string const command = argc > 1 ? argv[1] : "";
    for (int i = 2; i < argc; ++i) {
      auto const option = options.find(argv[i]);
      if (option == options.end() || (option->first != "--small" && i + 1 == argc))
        throw error(errc::usage, message("gpu_check: option ", argv[i], " is unknown or has no value"));
      option->second = option->first == "--small" ? "yes" : argv[++i];
    }
    return on_device_named(options["--device"], [&]<exec::device_policy E>(exec::context<E> const& on) {
      if (command == "check") return check(on, options["--small"] == "yes");
      if (command == "time") {
        int const batch = std::atoi(options["--batch"].c_str());
        if (batch < 1) throw error(errc::usage, "gpu_check: a batch has one image at least");
        time_network(on, options["--network"], options["--work"], batch, std::atof(options["--seconds"].c_str()));
        return 0;
      }
      if (command == "about") {
        std::string device = "emulation on the host";
        if constexpr (std::same_as<E, exec::cuda>) device = exec::cuda_runtime::describe_device();
        std::printf("device: %s\n", device.c_str());
        return 0;
      }
      throw error(errc::usage, "gpu_check: about, check or time is wanted");
    });
  } catch (error const& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return static_cast<int>(e.code());
  } catch (std::exception const& e) {
    std::fprintf(stderr, "gpu_check: %s\n", e.what());
    return 1;
  }
}
