// SPDX-License-Identifier: MIT
// Networks saved by other programs: names, shapes and types that are understood, and those that are refused.
#include <papillon/train/state_dict.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <limits>
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
    if (name != "layer3.0.conv1.weight" && name != "layer3.0.conv2.weight") {
      list.push_back({name, dims});
      continue;
    }
    auto const chain = make_smallest_monotone(8, 9 * static_cast<int>(dims[1]), 3);
    for (std::size_t k = 0; k < 3; ++k) {
      auto const [a, b, c, d] = chain.factors()[k];
      auto const side = [](int n) { return static_cast<std::size_t>(n); };
      list.push_back({replaced(name, "weight", factor_name(k)), {side(a), side(b), side(c), side(d)}});
    }
  }
  file.write(list);
  auto const o = train::state_dict::read(file.path).resnet();
  CHECK(o.butterfly_segments == 1);
  CHECK(o.butterfly_factors == 3);

  auto const refused = [&](std::vector<std::size_t> dims, std::string const& why) {
    auto changed = list;
    for (auto& [name, old] : changed)
      if (name == "layer3.0.conv2.factor1") old = dims;
    file.write(changed);
    CHECK_THROWS_WITH(train::state_dict::read(file.path).resnet(), Contains(why) && Contains(file.path.string()));
  };
  refused({1, 1, 1, 1}, "layer3.0.conv2.* are not those of a butterfly network: chain: factor 0");
  refused({2, 4, 3}, "layer3.0.conv2.factor1 is no factor of a chain");
  refused({0, 1, 1, 1}, "start at 1");
}

TEST_CASE("every network of this library is one whose tensors are expected", "[state_dict]") {
  saved const file;
  for (int const depth : {8, 20})
    for (auto const shortcut : {nn::shortcut_form::projection, nn::shortcut_form::padded})
      for (int const segments : {0, 1, 3}) {
        nn::resnet_options const o{.depth = depth,
            .width = 4,
            .classes = 3,
            .input = {1, 8, 8},
            .shortcut = shortcut,
            .butterfly_segments = segments,
            .butterfly_factors = 3};
        auto const net = nn::make_resnet<float, 1>(o);
        tensors list;
        for (auto const* slots : {&net.parameters(), &net.state()})
          for (nn::slot const& s : *slots) list.push_back({s.name, s.dims});
        file.write(list);
        auto const d = train::state_dict::read(file.path);
        auto const found = d.resnet(8, 8);
        CHECK(found.depth == depth);
        CHECK(found.shortcut == shortcut);
        CHECK(found.butterfly_segments == segments);
        CHECK(d.weights<float>(net).parameters.size() == net.parameter_count());
        // A tensor less, or one of another shape, and it is none.
        for (std::size_t k = 0; k < list.size(); k += 5) {
          auto changed = list;
          changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(k));
          file.write(changed);
          CHECK_THROWS_AS(train::state_dict::read(file.path).resnet(8, 8), error);
          changed = list;
          changed[k].second.back() += 1;
          file.write(changed);
          CHECK_THROWS_AS(train::state_dict::read(file.path).resnet(8, 8), error);
        }
      }
}

TEST_CASE("a network that its file does not hold is refused before it is built", "[state_dict]") {
  saved const file;
  auto const refused = [&](tensors const& list, std::string const& why) {
    file.write(list);
    CHECK_THROWS_WITH(train::state_dict::read(file.path).resnet(), Contains(why) && Contains(file.path.string()));
  };
  // 800 channels wide, of no bytes.
  refused({{"conv1.weight", {800, 3, 0, 3}}, {"fc.weight", {0, 1}}, {"layer1.0.bn1.weight", {0}}}, "say 0 channels");
  refused({{"conv1.weight", {800, 3, 0, 3}}, {"fc.weight", {10, 0}}, {"layer1.0.bn1.weight", {0}}},
      "conv1.weight has another shape");
  // 4,000 blocks that are nothing but names.
  tensors blocks{{"conv1.weight", {800, 3, 0, 3}}, {"fc.weight", {10, 0}}};
  for (int i = 0; i < 4000; ++i) blocks.push_back({"layer1." + std::to_string(i) + ".bn1.weight", {0}});
  refused(blocks, "conv1.weight has another shape");
  auto list = small_resnet(true);
  for (int i = 1; i < 4000; ++i) list.push_back({"layer1." + std::to_string(i) + ".bn1.weight", {0}});
  refused(list, "it has no tensor layer1.1.conv1.weight");
  // Sizes that are no int.
  for (std::size_t const size : {std::size_t{1} << 31, (std::size_t{1} << 32) + 2, std::size_t{1} << 62}) {
    refused({{"conv1.weight", {size, 0, 3, 3}}, {"fc.weight", {10, 0}}, {"layer1.0.bn1.weight", {0}}},
        "say " + std::to_string(size) + " channels");
    refused({{"conv1.weight", {2, 1, 3, 3}}, {"fc.weight", {size, 0}}, {"layer1.0.bn1.weight", {2}}},
        "say " + std::to_string(size) + " channels");
  }
}

TEST_CASE("weights that are not finite are refused by name", "[state_dict]") {
  saved const file;
  small_network const net(true);
  auto const list = small_resnet(true);
  for (double const bad : {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity(), 1e300}) {
    io::safetensors changed;
    for (auto const& [name, dims] : list) {
      if (name.ends_with("tracked")) continue;
      std::size_t size = 1;
      for (auto const d : dims) size *= d;
      std::vector<double> values(size);
      if (name == "layer2.0.bn1.running_var") values[1] = bad;
      changed.add(name, dims, values);
    }
    changed.write(file.path);
    CHECK_THROWS_WITH(train::state_dict::read(file.path).weights<float>(net),
        Contains("layer2.0.bn1.running_var holds a number that is not finite, the one at 1"));
  }
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
