// SPDX-License-Identifier: MIT
// The convolutions of ResNet-20 on 256 images by oneDNN: forward, data gradient and weight gradient, by each of its
// algorithms that takes the shape, on the memory formats that it prefers (nothing is reordered while time is taken).
// Names and counters are those of bench/nn/layers/convolution.cpp; FLOP/s count the operations of the direct algorithm.
#include <context.hpp>
#include <layer_run.hpp>
#include <layer_shapes.hpp>
#include <random_values.hpp>

#include <dnnl.hpp>

#include <cstring>
#include <string>
#include <unordered_map>

namespace {

using bench::images;
using bench::layer_shape;
using dnnl::algorithm;
using dnnl::memory;

dnnl::engine& cpu() {
  static dnnl::engine e(dnnl::engine::kind::cpu, 0);
  return e;
}

/// Uniform numbers in the format that a primitive wants.
memory filled(memory::desc const& wanted, std::uint64_t item) {
  memory m(wanted, cpu());
  auto const values = bench::random_values(wanted.get_size() / sizeof(float), item);
  std::memcpy(m.get_data_handle(), values.data(), wanted.get_size());
  return m;
}

struct descriptions {
  memory::desc x, w, y;
};

descriptions describe(layer_shape const& s) {
  auto const any = [](memory::dims dims) {
    return memory::desc(dims, memory::data_type::f32, memory::format_tag::any);
  };
  auto const g = s.geometry();
  auto const out = g.output();
  return {any({images, s.in, s.side, s.side}), any({s.out, s.in, s.kernel, s.kernel}),
      any({images, s.out, out.height, out.width})};
}

memory::dims strides(layer_shape const& s) { return {s.stride, s.stride}; }
memory::dims padding(layer_shape const& s) { return {s.kernel / 2, s.kernel / 2}; }

dnnl::convolution_forward::primitive_desc forward_description(
    layer_shape const& s, algorithm how, dnnl::prop_kind kind) {
  auto const d = describe(s);
  return {{kind, how, d.x, d.w, d.y, strides(s), padding(s), padding(s)}, cpu()};
}

using arguments = std::unordered_map<int, memory>;

void repeat(benchmark::State& state, layer_shape const& s, dnnl::primitive const& primitive, arguments const& args,
    std::string const& kind) {
  dnnl::stream stream(cpu());
  primitive.execute(stream, args);
  stream.wait();
  for (auto _ : state) {
    primitive.execute(stream, args);
    stream.wait();
  }
  auto const g = s.geometry();
  bench::count(state, 2.0 * images * g.output().pixels() * g.columns() * s.out,
      4.0 * images * (g.input.size() + g.output().size()));
  state.SetLabel(kind);
}

void forward(benchmark::State& state, layer_shape const& s, algorithm how) {
  auto const p = forward_description(s, how, dnnl::prop_kind::forward_inference);
  repeat(state, s, dnnl::convolution_forward(p),
      {{DNNL_ARG_SRC, filled(p.src_desc(), 1)}, {DNNL_ARG_WEIGHTS, filled(p.weights_desc(), 2)},
          {DNNL_ARG_DST, memory(p.dst_desc(), cpu())}},
      p.impl_info_str());
}

void data_gradient(benchmark::State& state, layer_shape const& s, algorithm how) {
  auto const hint = forward_description(s, how, dnnl::prop_kind::forward_training);
  auto const d = describe(s);
  dnnl::convolution_backward_data::primitive_desc const p(
      {how, d.x, d.w, d.y, strides(s), padding(s), padding(s)}, cpu(), hint);
  repeat(state, s, dnnl::convolution_backward_data(p),
      {{DNNL_ARG_DIFF_DST, filled(p.diff_dst_desc(), 3)}, {DNNL_ARG_WEIGHTS, filled(p.weights_desc(), 2)},
          {DNNL_ARG_DIFF_SRC, memory(p.diff_src_desc(), cpu())}},
      p.impl_info_str());
}

void weight_gradient(benchmark::State& state, layer_shape const& s, algorithm how) {
  auto const hint = forward_description(s, how, dnnl::prop_kind::forward_training);
  auto const d = describe(s);
  dnnl::convolution_backward_weights::primitive_desc const p(
      {how, d.x, d.w, d.y, strides(s), padding(s), padding(s)}, cpu(), hint);
  repeat(state, s, dnnl::convolution_backward_weights(p),
      {{DNNL_ARG_SRC, filled(p.src_desc(), 1)}, {DNNL_ARG_DIFF_DST, filled(p.diff_dst_desc(), 3)},
          {DNNL_ARG_DIFF_WEIGHTS, memory(p.diff_weights_desc(), cpu())}},
      p.impl_info_str());
}

/// Registered only where oneDNN has the algorithm for the shape.
void add(std::string const& pass, layer_shape const& s, std::string const& name, algorithm how,
    void (*run)(benchmark::State&, layer_shape const&, algorithm)) {
  try {
    (void)forward_description(s, how, dnnl::prop_kind::forward_training);
  } catch (dnnl::error const&) {
    return;
  }
  benchmark::RegisterBenchmark(("convolution/" + pass + "/" + s.name() + "/" + name).c_str(),
      [=](benchmark::State& state) {
        try {
          run(state, s, how);
        } catch (dnnl::error const& e) {
          state.SkipWithError(e.message);
        }
      })
      ->UseRealTime()
      ->Unit(benchmark::kMicrosecond);
}

int const registered = [] {
  for (layer_shape const& s : bench::layer_shapes)
    for (auto const& [name, how] : {std::pair{"onednn", algorithm::convolution_direct},
             std::pair{"onednn_winograd", algorithm::convolution_winograd}}) {
      add("forward", s, name, how, forward);
      add("data_gradient", s, name, how, data_gradient);
      add("weight_gradient", s, name, how, weight_gradient);
    }
  return 0;
}();

}  // namespace
