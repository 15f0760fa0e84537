// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <papillon/train/evaluate.hpp>

#include "train/small_training.hpp"

using namespace papillon;

TEST_CASE("logits come in the order of the list, whatever the batch", "[evaluate]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto const weights = test::initial_state(net).last;
  std::vector<std::uint32_t> const list{
      7, 3, 49, 3, 0, 12, 31, 30, 29, 28, 5, 6, 8, 9, 10, 11, 48, 47, 46};  // 19, one twice
  auto const logits = [&](int batch) {
    train::evaluator evaluator(exec::omp{.threads = 1}, net, batch);
    std::vector<float> out(list.size() * 10);
    evaluator.logits(weights, images, list, std::span(out));
    return out;
  };
  auto const all = logits(19);
  CHECK(logits(1) == all);
  CHECK(logits(5) == all);
  CHECK(logits(17) == all);
  CHECK(logits(256) == all);
  CHECK(std::vector(all.begin() + 10, all.begin() + 20) == std::vector(all.begin() + 30, all.begin() + 40));  // image 3
  CHECK(std::vector(all.begin(), all.begin() + 10) != std::vector(all.begin() + 10, all.begin() + 20));
}

TEST_CASE("loss and accuracy are those of the logits", "[evaluate]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto const weights = test::initial_state(net).last;
  std::vector<std::uint32_t> list(43);
  std::iota(list.begin(), list.end(), 2U);
  exec::omp const policy{.threads = 1};
  train::evaluator evaluator(policy, net, 16);
  auto const measured = evaluator.measure(weights, images, list);
  std::vector<float> out(list.size() * 10);
  evaluator.logits(weights, images, list, std::span(out));
  double loss = 0;
  int correct = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto const row = std::span(out).subspan(10 * i, 10);
    auto const label = images.labels[list[i]];
    double sum = 0;
    for (float const x : row) sum += std::exp(static_cast<double>(x));
    loss += std::log(sum) - static_cast<double>(row[label]);
    correct += std::max_element(row.begin(), row.end()) - row.begin() == label ? 1 : 0;
  }
  CHECK(measured.accuracy == correct / 43.0);
  CHECK(measured.loss == Approx(loss / 43).epsilon(1e-6));  // a handful of float roundings an image, 6e-8 each
}

TEST_CASE("an empty list has no loss and no accuracy", "[evaluate]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  train::evaluator evaluator(exec::seq{}, net, 4);
  auto const measured = evaluator.measure(test::initial_state(net).last, images, {});
  CHECK(measured.loss == 0);
  CHECK(measured.accuracy == 0);
}
