// SPDX-License-Identifier: MIT
/// The gradients of single images: against central differences of each image's loss, against batches of one image, and
/// their sum against the batch's gradient; for each structure, by loops and by threads. Kernels: tests/policies.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/runner.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

constexpr int lanes = 8;
using network = nn::network<double, lanes>;

struct net_case {
  std::string name;
  network net;
  nn::weights<double> w;
  std::vector<std::uint8_t> mask;
};

net_case make(std::string name, nn::resnet_options o, double share = 1) {
  o.depth = 8;
  o.width = 4;
  o.input = {3, 8, 8};
  o.classes = 5;
  o.norm = nn::norm_form::group;
  o.groups = 2;
  std::vector<std::uint8_t> mask;
  if (share < 1) {
    auto const net = nn::make_resnet<double, lanes>(o);
    mask.assign(net.parameter_count(), 1);
    auto const draw = test::noise<double>(mask.size(), 4);
    for (auto const& s : net.parameters())
      if (s.kind == nn::slot_kind::convolution || s.kind == nn::slot_kind::linear)
        for (std::size_t i = s.offset; i < s.offset + s.size; ++i) mask[i] = draw[i] < 2 * share - 1;
    o.mask = mask;
  }
  auto net = nn::make_resnet<double, lanes>(o);
  auto w = nn::initialise(net, {.seed = 3, .what = random::purpose::initialisation});
  auto const noise = test::noise<double>(w.parameters.size(), 8);
  for (std::size_t i = 0; i < noise.size(); ++i) w.parameters[i] += 0.1 * noise[i];  // norms and biases, too
  for (std::size_t i = 0; i < mask.size(); ++i) w.parameters[i] *= mask[i];
  return {std::move(name), std::move(net), std::move(w), std::move(mask)};
}

std::vector<net_case> const& nets() {
  static std::vector<net_case> const all = [] {
    std::vector<net_case> v;
    v.push_back(make("dense, Winograd", {}));
    v.push_back(make("dense, sum by sum", {.algorithm = nn::convolution_algorithm::direct}));
    v.push_back(make("masked", {}, 0.1));
    v.push_back(make("masked, multiplied in full", {.shortcut = nn::shortcut_form::padded}, 0.7));
    v.push_back(make("masked, multiplied in full, sum by sum", {.algorithm = nn::convolution_algorithm::direct}, 0.7));
    v.push_back(make("chains of two", {.butterfly_segments = 3, .butterfly_factors = 2}));
    v.push_back(make("chains of three", {.butterfly_segments = 3, .butterfly_factors = 3}));
    return v;
  }();
  return all;
}

std::vector<std::uint8_t> labels_of(int images) {
  std::vector<std::uint8_t> labels;
  for (int n = 0; n < images; ++n) labels.push_back(static_cast<std::uint8_t>(n * 3 % 5));
  return labels;
}

/// A gradient an image, of its own loss; row k is parameter k. Rows are 7 beforehand.
template <class E> tensor<double, lanes> gradients_of_images(E e, net_case const& c, tensor<double, lanes> const& x) {
  int const images = x.images();
  nn::runner run(e, c.net, images, nn::mode::train);
  auto const labels = labels_of(images);
  auto const logits = run.launch_forward(e, c.w.parameters, {}, nn::mode::train, x);
  tensor<double, lanes> dlogits(c.net.output(), images),
      rows({static_cast<int>(c.net.parameter_count()), 1, 1}, images);
  nn::cross_entropy(exec::seq{}, logits, std::span<std::uint8_t const>(labels), dlogits.view());
  for (double& v : dlogits.storage()) v *= images;
  for (double& v : rows.storage()) v = 7;
  run.launch_backward(e, c.w.parameters, dlogits.cview(), rows.view());
  return rows;
}

/// The gradient of the mean loss.
std::vector<double> gradient_of_batch(
    net_case const& c, tensor<double, lanes> const& x, std::vector<std::uint8_t> const& labels) {
  exec::seq const e;
  nn::runner run(e, c.net, x.images(), nn::mode::train);
  tensor<double, lanes> dlogits(c.net.output(), x.images());
  auto w = c.w;
  nn::cross_entropy(e, run.forward(w, nn::mode::train, x), std::span(labels), dlogits.view());
  std::vector<double> gradient(c.net.parameter_count());
  run.backward(w, dlogits, gradient);
  return gradient;
}

tensor<double, lanes> image(tensor<double, lanes> const& x, int n) {
  tensor<double, lanes> one(x.extent(), 1);
  for (int r = 0; r < x.extent().size(); ++r) one.view().at(0, r) = x.cview().at(n, r);
  return one;
}

template <class E> void check_gradients(E e) {
  for (auto const& c : nets())
    for (int const images : {1, 3, 17}) {
      auto const x = test::noise_tensor<double, lanes>(c.net.input(), images, 6);
      auto const rows = gradients_of_images(e, c, x);
      auto const labels = labels_of(images);
      std::vector<double> const batch = gradient_of_batch(c, x, labels);
      std::vector<double> mean(batch.size());
      double worst = 0;
      for (int n = 0; n < images; ++n) {
        auto const want = gradient_of_batch(c, image(x, n), {labels[static_cast<std::size_t>(n)]});
        for (std::size_t k = 0; k < want.size(); ++k) {
          double const got = rows.cview().at(n, static_cast<int>(k));
          if (!c.mask.empty() && c.mask[k] == 0) continue;
          worst = std::max(worst, std::abs(got - want[k]));
          mean[k] += got / images;
        }
      }
      INFO(c.name << ", " << images << " images");
      CHECK(worst < 1e-11);  // gradients are of size 1, sums of thousands; a missing term would be a thousandth
      CHECK(test::largest_difference<double>(mean, batch) < 1e-11);
      if (std::same_as<E, exec::omp>)
        for (std::size_t k = 0; k < c.mask.size(); ++k)
          if (c.mask[k] == 0) REQUIRE(rows.cview().at(0, static_cast<int>(k)) == 7);  // nobody's
    }
}

}  // namespace

TEMPLATE_TEST_CASE("gradients of images are those of batches of one image", "", exec::seq, exec::omp) {
  check_gradients(TestType{});
}

TEST_CASE("gradients of images are the derivatives of their losses") {
  exec::omp const e{2};
  for (auto const& c : nets()) {
    constexpr int images = 11;
    auto const x = test::noise_tensor<double, lanes>(c.net.input(), images, 2);
    auto const rows = gradients_of_images(e, c, x);
    auto const labels = labels_of(images);
    nn::runner run(e, c.net, images, nn::mode::train);
    auto w = c.w;
    auto const losses = [&] {
      auto const logits = run.launch_forward(e, w.parameters, {}, nn::mode::train, x);
      std::vector<double> all;
      for (int n = 0; n < images; ++n)
        all.push_back(-nn::detail::log_softmax(logits, n)(logits.at(n, labels[static_cast<std::size_t>(n)])));
      return all;
    };
    int checked = 0;
    double const h = 1e-6;
    for (std::size_t k = 0; k < w.parameters.size(); k += 1 + w.parameters.size() / 60) {
      if (!c.mask.empty() && c.mask[k] == 0) continue;
      double const at = w.parameters[k];
      auto const middle = losses();
      w.parameters[k] = at + h;
      auto const up = losses();
      w.parameters[k] = at - h;
      auto const down = losses();
      w.parameters[k] = at;
      for (std::size_t n = 0; n < images; ++n) {
        if (std::abs(up[n] - 2 * middle[n] + down[n]) > 1e-3 * h) continue;  // a ReLU bends here
        INFO(c.name << ", image " << n << ", parameter " << k);
        CHECK((up[n] - down[n]) / (2 * h) ==
              Approx(rows.cview().at(static_cast<int>(n), static_cast<int>(k))).epsilon(1e-5).margin(1e-7));
        ++checked;
      }
    }
    CHECK(checked > 50);
  }
}

TEST_CASE("threads do not change the bits of images' gradients") {
  for (auto const& c : nets()) {
    auto const x = test::noise_tensor<double, lanes>(c.net.input(), 40, 6);
    auto const one = gradients_of_images(exec::omp{1}, c, x), three = gradients_of_images(exec::omp{3}, c, x);
    INFO(c.name);
    CHECK(std::equal(one.storage().begin(), one.storage().end(), three.storage().begin()));
  }
}

namespace {
/// A layer of a user's that says nothing of its images.
struct scaled {
  shape extent{3, 2, 2};
  [[nodiscard]] shape input() const { return extent; }
  [[nodiscard]] shape output() const { return extent; }
  [[nodiscard]] std::vector<nn::slot> parameters() const { return {nn::make_slot("scale", nn::slot_kind::bias, {1})}; }
  template <class T, int L> void forward(exec::seq, nn::forward_args<T, L> const&) const {}
  template <class T, int L> void backward(exec::seq, nn::backward_args<T, L> const&) const {}
};
}  // namespace

TEST_CASE("layers whose images have no gradients of their own are refused by name") {
  auto const net = nn::make_resnet<double, lanes>({.depth = 8, .width = 2, .input = {3, 8, 8}});
  CHECK_THROWS_WITH(nn::require_image_gradients(net), Catch::Contains("bn1") && Catch::Contains("group norm"));
  nn::runner run(exec::seq{}, net, 2, nn::mode::train);
  CHECK_THROWS_AS(run.launch_backward(exec::seq{}, {}, {}, tensor_view<double, lanes>{}), papillon::error);
  network own({3, 2, 2});
  own.add("mine", scaled{});
  CHECK_THROWS_WITH(nn::require_image_gradients(own), Catch::Contains("mine"));
  network plain({3, 2, 2});
  plain.add("relu", nn::relu({3, 2, 2}));
  CHECK_NOTHROW(nn::require_image_gradients(plain));
}
