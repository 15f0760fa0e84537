// SPDX-License-Identifier: MIT
/// \file state_dict.hpp
/// A ResNet for CIFAR that another program trained: its state_dict in a safetensors file, under any of the names in
/// use. Understood: a leading "module." or "_orig_mod."; "shortcut" for "downsample", "linear" for "fc";
/// num_batches_tracked is left out; projection or parameter-free shortcuts; chains as NAME.factor0, NAME.factor1, ...
/// and this program's own checkpoints. Numbers may be F32, F64, F16 or BF16. Names and shapes are compared with what
/// the network will have before there is one, so that it is never larger than the file. What does not fit, and what is
/// not finite, is papillon::error (bad_input) with the file and the tensor.
#pragma once

#include <algorithm>
#include <iterator>
#include <set>
#include <variant>

#include <papillon/error.hpp>
#include <papillon/io/finite.hpp>
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
    // A checkpoint's masks repeat the zeros of its weights; a training's momentum and best weights are not the network.
    bool const own = d.has_text("format", "papillon");
    auto const beside = [&](std::string_view name) {
      return std::ranges::any_of(std::array{"mask.", "best.", "velocity.", "first_moment.", "second_moment."},
          [&](char const* prefix) { return name.starts_with(prefix); });
    };
    auto const& entries = d.file_.entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      std::string const name = usual_name(entries[i].name);
      if (name.ends_with(".num_batches_tracked") || (own && beside(name))) continue;
      if (auto const [at, fresh] = d.entries_.emplace(name, i); !fresh)
        d.fail("tensors " + entries[at->second].name + " and " + entries[i].name + " are both " + name);
    }
    return d;
  }

  /// The network that has these tensors, all of them and no others, for images of a height and width.
  [[nodiscard]] nn::resnet_options resnet(int height = 32, int width = 32) const {
    nn::resnet_options o;
    auto const& first = entry("conv1.weight").dims;
    auto const& last = entry("fc.weight").dims;
    if (first.size() != 4 || last.size() != 2) fail("conv1.weight and fc.weight are not a convolution and a matrix");
    for (std::size_t const n : {first[0], first[1], last[0]})
      if (n < 1 || n > most_channels)
        fail(message("conv1.weight and fc.weight say ", n, " channels or classes, there are 1 to ", most_channels));
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
    if (has_text("note.unfolding", "shuffled")) o.unfolding = nn::unfolding::shuffled;
    compare(o);
    return o;
  }

  /// Its values, for a network with the same tensors; each must be there, and none may be left over.
  template <class T, class Network> [[nodiscard]] nn::weights<T> weights(Network const& net) const {
    nn::weights<T> w;
    std::set<std::string> used;
    for (auto const& [slots, values] : {std::pair(&net.parameters(), &w.parameters), std::pair(&net.state(), &w.state)})
      for (nn::slot const& s : *slots) {
        require(s.name, s.dims, used);
        append(entry(s.name), *values);
      }
    require_no_others(used);
    return w;
  }

 private:
  static constexpr std::size_t most_channels = 1 << 20;  ///< of an image or of the first segment; sizes stay ints

  /// That a tensor has these dims.
  void require(std::string const& name, std::vector<std::size_t> const& dims, std::set<std::string>& used) const {
    auto const& e = entry(name);
    if (e.dims != dims) fail("its tensor " + e.name + " has another shape than the network's");
    used.insert(name);
  }
  void require_no_others(std::set<std::string> const& used) const {
    for (auto const& [name, i] : entries_)
      if (!used.contains(name)) fail("its tensor " + file_.entries()[i].name + " belongs to another network");
  }

  /// Compares all names and shapes with the slots that nn::make_resnet(o) would have. It ends at the first that is not
  /// there, so its work too is bounded by the file.
  void compare(nn::resnet_options const& o) const {
    std::set<std::string> used;
    auto const norm = [&](std::string const& name, std::size_t channels) {
      for (char const* part : {".weight", ".bias", ".running_mean", ".running_var"})
        require(name + part, {channels}, used);
    };
    auto const weight = [&](std::string const& name, std::size_t out, std::size_t in, std::size_t kernel) {
      require(name + ".weight", {out, in, kernel, kernel}, used);
    };
    auto const convolution = [&](std::string const& name, std::size_t out, std::size_t in, bool chain) {
      if (chain) require_chain(name, out, 9 * in, o.butterfly_factors, used);
      else weight(name, out, in, 3);
    };
    std::size_t in = static_cast<std::size_t>(o.width);
    weight("conv1", in, static_cast<std::size_t>(o.input.channels), 3);
    norm("bn1", in);
    for (int segment = 0; segment < 3; ++segment)
      for (int block = 0; block < (o.depth - 2) / 6; ++block) {
        auto const name = message("layer", segment + 1, ".", block);
        bool const chain = segment >= 3 - o.butterfly_segments;
        std::size_t const out = static_cast<std::size_t>(o.width) << segment;
        convolution(name + ".conv1", out, in, chain);
        norm(name + ".bn1", out);
        convolution(name + ".conv2", out, out, chain);
        norm(name + ".bn2", out);
        if (in != out && o.shortcut == nn::shortcut_form::projection) {
          weight(name + ".downsample.0", out, in, 1);
          norm(name + ".downsample.1", out);
        }
        in = out;
      }
    require("fc.weight", {static_cast<std::size_t>(o.classes), in}, used);
    require("fc.bias", {static_cast<std::size_t>(o.classes)}, used);
    require_no_others(used);
  }

  /// That the factors are those of the smallest monotone chain. Which one that is takes a search, so first they must be
  /// a chain of that size.
  void require_chain(
      std::string const& name, std::size_t rows, std::size_t cols, int factors, std::set<std::string>& used) const {
    std::vector<pattern> found;
    for (int k = 0; k < factors; ++k) {
      auto const& e = entry(name + "." + factor_name(static_cast<std::size_t>(k)));
      if (e.dims.size() != 4 || std::ranges::any_of(e.dims, [](std::size_t d) { return d > most_channels; }))
        fail("its tensor " + e.name + " is no factor of a chain");
      auto const side = [&](std::size_t i) { return static_cast<int>(e.dims[i]); };
      found.push_back({side(0), side(1), side(2), side(3)});
      used.insert(name + "." + factor_name(static_cast<std::size_t>(k)));
    }
    auto const misfit = [&](std::string const& why) {
      fail("its factors " + name + ".* are not those of a butterfly network" + why);
    };
    try {
      runtime_chain const chain(std::move(found));
      if (static_cast<std::size_t>(chain.rows()) == rows && static_cast<std::size_t>(chain.cols()) == cols &&
          chain == make_smallest_monotone(chain.rows(), chain.cols(), factors))
        return;
    } catch (error const& e) {
      misfit(message(": ", e.what()));
    }
    misfit("");
  }

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
  [[nodiscard]] bool has(std::string const& name) const { return entries_.contains(name); }
  [[nodiscard]] bool has_text(std::string const& key, std::string_view start) const {
    auto const found = file_.metadata.find(key);
    return found != file_.metadata.end() && std::string_view(found->second).starts_with(start);
  }
  [[nodiscard]] io::safetensors::entry const& entry(std::string const& name) const {
    auto const found = entries_.find(name);
    if (found == entries_.end()) fail("it has no tensor " + name);
    return file_.entries()[found->second];
  }

  template <class T> void append(io::safetensors::entry const& e, std::vector<T>& values) const {
    std::visit(
        [&]<class U>(std::vector<U> const& v) {
          if constexpr (std::is_floating_point_v<U>) {
            auto const before = values.size();
            std::ranges::transform(
                v, std::back_inserter(values), [](U x) { return static_cast<T>(x); });
            auto const added = std::span(values).subspan(before);
            if (auto const at = io::first_not_finite(added); at < added.size())
              fail(message("its tensor ", e.name, " holds a number that is not finite, the one at ", at));
          } else fail("its tensor " + e.name + " holds whole numbers");
        },
        e.values);
  }

  [[noreturn]] void fail(std::string const& why) const {
    throw error(errc::bad_input,
        message("cannot use the network in ", path_, " (", why, ") save the whole state_dict of a ResNet for CIFAR"));
  }

  std::string path_;
  io::safetensors file_;
  std::map<std::string, std::size_t> entries_;  ///< by their usual names, number of the entry in the file
};

}  // namespace papillon::train
