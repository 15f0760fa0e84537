// SPDX-License-Identifier: MIT
/// \file state_dict.hpp
/// A ResNet for CIFAR that another program trained: its state_dict in a safetensors file, under any of the names in
/// use. Understood: a leading "module." or "_orig_mod."; "shortcut" for "downsample", "linear" for "fc";
/// num_batches_tracked is left out; projection or parameter-free shortcuts; chains as NAME.factor0, NAME.factor1, ...
/// and this program's own checkpoints. Numbers may be F32, F64, F16 or BF16. What does not fit is papillon::error
/// (bad_input) with the file and the tensor.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/io/safetensors.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/network.hpp>
#include <papillon/structure/factor_name.hpp>

namespace papillon::inline PAPILLON_ISA::train {

class state_dict {
 public:
  [[nodiscard]] static state_dict read(std::filesystem::path const& path) {
    state_dict d;
    d.path_ = path.string();
    d.file_ = io::safetensors::read(path);
    bool const own = d.has_text("format", "papillon");
    for (auto const& e : d.file_.entries()) {
      std::string const name = usual_name(e.name);
      if (name.ends_with(".num_batches_tracked")) continue;
      // A checkpoint's masks repeat the zeros of its weights; a training's momentum and best weights are not the
      // network.
      if (own && (name.starts_with("mask.") || name.starts_with("velocity.") || name.starts_with("best."))) continue;
      if (!d.stored_as_.emplace(name, e.name).second)
        d.fail("tensors " + d.stored_as_[name] + " and " + e.name + " are both " + name);
    }
    return d;
  }

  /// The network that has these tensors, for images of a height and width.
  [[nodiscard]] nn::resnet_options resnet(int height = 32, int width = 32) const {
    nn::resnet_options o;
    auto const& first = dims("conv1.weight");
    auto const& last = dims("fc.weight");
    if (first.size() != 4 || last.size() != 2) fail("conv1.weight and fc.weight are not a convolution and a matrix");
    o.width = static_cast<int>(first[0]);
    o.classes = static_cast<int>(last[0]);
    o.input = {static_cast<int>(first[1]), height, width};
    int const blocks = count([](int i) { return message("layer1.", i, ".bn1.weight"); });
    if (blocks == 0) fail("it has no layer1.0.bn1.weight: it is no ResNet of three segments");
    o.depth = 6 * blocks + 2;
    o.shortcut = has("layer2.0.downsample.0.weight") ? nn::shortcut_form::projection : nn::shortcut_form::padded;
    o.butterfly_segments = count([](int i) { return message("layer", 3 - i, ".0.conv1.", factor_name(0)); });
    if (o.butterfly_segments > 0)
      o.butterfly_factors = count([](int i) { return "layer3.0.conv1." + factor_name(static_cast<std::size_t>(i)); });
    if (has_text("note.unfolding", "tap_major")) o.unfolding = nn::unfolding::tap_major;
    return o;
  }

  /// Its values, for a network with the same tensors; each must be there, and none may be left over.
  template <class T, class Network> [[nodiscard]] nn::weights<T> weights(Network const& net) const {
    nn::weights<T> w;
    std::size_t used = 0;
    for (auto const& [slots, values] : {std::pair(&net.parameters(), &w.parameters), std::pair(&net.state(), &w.state)})
      for (nn::slot const& s : *slots) {
        if (dims(s.name) != s.dims) fail("its tensor " + stored_name(s.name) + " has another shape than the network's");
        append(stored_name(s.name), *values);
        ++used;
      }
    if (used < stored_as_.size())
      for (auto const& stored : stored_as_) {
        auto const is_it = [&](nn::slot const& s) { return s.name == stored.first; };
        if (std::none_of(net.parameters().begin(), net.parameters().end(), is_it) &&
            std::none_of(net.state().begin(), net.state().end(), is_it))
          fail("its tensor " + stored.second + " belongs to another network");
      }
    return w;
  }

 private:
  static std::string usual_name(std::string name) {
    for (std::string_view const prefix : {"module.", "_orig_mod.", "module."})
      if (name.starts_with(prefix)) name.erase(0, prefix.size());
    if (name.starts_with("linear.")) name.replace(0, 6, "fc");
    if (auto const at = name.find(".shortcut."); at != std::string::npos) name.replace(at, 10, ".downsample.");
    return name;
  }

  template <class F> [[nodiscard]] int count(F const& name_of) const {
    int n = 0;
    while (has(name_of(n))) ++n;
    return n;
  }
  [[nodiscard]] bool has(std::string const& name) const { return stored_as_.contains(name); }
  [[nodiscard]] bool has_text(std::string const& key, std::string_view start) const {
    auto const found = file_.metadata.find(key);
    return found != file_.metadata.end() && std::string_view(found->second).starts_with(start);
  }
  [[nodiscard]] std::string const& stored_name(std::string const& name) const {
    auto const found = stored_as_.find(name);
    if (found == stored_as_.end()) fail("it has no tensor " + name);
    return found->second;
  }
  [[nodiscard]] std::vector<std::size_t> const& dims(std::string const& name) const {
    return file_.dims(stored_name(name));
  }

  template <class T> void append(std::string const& stored, std::vector<T>& values) const {
    for (auto const& e : file_.entries())
      if (e.name == stored)
        std::visit(
            [&]<class U>(std::vector<U> const& v) {
              if constexpr (std::is_floating_point_v<U>)
                for (U const x : v) values.push_back(static_cast<T>(x));
              else fail("its tensor " + stored + " holds whole numbers");
            },
            e.values);
  }

  [[noreturn]] void fail(std::string const& why) const {
    throw error(errc::bad_input,
        message("cannot use the network in ", path_, " (", why, ") save the whole state_dict of a ResNet for CIFAR"));
  }

  std::string path_;
  io::safetensors file_;
  std::map<std::string, std::string> stored_as_;  ///< name here -> name in the file
};

}  // namespace papillon::train
