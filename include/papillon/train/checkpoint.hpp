// SPDX-License-Identifier: MIT
/// \file checkpoint.hpp
/// Checkpoints: safetensors files with PyTorch's names ("layer1.0.bn1.running_mean"), written atomically.
/// A weights checkpoint is a network, ready to be used; a training checkpoint resumes a training bit-identically: it
/// holds also what the optimiser remembers ("velocity.NAME" of SGD), "best.NAME" (the best weights so far) and
/// "beside.NAME" (what else it remembers, of any size). Pruned networks add "mask.NAME" of type U8. The metadata record
/// the format, a hash of the contents and one of the slots. Reading checks all of it, and every name and size against
/// the network; what does not fit or is not finite is papillon::error (bad_input) with the file and the first thing
/// that is wrong.
#pragma once

#include <algorithm>
#include <charconv>
#include <set>
#include <variant>

#include <papillon/error.hpp>
#include <papillon/io/finite.hpp>
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
inline constexpr char const* beside_prefix = "beside.";

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

/// Writes what the functions that describe a checkpoint name; checkpoint_reader has the same members. Network is any
/// type with parameters() and state(), lists of slots.
template <class Network> class checkpoint_writer {
 public:
  explicit checkpoint_writer(Network const& net) : net_(&net) {}

  template <class T> void weights(std::string const& prefix, nn::weights<T> const& w) {
    parameters(prefix, std::span<T const>(w.parameters));
    add(prefix, net_->state(), std::span<T const>(w.state));
  }
  /// One array after another, each of a parameter's size.
  template <class T> void arrays(std::vector<std::string> const& names, std::vector<T> const& values) {
    std::size_t const count = values.size() / names.size();
    for (std::size_t k = 0; k < names.size(); ++k)
      parameters(names[k] + ".", std::span<T const>(values).subspan(k * count, count));
  }
  template <class T> void beside(named_arrays<T> const& arrays) {
    for (auto const& [name, values] : arrays) file_.add(beside_prefix + name, {values.size()}, values);
  }
  void mask(std::vector<std::uint8_t> const& keep) {
    if (!keep.empty()) parameters("mask.", std::span<std::uint8_t const>(keep));
  }
  /// As the shortest text that reads back as the same number.
  template <class Number> void number(std::string const& key, Number value) {
    char text[32];
    file_.metadata[key] = {text, std::to_chars(text, text + sizeof text, value).ptr};
  }
  void notes(checkpoint_notes const& notes) {
    for (auto const& [key, text] : notes) file_.metadata[note_prefix + key] = text;
  }

  void write(std::filesystem::path const& path, char const* format) {
    file_.metadata["format"] = format;
    file_.metadata["slots"] = slots_hash(net_->parameters(), net_->state());
    file_.metadata["sha256"] = contents_hash(file_);
    file_.write(path);
  }

 private:
  template <class T> void parameters(std::string const& prefix, std::span<T const> values) {
    add(prefix, net_->parameters(), values);
  }
  template <class T>
  void add(std::string const& prefix, std::vector<nn::slot> const& slots, std::span<T const> values) {
    for (nn::slot const& s : slots) file_.add(prefix + s.name, s.dims, values.subspan(s.offset, s.size));
  }

  Network const* net_;
  io::safetensors file_;
};

template <class Network> class checkpoint_reader {
 public:
  /// Checks all but the tensors that are asked for later.
  checkpoint_reader(Network const& net, std::filesystem::path const& path, char const* format)
      : net_(&net), path_(path.string()), file_(io::safetensors::read(path)) {
    auto const found = file_.metadata.find("format");
    if (found == file_.metadata.end()) fail("it is not a checkpoint of this program");
    if (found->second != format) fail("its format is \"" + found->second + "\", not \"" + format + "\"");
    if (file_.text_of("sha256") != contents_hash(file_))
      fail("its contents do not have the SHA-256 it claims: it is damaged");
    auto const& slots = net.parameters();
    if (std::any_of(slots.begin(), slots.end(), [&](auto const& s) { return file_.contains("mask." + s.name); }))
      get("mask.", slots, keep_);
    if (std::any_of(keep_.begin(), keep_.end(), [](std::uint8_t k) { return k > 1; }))
      fail("its mask has values other than 0 and 1");
  }

  template <class T> void weights(std::string const& prefix, nn::weights<T>& w) {
    parameters(prefix, w.parameters);
    get(prefix, net_->state(), w.state);
  }
  template <class T> void arrays(std::vector<std::string> const& names, std::vector<T>& values) {
    for (auto const& name : names) {
      std::vector<T> array;
      parameters(name + ".", array);
      values.insert(values.end(), array.begin(), array.end());
    }
  }
  template <class T> void beside(named_arrays<T>& arrays) {
    std::string_view const prefix = beside_prefix;
    for (auto const& e : file_.entries()) {
      if (!std::string_view(e.name).starts_with(prefix) || used_.contains(e.name)) continue;
      auto const read = finite<T>(e.name, {file_.template get<T>(e.name).size()});
      arrays[e.name.substr(prefix.size())].assign(read.begin(), read.end());
    }
  }
  void mask(std::vector<std::uint8_t>& keep) const { keep = keep_; }
  template <class Number> void number(std::string const& key, Number& value) const {
    std::string const& text = file_.text_of(key);
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size())
      fail("its metadata \"" + key + "\" is \"" + text + "\", not a number");
    if constexpr (std::is_floating_point_v<Number>)
      if (!std::isfinite(value)) fail("its metadata \"" + key + "\" is \"" + text + "\", not a finite number");
  }
  void notes(checkpoint_notes& notes) const {
    std::string_view const prefix = note_prefix;
    for (auto const& [key, text] : file_.metadata)
      if (std::string_view(key).starts_with(prefix)) notes[key.substr(prefix.size())] = text;
  }

  /// Fails unless everything in the file was asked for and belongs to slots like the network's.
  void finish() const {
    for (auto const& e : file_.entries())
      if (!used_.contains(e.name)) fail("its tensor " + e.name + " belongs to another network");
    if (file_.text_of("slots") != slots_hash(net_->parameters(), net_->state()))
      fail("its parameters belong to another network");
  }

 private:
  [[noreturn]] void fail(std::string const& why) const {
    throw error(
        errc::bad_input, message("cannot use checkpoint ", path_, " (", why, ") use a whole one of the same network"));
  }
  /// Pruned entries must be zero.
  template <class T> void parameters(std::string const& prefix, std::vector<T>& values) {
    get(prefix, net_->parameters(), values);
    if (keep_.empty()) return;
    for (nn::slot const& s : net_->parameters())
      for (std::size_t i = s.offset; i < s.offset + s.size; ++i)
        if (keep_[i] == 0 && values[i] != T{}) fail("tensor " + prefix + s.name + " is not zero where its mask is");
  }
  template <class T> void get(std::string const& prefix, std::vector<nn::slot> const& slots, std::vector<T>& values) {
    for (nn::slot const& s : slots) {
      values.resize(std::max(values.size(), s.offset + s.size));
      std::ranges::copy(finite<T>(prefix + s.name, s.dims), values.data() + s.offset);
    }
  }
  template <class T>
  [[nodiscard]] std::span<T const> finite(std::string const& name, std::vector<std::size_t> const& dims) {
    auto const read = file_.template get<T>(name, dims);
    if (auto const at = io::first_not_finite(read); at < read.size())
      fail(message("tensor ", name, " holds a number that is not finite, the one at ", at));
    used_.insert(name);
    return read;
  }

  Network const* net_;
  std::string path_;
  io::safetensors file_;
  std::vector<std::uint8_t> keep_;
  std::set<std::string> used_;  ///< names asked for
};

/// What a checkpoint holds, for a writer or a reader of it.
template <class File, class Checkpoint> void describe_weights(File& file, Checkpoint& c) {
  file.weights("", c.weights);
  file.mask(c.keep);
  file.number("epoch", c.epoch);
  file.number("accuracy", c.accuracy);
  file.notes(c.notes);
}
template <class File, class Checkpoint>
void describe_training(File& file, Checkpoint& c, std::vector<std::string> const& remembered) {
  file.weights("", c.state.last);
  file.arrays(remembered, c.state.optimiser);
  file.weights("best.", c.state.best);
  file.beside(c.state.beside);
  file.mask(c.keep);
  file.number("epochs", c.state.epochs);
  file.number("best_epoch", c.state.best_epoch);
  file.number("best_accuracy", c.state.best_accuracy);
  file.notes(c.notes);
}

}  // namespace detail

/// The notes of a checkpoint of any network, once its contents have been found to be those that it claims. Throws
/// papillon::error (bad_input) for a file that is damaged, or no checkpoint.
[[nodiscard]] inline checkpoint_notes check_contents(std::filesystem::path const& path) {
  auto const file = io::safetensors::read(path);
  auto const format = file.metadata.find("format"), claimed = file.metadata.find("sha256");
  bool const known = format != file.metadata.end() && claimed != file.metadata.end() &&
                     (format->second == detail::weights_format || format->second == detail::training_format);
  if (!known || claimed->second != detail::contents_hash(file))
    throw error(errc::bad_input, message("cannot use checkpoint ", path.string(), " (",
                                     (known ? "its contents do not have the SHA-256 it claims: it is damaged"
                                            : "it is not a checkpoint of this program"),
                                     ") use a whole one"));
  checkpoint_notes notes;
  std::string_view const prefix = detail::note_prefix;
  for (auto const& [key, text] : file.metadata)
    if (std::string_view(key).starts_with(prefix)) notes[key.substr(prefix.size())] = text;
  return notes;
}

/// Writes a network. Throws papillon::error (failed) if the file cannot be written; an older file then stays.
template <class Network, class T>
void save_weights(std::filesystem::path const& path, Network const& net, weights_checkpoint<T> const& c) {
  detail::checkpoint_writer file(net);
  detail::describe_weights(file, c);
  file.write(path, detail::weights_format);
}

/// Reads a network's weights: `net` itself, or one with the same slots (the dense network for its pruned ones).
template <class T, class Network>
[[nodiscard]] weights_checkpoint<T> load_weights(std::filesystem::path const& path, Network const& net) {
  detail::checkpoint_reader file(net, path, detail::weights_format);
  weights_checkpoint<T> c;
  detail::describe_weights(file, c);
  file.finish();
  return c;
}

/// Writes a training that can be resumed. `remembered`: the state_names of the optimiser. Errors as for save_weights;
/// (usage) if these are not the optimiser's that the training was made with.
template <class Network, class T>
void save_training(std::filesystem::path const& path, Network const& net, training_checkpoint<T> const& c,
    std::vector<std::string> const& remembered = {"velocity"}) {
  if (c.state.optimiser.size() != remembered.size() * c.state.last.parameters.size())
    throw error(errc::usage, message("cannot save the training (its optimiser remembers ", c.state.optimiser.size(),
                                 " numbers, not ", remembered.size(), " for each of ", c.state.last.parameters.size(),
                                 " parameters) pass the state_names of its optimiser"));
  detail::checkpoint_writer file(net);
  detail::describe_training(file, c, remembered);
  file.write(path, detail::training_format);
}

/// Reads a training of `net`, or of one with the same slots.
template <class T, class Network>
[[nodiscard]] training_checkpoint<T> load_training(
    std::filesystem::path const& path, Network const& net, std::vector<std::string> const& remembered = {"velocity"}) {
  detail::checkpoint_reader file(net, path, detail::training_format);
  training_checkpoint<T> c;
  detail::describe_training(file, c, remembered);
  file.finish();
  return c;
}

}  // namespace papillon::train
