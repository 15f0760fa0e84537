// SPDX-License-Identifier: MIT
// Ten steps of SGD and of Adam against PyTorch, from given gradients and with a learning rate that falls on the way.
#include <golden/golden.hpp>

#include <papillon/train/adam.hpp>
#include <papillon/train/sgd.hpp>

using namespace papillon;

namespace {

constexpr std::size_t steps = 10, size = 37;

double rate(std::size_t step) { return step < 6 ? 0.1 : 0.01; }

/// Calls update(step, gradient, vector) ten times and compares the whole path of the vector.
template <class T, class Update> void check_path(std::string const& name, Update const& update) {
  auto const file = golden::read("optimisers");
  auto vector = golden::values<T>(file, "vector");
  auto const gradients = golden::values<T>(file, "gradients");
  REQUIRE(vector.size() == size);
  std::vector<T> path;
  for (std::size_t s = 0; s < steps; ++s) {
    update(s, std::span<T const>(gradients).subspan(s * size, size), std::span<T>(vector));
    path.insert(path.end(), vector.begin(), vector.end());
  }
  golden::check(file, name, "path", path);
}

}  // namespace

TEMPLATE_TEST_CASE("ten steps of SGD are PyTorch's", "", float, double) {
  using T = TestType;
  std::vector<T> velocity(size);
  check_path<T>("sgd/", [&](std::size_t s, std::span<T const> gradient, std::span<T> vector) {
    train::sgd_step(
        exec::omp{2}, {.momentum = 0.9, .weight_decay = 0.005}, rate(s), gradient, std::span<T>(velocity), vector);
  });
}

TEMPLATE_TEST_CASE("ten steps of Adam are PyTorch's", "", float, double) {
  using T = TestType;
  train::adam_state<T> state(size);
  train::adam_settings settings;
  check_path<T>("adam/", [&](std::size_t s, std::span<T const> gradient, std::span<T> vector) {
    settings.learning_rate = rate(s);
    train::adam_step(exec::omp{2}, settings, gradient, state, vector);
  });
}
