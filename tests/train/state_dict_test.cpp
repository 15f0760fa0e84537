// SPDX-License-Identifier: MIT
// Networks saved by other programs: names, shapes and types that are understood, and those that are refused.
#include <papillon/train/state_dict.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/temporary_directory.hpp"

using namespace papillon;
using Catch::Matchers::Contains;

namespace {

using tensors = std::vector<std::pair<std::string, std::vector<std::size_t>>>;

/// Names and shapes of a ResNet-8 of width 2 for one channel and three classes, as this library names them.
tensors small_resnet(bool projection) {
  tensors all{{"conv1.weight", {2, 1, 3, 3}}};
  auto const norm = [&](std::string const& name, std::size_t channels) {
    for (char const* part : {"weight", "bias", "running_mean", "running_var"})
      all.push_back({name + "." + part, {channels}});
    all.push_back({name + ".num_batches_tracked", {}});
  };
  norm("bn1", 2);
  std::size_t in = 2;
  for (std::size_t segment = 1; segment <= 3; ++segment) {
    std::string const block = "layer" + std::to_string(segment) + ".0.";
    std::size_t const out = std::size_t{1} << segment;
    all.push_back({block + "conv1.weight", {out, in, 3, 3}});
    norm(block + "bn1", out);
    all.push_back({block + "conv2.weight", {out, out, 3, 3}});
    norm(block + "bn2", out);
    if (projection && segment > 1) {
      all.push_back({block + "downsample.0.weight", {out, in, 1, 1}});
      norm(block + "downsample.1", out);
    }
    in = out;
  }
  all.push_back({"fc.weight", {3, 8}});
  all.push_back({"fc.bias", {3}});
  return all;
}

/// What a network of those tensors looks like to whoever asks for its slots.
struct small_network {
  std::vector<nn::slot> slots, states;
  explicit small_network(bool projection) {
    for (auto const& [name, dims] : small_resnet(projection)) {
      if (name.ends_with("tracked")) continue;
      auto& list = name.find("running") == std::string::npos ? slots : states;
      list.push_back(nn::make_slot(name, nn::slot_kind::convolution, dims));
    }
  }
  [[nodiscard]] std::vector<nn::slot> const& parameters() const { return slots; }
  [[nodiscard]] std::vector<nn::slot> const& state() const { return states; }
};

struct saved {
  test::temporary_directory directory;
  std::filesystem::path path = directory / "net.safetensors";

  /// Tensor k of the list holds k, k + 1, ...
  template <class T = float>
  void write(
      tensors const& list, std::function<std::string(std::string)> const& rename = [](std::string n) { return n; },
      std::map<std::string, std::string> metadata = {}) const {
    io::safetensors file;
    file.metadata = std::move(metadata);
    for (std::size_t k = 0; k < list.size(); ++k) {
      auto const& [name, dims] = list[k];
      std::size_t size = 1;
      for (auto const d : dims) size *= d;
      if (name.ends_with("tracked")) {
        file.add(rename(name), dims, std::vector<std::int64_t>(1, 7));
        continue;
      }
      std::vector<T> values(size);
      for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<T>(k + i);
      file.add(rename(name), dims, values);
    }
    file.write(path);
  }
};

std::string replaced(std::string text, std::string const& from, std::string const& to) {
  if (auto const at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

}  // namespace

TEST_CASE("the form of the network is read from names and shapes", "[state_dict]") {
  saved const file;
  for (bool const projection : {true, false}) {
    file.write(small_resnet(projection));
    auto const o = train::state_dict::read(file.path).resnet(16, 8);
    CHECK(o.depth == 8);
    CHECK(o.width == 2);
    CHECK(o.classes == 3);
    CHECK(o.input == shape{1, 16, 8});
    CHECK(o.shortcut == (projection ? nn::shortcut_form::projection : nn::shortcut_form::padded));
    CHECK(o.butterfly_segments == 0);
  }
}

TEST_CASE("names of other programs mean the same tensors", "[state_dict]") {
  saved const file;
  small_network const net(true);
  file.write(small_resnet(true));
  auto const plain = train::state_dict::read(file.path).weights<float>(net);
  CHECK(plain.parameters.front() == 0);
  CHECK(plain.parameters[1] == 1);
  std::function<std::string(std::string)> const renames[] = {[](std::string n) { return "module." + n; },
      [](std::string n) { return "_orig_mod.module." + n; },
      [](std::string n) { return "module." + replaced(replaced(n, "downsample", "shortcut"), "fc.", "linear."); }};
  for (auto const& rename : renames) {
    file.write(small_resnet(true), rename);
    auto const d = train::state_dict::read(file.path);
    CHECK(d.resnet().shortcut == nn::shortcut_form::projection);
    CHECK(d.weights<float>(net) == plain);
  }
  file.write<double>(small_resnet(true));
  CHECK(train::state_dict::read(file.path).weights<float>(net) == plain);
}

TEST_CASE("chains are recognised by their factors", "[state_dict]") {
  saved const file;
  tensors list;
  for (auto const& [name, dims] : small_resnet(true)) {
    if (name == "layer3.0.conv1.weight" || name == "layer3.0.conv2.weight")
      for (int k = 0; k < 3; ++k)
        list.push_back({replaced(name, "weight", "factor" + std::to_string(k)), {1, 1, 1, 1}});
    else list.push_back({name, dims});
  }
  file.write(list);
  auto const o = train::state_dict::read(file.path).resnet();
  CHECK(o.butterfly_segments == 1);
  CHECK(o.butterfly_factors == 3);
}

TEST_CASE("the order of a chain's columns is what the file notes", "[state_dict]") {
  saved const file;
  auto const order = [&](std::map<std::string, std::string> const& metadata) {
    file.write(
        small_resnet(true), [](std::string n) { return n; }, metadata);
    return train::state_dict::read(file.path).resnet().unfolding;
  };
  CHECK(order({}) == nn::unfolding::channel_major);
  CHECK(order({{"note.unfolding", "channel_major"}}) == nn::unfolding::channel_major);
  CHECK(order({{"note.unfolding", "tap_major"}}) == nn::unfolding::tap_major);
  CHECK(order({{"note.unfolding", "shuffled"}}) == nn::unfolding::shuffled);
}

TEST_CASE("a file that is not the network is refused, and what is wrong is named", "[state_dict]") {
  saved const file;
  small_network const net(true);
  auto list = small_resnet(true);
  auto const refused = [&](tensors const& changed, std::string const& text) {
    file.write(changed);
    CHECK_THROWS_WITH(
        train::state_dict::read(file.path).weights<float>(net), Contains(text) && Contains(file.path.string()));
  };
  auto changed = list;
  changed.erase(changed.begin() + 3);
  refused(changed, "it has no tensor bn1.running_mean");
  changed = list;
  changed.push_back({"layer4.0.conv1.weight", {1}});
  refused(changed, "layer4.0.conv1.weight belongs to another network");
  changed = list;
  changed[0].second = {2, 3, 3, 1};
  refused(changed, "conv1.weight has another shape");
  changed = list;
  changed.push_back({"module.fc.bias", {3}});
  refused(changed, "are both fc.bias");
  refused({{"weight", {1}}}, "it has no tensor");
  CHECK_THROWS_AS(train::state_dict::read(file.path).resnet(), error);
}
