// SPDX-License-Identifier: MIT
// Compiled with ThreadSanitizer, see tests/kernel/CMakeLists.txt: the kernels of products (dense, chain fused and not),
// batch norm, pooling and their derivatives on one block of images and a half, a std::thread for each device thread.
#include <vector>

#include <papillon/nn/layers/elementwise_on_device.hpp>
#include <papillon/nn/layers/norm_on_device.hpp>
#include <papillon/nn/layers/product_on_device.hpp>
#include <papillon/structure/runtime_chain.hpp>

using namespace papillon;

namespace {

constexpr int images = 40;

/// Forward in training and backward, between two tensors of a layer.
void run(nn::device_layer<float> const& layer, std::vector<int> const& tables, shape in, shape out) {
  exec::device const on = exec::emulated_threads{};
  auto const values = [](shape s) {
    return std::vector<float>(static_cast<std::size_t>(nn::packed_size(s.size(), images)), 0.5f);
  };
  std::vector<float> x = values(in), dx = x, y = values(out), dy = y, shortcut = y, dshortcut = y;
  std::vector<float> parameters(1000, 0.1f), gradient(1000), saved(1000), state(1000),
      scratch(layer.scratch_size(images, nn::mode::train));
  nn::device_forward_args<float> f;
  f.how = nn::mode::train;
  f.images = images;
  f.tables = tables.data();
  f.parameters = parameters.data();
  f.state = state.data();
  f.x = x.data();
  f.shortcut = shortcut.data();
  f.y = y.data();
  f.saved = saved.data();
  f.scratch = scratch.data();
  layer.forward(on, f);
  nn::device_backward_args<float> b;
  b.images = images;
  b.tables = tables.data();
  b.parameters = parameters.data();
  b.x = x.data();
  b.y = y.data();
  b.dy = dy.data();
  b.dx = dx.data();
  b.dshortcut = dshortcut.data();
  b.gradient = gradient.data();
  b.saved = saved.data();
  b.scratch = scratch.data();
  layer.backward(on, b);
}

template <class Structure>
void convolution(nn::convolution_geometry const& g, Structure const& w) {
  std::vector<int> tables;
  nn::product_on_device<float> const layer(nn::structured_product(g, w, false, tables));
  run(layer, tables, g.input, g.output());
}

}  // namespace

int main() {
  convolution({{1, 2, 4}, 2, 3, 2, 1}, dense(2, 9));
  convolution({{2, 2, 4}, 6}, runtime_chain({{1, 3, 2, 2}, {2, 2, 9, 1}}));
  std::vector<int> tables;
  nn::product_on_device<float> const linear(
      nn::structured_product(runtime_chain({{1, 4, 3, 2}, {2, 3, 5, 1}}), true, tables));
  run(linear, tables, {10, 1, 1}, {8, 1, 1});
  run(nn::norm_on_device<float>({2, 2, 3}, {.relu = true}), {}, {2, 2, 3}, {2, 2, 3});
  run(nn::pool_on_device<float>({2, 2, 3}), {}, {2, 2, 3}, {2, 1, 1});
  run(nn::shortcut_on_device<float>({2, 3, 3}, {4, 2, 2}, 2), {}, {2, 3, 3}, {4, 2, 2});
}
