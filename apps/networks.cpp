// SPDX-License-Identifier: MIT
// papillon evaluate, papillon factorize: one trained network in a file, whoever trained it.
#include <cstdio>
#include <numeric>
#include <vector>

#include <papillon/data/synthetic.hpp>
#include <papillon/error.hpp>
#include <study/assign.hpp>
#include <study/image_kind.hpp>
#include <study/study_data.hpp>

#include "commands.hpp"
#include "laboratories.hpp"

namespace papillon::app {

namespace {

/// The file that a path means: of a run's directory, the network at its best epoch.
std::filesystem::path network_file(std::filesystem::path const& path) {
  std::error_code unknown;
  return std::filesystem::is_directory(path, unknown) ? path / "best.safetensors" : path;
}

std::string text_of(runtime_chain const& w) {
  std::string text;
  for (pattern const p : w.factors()) text += to_string(p);
  std::erase(text, ' ');
  return text;
}

}  // namespace

void evaluate(options const& o) {
  study::settings settings;
  for (auto const& assignment : o.assignments) set(settings, assignment);
  bool const built_in = o.built_in > 0;
  if (built_in) settings.data.source = study::image_source::synthetic;
  check_together(settings);
  auto const& kind = study::kind_of(settings.data.source);
  auto const images =
      built_in ? data::synthetic_images(static_cast<std::size_t>(o.built_in), 0) : study::load_images(settings, o.data);
  std::vector<std::uint32_t> indices(kind.test == 0 ? images.size() : static_cast<std::size_t>(kind.test));
  std::iota(indices.begin(), indices.end(), static_cast<std::uint32_t>(images.size() - indices.size()));
  auto const result = make_network_tools(o.device, o.threads)
                          ->evaluate(network_file(o.network), images, indices, study::normalisation_of(settings));
  std::printf("%zu %s%s: loss %.4f, accuracy %.2f %%\n", indices.size(), kind.test == 0 ? "" : "test images of ",
      kind.name.data(), result.loss, 100 * result.accuracy);
}

void factorize(options const& o) {
  study::factorize_order order{network_file(o.network), o.save, o.segments, o.factors};
  order.order = o.order == "left"    ? split_order::left_to_right
                : o.order == "right" ? split_order::right_to_left
                                     : split_order::balanced;
  if (o.tap_major) order.unfolding = nn::unfolding::tap_major;
  auto const report = make_network_tools(o.device, o.threads)->factorize(order);
  std::printf("%-18s %-10s %8s %12s %12s  %s\n", "convolution", "weight", "nonzeros", "error", "at least", "chain");
  for (auto const& layer : report.layers) {
    auto const size = message(layer.chain.rows(), " x ", layer.chain.cols());
    std::printf("%-18s %-10s %8d %12.6f %12.6f  %s\n", layer.name.c_str(), size.c_str(), layer.chain.nnz(),
        layer.relative_error, layer.least_error, text_of(layer.chain).c_str());
  }
  std::printf(
      "%zu parameters instead of %zu (%.2f %%), in %s; error: Frobenius norm of the difference over that of the "
      "weight\n",
      report.parameters_after, report.parameters_before,
      100.0 * static_cast<double>(report.parameters_after) / static_cast<double>(report.parameters_before),
      o.save.c_str());
}

}  // namespace papillon::app
