// SPDX-License-Identifier: MIT
// A network of another program: the file, and the network that is built for it. An input is a line a tensor, "name dims
// ..." (or "name=text" for the metadata), so that a search changes names and shapes, not the bytes of numbers.
#include <algorithm>
#include <sstream>

#include <papillon/train/state_dict.hpp>

#include "files.hpp"
#include "target.hpp"

namespace {

using namespace papillon;

/// False where the input describes no file, or one that is larger than what is wanted here.
bool make_file(std::string_view input, std::filesystem::path const& path) {
  io::safetensors file;
  std::istringstream lines{std::string(input)};
  std::size_t total = 0;
  for (std::string line; std::getline(lines, line);) {
    if (auto const at = line.find('='); at != std::string::npos) {
      file.metadata[line.substr(0, at)] = line.substr(at + 1);
      continue;
    }
    std::istringstream words(line);
    std::string name;
    words >> name;
    std::vector<std::size_t> dims;
    std::size_t size = 1;
    for (std::size_t d = 0; words >> d;) {
      dims.push_back(d);
      if (d != 0 && size > (std::size_t{1} << 16) / d) return false;
      size *= d;
    }
    if ((total += size) > std::size_t{1} << 18 || file.contains(name) || name == "__metadata__") return false;
    file.add(name, dims, std::vector<float>(size, 0.5F));
  }
  try {
    file.write(path);
  } catch (error const&) {  // a name that is no UTF-8
    return false;
  }
  return true;
}

void run(std::string_view input) {
  auto const path = fuzz::directory() / "network.safetensors";
  if (!make_file(input, path)) return;
  fuzz::accepted([&] {
    auto const file = train::state_dict::read(path);
    auto const options = file.resnet(8, 8);
    auto const net = nn::make_resnet<float, 1>(options);
    auto const weights = file.weights<float>(net);
    fuzz::require(weights.parameters.size() == net.parameter_count(), "parameters are missing");
    fuzz::require((net.parameter_count() + net.state_count()) * sizeof(float) <= std::filesystem::file_size(path),
        "a network is larger than its file");
  });
}

std::string lines_of(nn::resnet_options const& o) {
  auto const net = nn::make_resnet<float, 1>(o);
  std::string text = "format=pt\n";
  for (auto const* slots : {&net.parameters(), &net.state()})
    for (nn::slot const& s : *slots) {
      text += s.name;
      for (std::size_t const d : s.dims) text += message(" ", d);
      text += '\n';
    }
  return text;
}

std::vector<std::string> seeds() {
  nn::resnet_options o{.depth = 8, .width = 2, .classes = 3, .input = {1, 8, 8}};
  auto const projection = lines_of(o);
  o.shortcut = nn::shortcut_form::padded;
  auto const padded = lines_of(o);
  o.butterfly_segments = 2;
  o.butterfly_factors = 3;
  return {projection, padded, lines_of(o) + "note.unfolding=shuffled\n"};
}

fuzz::registration const registered({"state_dict", run, seeds});

}  // namespace
