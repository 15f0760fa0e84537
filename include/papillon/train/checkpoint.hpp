// SPDX-License-Identifier: MIT
/// \file checkpoint.hpp
/// Checkpoints: safetensors files with PyTorch's names ("layer1.0.bn1.running_mean"), written atomically.
/// A weights checkpoint is a network, ready to be used; a training checkpoint resumes a training bit-identically: it
/// holds also what the optimiser remembers ("velocity.NAME" of SGD) and "best.NAME" (the best weights so far). Pruned
/// networks add "mask.NAME" of type U8. The metadata record the format, a hash of the contents and one of the slots.
/// Reading checks all of it, and every name and size against the network; what does not fit is papillon::error
/// (bad_input) with the file and the first thing that is wrong.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/io/safetensors.hpp>
#include <papillon/io/sha256.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/nn/run/network.hpp>
#include <papillon/train/training_state.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// Free text that travels in a checkpoint's metadata: the network's structure, lanes, build, ...
using checkpoint_notes = std::map<std::string, std::string>;

/// A network and where it comes from.
template <class T> struct weights_checkpoint {
  nn::weights<T> weights;
  std::vector<std::uint8_t> keep{};  ///< one byte for each parameter, 0 = pruned; empty: not pruned
  int epoch = -1;                    ///< at whose end these weights were taken, counted from 0; -1: unknown
  double accuracy = 0;               ///< on the validation images, a fraction
  checkpoint_notes notes{};
};

/// A training between two epochs.
template <class T> struct training_checkpoint {
  training_state<T> state;
  std::vector<std::uint8_t> keep{};  ///< as above
  checkpoint_notes notes{};
};

namespace detail {

inline constexpr char const* weights_format = "papillon weights 1";
inline constexpr char const* training_format = "papillon training 1";
inline constexpr char const* note_prefix = "note.";

/// SHA-256 of names, kinds and dims: equal for networks whose buffers mean the same.
[[nodiscard]] inline std::string slots_hash(std::span<nn::slot const> parameters, std::span<nn::slot const> state) {
  std::string text;
  for (auto const slots : {parameters, state}) {
    for (nn::slot const& s : slots) {
      text += s.name + " " + std::to_string(static_cast<int>(s.kind));
      for (std::size_t const d : s.dims) text += " " + std::to_string(d);
      text += "\n";
    }
    text += "\n";
  }
  return io::sha256_hex(std::string_view(text));
}

/// SHA-256 of all metadata but itself and of all tensors' names and bytes, in the file's order.
[[nodiscard]] inline std::string contents_hash(io::safetensors const& file) {
  io::sha256 hash;
  for (auto const& [key, text] : file.metadata)
    if (key != "sha256") hash.update(key + "=" + text + "\n");
  for (auto const& e : file.entries()) {
    hash.update(std::string_view(e.name));
    std::visit([&](auto const& values) { hash.update(std::as_bytes(std::span(values))); }, e.values);
  }
  return io::to_hex(hash.finish());
}

/// The shortest text that reads back as the same number.
[[nodiscard]] inline std::string exact_text(double x) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, x).ptr};
}

/// One checkpoint being written or read; Network is any type with parameters() and state(), lists of slots.
template <class Network> class checkpoint_file {
 public:
  explicit checkpoint_file(Network const& net) : net_(&net) {}

  template <class T> void add_weights(std::string const& prefix, nn::weights<T> const& w) {
    add(prefix, net_->parameters(), std::span<T const>(w.parameters));
    add(prefix, net_->state(), std::span<T const>(w.state));
  }
  template <class T> void add_parameters(std::string const& prefix, std::span<T const> values) {
    add(prefix, net_->parameters(), values);
  }
  void add_mask(std::span<std::uint8_t const> keep) {
    if (!keep.empty()) add("mask.", net_->parameters(), keep);
  }
  void add_text(std::string const& key, std::string const& text) { file_.metadata[key] = text; }
  void add_notes(checkpoint_notes const& notes) {
    for (auto const& [key, text] : notes) file_.metadata[note_prefix + key] = text;
  }

  void write(std::filesystem::path const& path, char const* format) {
    file_.metadata["format"] = format;
    file_.metadata["slots"] = slots_hash(net_->parameters(), net_->state());
    file_.metadata["sha256"] = contents_hash(file_);
    file_.write(path);
  }

  /// Reads a file and checks all but the tensors that get_weights and the others ask for.
  void read(std::filesystem::path const& path, char const* format) {
    path_ = path.string();
    file_ = io::safetensors::read(path);
    auto const found = file_.metadata.find("format");
    if (found == file_.metadata.end()) fail("it is not a checkpoint of this program");
    if (found->second != format) fail("its format is \"" + found->second + "\", not \"" + format + "\"");
    if (file_.text_of("sha256") != contents_hash(file_))
      fail("its contents do not have the SHA-256 it claims: it is damaged");
  }

  template <class T> [[nodiscard]] nn::weights<T> get_weights(std::string const& prefix) {
    nn::weights<T> w;
    get(prefix, net_->parameters(), w.parameters);
    get(prefix, net_->state(), w.state);
    return w;
  }
  template <class T> [[nodiscard]] std::vector<T> get_parameters(std::string const& prefix) {
    std::vector<T> values;
    get(prefix, net_->parameters(), values);
    return values;
  }
  /// The mask, or nothing if the network is not pruned.
  [[nodiscard]] std::vector<std::uint8_t> get_mask() {
    auto const& slots = net_->parameters();
    bool const masked =
        std::any_of(slots.begin(), slots.end(), [&](nn::slot const& s) { return file_.contains("mask." + s.name); });
    auto keep = masked ? get_parameters<std::uint8_t>("mask.") : std::vector<std::uint8_t>{};
    if (std::any_of(keep.begin(), keep.end(), [](std::uint8_t k) { return k > 1; }))
      fail("its mask has values other than 0 and 1");
    return keep;
  }
  /// Fails if a pruned entry of `values` is not zero.
  template <class T>
  void check_pruned(std::span<std::uint8_t const> keep, std::span<T const> values, std::string const& prefix) const {
    if (keep.empty()) return;
    for (nn::slot const& s : net_->parameters()) {
      for (std::size_t i = s.offset; i < s.offset + s.size; ++i)
        if (keep[i] == 0 && values[i] != T{}) fail("tensor " + prefix + s.name + " is not zero where its mask is");
    }
  }
  template <class Number> [[nodiscard]] Number get_number(std::string const& key) const {
    std::string const& text = file_.text_of(key);
    Number value{};
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size())
      fail("its metadata \"" + key + "\" is \"" + text + "\", not a number");
    return value;
  }
  [[nodiscard]] checkpoint_notes get_notes() const {
    checkpoint_notes notes;
    std::string_view const prefix = note_prefix;
    for (auto const& [key, text] : file_.metadata)
      if (std::string_view(key).starts_with(prefix)) notes[key.substr(prefix.size())] = text;
    return notes;
  }

  /// Fails unless everything in the file was asked for and belongs to slots like the network's.
  void finish() const {
    for (auto const& e : file_.entries())
      if (std::find(used_.begin(), used_.end(), e.name) == used_.end())
        fail("its tensor " + e.name + " belongs to another network");
    if (file_.text_of("slots") != slots_hash(net_->parameters(), net_->state()))
      fail("its parameters belong to another network");
  }

  [[noreturn]] void fail(std::string const& why) const {
    throw error(
        errc::bad_input, message("cannot use checkpoint ", path_, " (", why, ") use a whole one of the same network"));
  }

 private:
  template <class T>
  void add(std::string const& prefix, std::vector<nn::slot> const& slots, std::span<T const> values) {
    for (nn::slot const& s : slots) file_.add(prefix + s.name, s.dims, values.subspan(s.offset, s.size));
  }
  template <class Values> void get(std::string const& prefix, std::vector<nn::slot> const& slots, Values& values) {
    using T = typename Values::value_type;
    for (nn::slot const& s : slots) {
      values.resize(std::max(values.size(), s.offset + s.size));
      auto const tensor = file_.template get<T>(prefix + s.name, s.dims);
      std::copy(tensor.begin(), tensor.end(), values.begin() + static_cast<std::ptrdiff_t>(s.offset));
      used_.push_back(prefix + s.name);
    }
  }

  Network const* net_;
  std::string path_;
  io::safetensors file_;
  std::vector<std::string> used_;  // names asked for
};

}  // namespace detail

/// Writes a network. Throws papillon::error (failed) if the file cannot be written; an older file then stays.
template <class Network, class T>
void save_weights(std::filesystem::path const& path, Network const& net, weights_checkpoint<T> const& c) {
  detail::checkpoint_file file(net);
  file.add_weights("", c.weights);
  file.add_mask(c.keep);
  file.add_text("epoch", std::to_string(c.epoch));
  file.add_text("accuracy", detail::exact_text(c.accuracy));
  file.add_notes(c.notes);
  file.write(path, detail::weights_format);
}

/// Reads a network's weights: `net` itself, or one with the same slots (the dense network for its pruned ones).
template <class T, class Network>
[[nodiscard]] weights_checkpoint<T> load_weights(std::filesystem::path const& path, Network const& net) {
  detail::checkpoint_file file(net);
  file.read(path, detail::weights_format);
  weights_checkpoint<T> c;
  c.weights = file.template get_weights<T>("");
  c.keep = file.get_mask();
  c.epoch = file.template get_number<int>("epoch");
  c.accuracy = file.template get_number<double>("accuracy");
  c.notes = file.get_notes();
  file.check_pruned(c.keep, std::span<T const>(c.weights.parameters), "");
  file.finish();
  return c;
}

/// Writes a training that can be resumed. Errors as for save_weights. `remembered`: the state_names of the optimiser.
template <class Network, class T>
void save_training(std::filesystem::path const& path, Network const& net, training_checkpoint<T> const& c,
    std::vector<std::string> const& remembered = {"velocity"}) {
  detail::checkpoint_file file(net);
  file.add_weights("", c.state.last);
  std::size_t const count = c.state.optimiser.size() / remembered.size();
  for (std::size_t k = 0; k < remembered.size(); ++k)
    file.add_parameters(remembered[k] + ".", std::span<T const>(c.state.optimiser).subspan(k * count, count));
  file.add_weights("best.", c.state.best);
  file.add_mask(c.keep);
  file.add_text("epochs", std::to_string(c.state.epochs));
  file.add_text("best_epoch", std::to_string(c.state.best_epoch));
  file.add_text("best_accuracy", detail::exact_text(c.state.best_accuracy));
  file.add_notes(c.notes);
  file.write(path, detail::training_format);
}

/// Reads a training of `net`, or of one with the same slots.
template <class T, class Network>
[[nodiscard]] training_checkpoint<T> load_training(
    std::filesystem::path const& path, Network const& net, std::vector<std::string> const& remembered = {"velocity"}) {
  detail::checkpoint_file file(net);
  file.read(path, detail::training_format);
  training_checkpoint<T> c;
  c.state.last = file.template get_weights<T>("");
  c.keep = file.get_mask();
  for (auto const& name : remembered) {
    auto const values = file.template get_parameters<T>(name + ".");
    file.check_pruned(c.keep, std::span<T const>(values), name + ".");
    c.state.optimiser.insert(c.state.optimiser.end(), values.begin(), values.end());
  }
  c.state.best = file.template get_weights<T>("best.");
  c.state.epochs = file.template get_number<int>("epochs");
  c.state.best_epoch = file.template get_number<int>("best_epoch");
  c.state.best_accuracy = file.template get_number<double>("best_accuracy");
  c.notes = file.get_notes();
  file.check_pruned(c.keep, std::span<T const>(c.state.last.parameters), "");
  file.check_pruned(c.keep, std::span<T const>(c.state.best.parameters), "best.");
  file.finish();
  return c;
}

}  // namespace papillon::train
