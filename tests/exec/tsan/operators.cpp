// SPDX-License-Identifier: MIT
// Compiled with ThreadSanitizer, see tests/exec/CMakeLists.txt: what layers (dense, chain fused and not), batch norm,
// pooling and the shortcut run on a device, forward and backward on one block of images and a half, a std::thread for
// each device thread.
#include <vector>

#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/layers/padded_shortcut.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/run/any_layer.hpp>
#include <papillon/structure/runtime_chain.hpp>
#include <papillon/tensor/tensor.hpp>

using namespace papillon;

namespace {

constexpr int images = 40, lanes = exec::device_lanes;

/// Forward in training and backward.
void run(nn::any_layer<float, lanes> const& layer) {
  exec::device const on = exec::emulated_threads{};
  tensor<float, lanes> x(layer.input(), images), dx(layer.input(), images), y(layer.output(), images),
      dy(layer.output(), images), shortcut(layer.output(), images), dshortcut(layer.output(), images);
  for (float& v : x.storage()) v = 0.5f;
  std::vector<float> parameters(1000, 0.1f), gradient(1000), saved(1000), state(1000),
      scratch(layer.scratch_size(on, images, nn::mode::train));
  std::vector<int> const tables = layer.tables();
  nn::forward_args<float, lanes> f;
  f.how = nn::mode::train;
  f.parameters = parameters;
  f.state = state;
  f.eval_state = state;
  f.x = x;
  f.shortcut = shortcut.cview();
  f.y = y;
  f.saved = saved;
  f.scratch = scratch;
  f.tables = tables;
  layer.forward(on, f);
  nn::backward_args<float, lanes> b;
  b.parameters = parameters;
  b.x = x;
  b.y = y.cview();
  b.dy = dy.cview();
  b.dx = dx;
  b.dshortcut = dshortcut;
  b.gradient = gradient;
  b.saved = saved;
  b.scratch = scratch;
  b.tables = tables;
  layer.backward(on, b);
}

}  // namespace

int main() {
  run(nn::conv2d(dense(2, 9), {{1, 2, 4}, 2, 3, 2, 1}));
  run(nn::conv2d(runtime_chain({{1, 3, 2, 2}, {2, 2, 9, 1}}), {{2, 2, 4}, 6}));
  run(nn::linear(runtime_chain({{1, 4, 3, 2}, {2, 3, 5, 1}})));
  run(nn::batch_norm({2, 2, 3}, {.relu = true}));
  run(nn::relu({2, 2, 3}));
  run(nn::global_average_pool({2, 2, 3}));
  run(nn::padded_shortcut({2, 3, 3}, 4, 2));
}
