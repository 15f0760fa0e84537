// SPDX-License-Identifier: MIT
/// \file safetensors.hpp
/// Named tensors in one file, in the safetensors format: 8 bytes little-endian header length, a JSON header
///   {"__metadata__": {"key": "text"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...},
/// the data. Reading is strict: the tensors must tile the data exactly, every name, type, shape and size must agree,
/// else papillon::error(errc::bad_input) names the file and what is wrong. F16 and BF16 are read as float. Writing is
/// atomic and deterministic. Source: the format's description, https://github.com/huggingface/safetensors (README,
/// "Format").
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <numeric>
#include <unordered_map>
#include <variant>

#include <papillon/io/atomic_file.hpp>
#include <papillon/io/json.hpp>
#include <papillon/io/narrow_float.hpp>
#include <papillon/io/read_file.hpp>

namespace papillon::inline PAPILLON_ISA::io {

/// Tensors of F32, F64, I64 and U8 in their order, with a map of text beside them.
class safetensors {
 public:
  /// Dense values, row-major; their number is the product of dims (1 if there are none).
  struct entry {
    std::string name;
    std::vector<std::size_t> dims;
    std::variant<std::vector<float>, std::vector<double>, std::vector<std::int64_t>, std::vector<std::uint8_t>> values;
  };

  std::map<std::string, std::string> metadata;

  [[nodiscard]] std::vector<entry> const& entries() const { return entries_; }
  [[nodiscard]] bool contains(std::string const& name) const { return find(name) != nullptr; }

  /// Appends a tensor of a vector's or a span's values. A name that is taken, and values that do not fill dims, are
  /// errc::failed.
  template <class Values> void add(std::string name, std::vector<std::size_t> dims, Values const& values) {
    if (contains(name) || name == "__metadata__")
      throw error(errc::failed, message("cannot store tensor ", name, " (the name is taken) choose another name"));
    if (volume(dims) != values.size())
      throw error(errc::failed, message("cannot store tensor ", name, " (", values.size(), " values for dims ",
                                    text(dims), ") pass as many as the dims say"));
    using vector = std::vector<typename Values::value_type>;
    append({std::move(name), std::move(dims), vector(values.begin(), values.end())});
  }

  /// Values of a tensor; a missing name or another type is errc::bad_input.
  template <class T> [[nodiscard]] std::span<T const> get(std::string const& name) const {
    entry const& e = at(name);
    if (auto const* const values = std::get_if<std::vector<T>>(&e.values)) return *values;
    damaged("tensor " + name + " is of type " + dtype(e) + " and should be " + dtype_of<T>());
  }
  /// The same, and the dims must be these.
  template <class T>
  [[nodiscard]] std::span<T const> get(std::string const& name, std::vector<std::size_t> const& dims) const {
    if (entry const& e = at(name); e.dims != dims)
      damaged("tensor " + name + " has dims " + text(e.dims) + " and should have " + text(dims));
    return get<T>(name);
  }
  [[nodiscard]] std::vector<std::size_t> const& dims(std::string const& name) const { return at(name).dims; }
  /// Text of the metadata; a missing key is errc::bad_input.
  [[nodiscard]] std::string const& text_of(std::string const& key) const {
    auto const found = metadata.find(key);
    if (found == metadata.end()) damaged("it has no metadata \"" + key + "\"");
    return found->second;
  }

  /// Replaces `path`, atomically. Data lie by falling element size, so that every tensor is aligned; the header keeps
  /// the order.
  void write(std::filesystem::path const& path) const {
    static_assert(std::endian::native == std::endian::little, "papillon::io::safetensors: little-endian machines only");
    std::vector<std::size_t> placed(entries_.size());
    std::iota(placed.begin(), placed.end(), std::size_t{0});
    std::stable_sort(placed.begin(), placed.end(),
        [&](std::size_t a, std::size_t b) { return width(entries_[a]) > width(entries_[b]); });
    std::vector<std::size_t> begin(entries_.size());
    std::vector<std::byte> data;
    for (std::size_t const i : placed) {
      begin[i] = data.size();
      auto const raw = bytes(entries_[i]);
      data.insert(data.end(), raw.begin(), raw.end());
    }
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      entry const& e = entries_[i];
      header[e.name] = {
          {"dtype", dtype(e)}, {"shape", e.dims}, {"data_offsets", {begin[i], begin[i] + bytes(e).size()}}};
    }
    std::string head;
    try {
      head = header.dump();
    } catch (nlohmann::ordered_json::exception const&) {
      throw error(
          errc::failed, message("cannot write ", path.string(), " (a name or text is not UTF-8) use plain text"));
    }
    head.append((8 - head.size() % 8) % 8, ' ');
    std::uint64_t const length = head.size();
    write_atomically(path, {std::as_bytes(std::span(&length, 1)), std::as_bytes(std::span(head)), data});
  }

  [[nodiscard]] static safetensors read(std::filesystem::path const& path) {
    safetensors file;
    file.source_ = path.string();
    file.parse(read_file(path, largest::tensors));
    return file;
  }

 private:
  static constexpr std::uint64_t longest_header = 8'000'000;  // of tens of thousands of tensors
  static constexpr char const* suggestion = "use a file that is whole and of the right kind";

  [[noreturn]] void damaged(std::string const& what) const {
    throw error(errc::bad_input,
        message((source_.empty() ? "these tensors" : source_), " cannot be used (", what, ") ", suggestion));
  }

  [[nodiscard]] entry const* find(std::string const& name) const {
    auto const found = places_.find(name);
    return found == places_.end() ? nullptr : &entries_[found->second];
  }
  void append(entry e) {
    places_.emplace(e.name, entries_.size());
    entries_.push_back(std::move(e));
  }
  [[nodiscard]] entry const& at(std::string const& name) const {
    entry const* const e = find(name);
    if (e == nullptr) damaged("it has no tensor " + name);
    return *e;
  }

  template <class T> static std::string dtype_of() {
    if constexpr (std::is_same_v<T, float>) return "F32";
    else if constexpr (std::is_same_v<T, double>) return "F64";
    else if constexpr (std::is_same_v<T, std::int64_t>) return "I64";
    else return "U8";
  }
  static std::string dtype(entry const& e) {
    return std::visit([]<class T>(std::vector<T> const&) { return dtype_of<T>(); }, e.values);
  }
  static std::size_t width(entry const& e) {
    return std::visit([]<class T>(std::vector<T> const&) { return sizeof(T); }, e.values);
  }
  static std::span<std::byte const> bytes(entry const& e) {
    return std::visit([](auto const& v) { return std::as_bytes(std::span(v)); }, e.values);
  }

  /// Product of dims, or the greatest number if it would overflow.
  static std::size_t volume(std::vector<std::size_t> const& dims) {
    std::size_t n = 1;
    for (std::size_t const d : dims) {
      if (d != 0 && n > std::numeric_limits<std::size_t>::max() / d) return std::numeric_limits<std::size_t>::max();
      n *= d;
    }
    return n;
  }
  static std::string text(std::vector<std::size_t> const& dims) {
    std::string s;
    for (std::size_t const d : dims) s += (s.empty() ? "" : ", ") + std::to_string(d);
    return "[" + s + "]";
  }

  void parse(std::vector<std::byte> const& file) {
    std::uint64_t length = 0;
    if (file.size() < sizeof length) damaged(message("it has ", file.size(), " bytes, too few for a safetensors file"));
    std::memcpy(&length, file.data(), sizeof length);
    if (length > file.size() - sizeof length)
      damaged(message("its header claims ", length, " bytes, the file has ", file.size()));
    if (length > longest_header) damaged(message("its header has ", length, " bytes, more than ", longest_header));
    auto const* const first = reinterpret_cast<char const*>(file.data()) + sizeof length;
    if (length == 0 || *first != '{') damaged("its header does not begin with {");
    auto const header = parse_json({first, static_cast<std::size_t>(length)}, source_ + ", the header,", suggestion);
    if (!header.is_object()) damaged("its header is not a JSON object");
    auto const data = std::span(file).subspan(sizeof length + static_cast<std::size_t>(length));

    std::vector<std::pair<std::size_t, std::size_t>> extents;
    for (auto const& [name, value] : header.items())
      if (name == "__metadata__") parse_metadata(value);
      else extents.push_back(parse_tensor(name, value, data));
    std::sort(extents.begin(), extents.end());
    std::size_t end = 0;
    for (auto const& [b, e] : extents) {
      if (b < end) damaged(message("its tensors overlap at byte ", b, " of the data"));
      if (b > end) damaged(message("no tensor owns byte ", end, " of the data"));
      end = e;
    }
    if (end != data.size()) damaged(message(data.size() - end, " bytes follow its last tensor"));
  }

  void parse_metadata(nlohmann::ordered_json const& value) {
    if (!value.is_object()) damaged("its __metadata__ is not an object");
    for (auto const& [key, v] : value.items()) {
      if (!v.is_string()) damaged("its metadata \"" + key + "\" is not text");
      metadata[key] = v.get<std::string>();
    }
  }

  std::pair<std::size_t, std::size_t> parse_tensor(
      std::string const& name, nlohmann::ordered_json const& value, std::span<std::byte const> data) {
    auto const wrong = [&](std::string const& what) { damaged("tensor " + name + ": " + what); };
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
        !value.contains("data_offsets"))
      wrong("its description is not dtype, shape and data_offsets");
    auto const& shape = value["shape"];
    auto const& offsets = value["data_offsets"];
    auto const counts = [](nlohmann::ordered_json const& list) {
      return list.is_array() &&
             std::all_of(list.begin(), list.end(), [](auto const& j) { return j.is_number_unsigned(); });
    };
    if (!value["dtype"].is_string()) wrong("its dtype is not text");
    if (!counts(shape)) wrong("its shape is not a list of sizes");
    if (!counts(offsets) || offsets.size() != 2) wrong("its data_offsets are not two positions");
    entry e{name, shape.get<std::vector<std::size_t>>(), {}};
    auto const begin = offsets[0].get<std::size_t>(), end = offsets[1].get<std::size_t>();
    if (begin > end) wrong("it ends before it begins");
    if (end > data.size())
      wrong(message("it ends at byte ", end, " of the data, which have ", data.size(), ": the file is truncated"));
    auto const type = value["dtype"].get<std::string>();
    float (*const widen)(std::uint16_t) = type == "F16" ? from_f16 : type == "BF16" ? from_bf16 : nullptr;
    if (type == "F64") e.values = std::vector<double>();
    else if (type == "I64") e.values = std::vector<std::int64_t>();
    else if (type == "U8") e.values = std::vector<std::uint8_t>();
    else if (type != "F32" && widen == nullptr) wrong("its type " + type + " is none of F32, F64, F16, BF16, I64, U8");

    std::size_t const n = volume(e.dims), size = widen != nullptr ? sizeof(std::uint16_t) : width(e);
    if (n > data.size() / size || n * size != end - begin)
      wrong(message(end - begin, " bytes do not hold ", type, " of dims ", text(e.dims)));
    std::visit(
        [&]<class T>(std::vector<T>& v) {
          v.resize(n);
          if (widen == nullptr && n > 0) std::memcpy(v.data(), data.data() + begin, n * size);
          for (std::size_t i = 0; widen != nullptr && i < n; ++i) {
            std::uint16_t bits = 0;
            std::memcpy(&bits, data.data() + begin + i * size, size);
            v[i] = static_cast<T>(widen(bits));
          }
        },
        e.values);
    append(std::move(e));
    return {begin, end};
  }

  std::vector<entry> entries_;
  std::unordered_map<std::string, std::size_t> places_;  ///< of the entries, by name
  std::string source_;
};

}  // namespace papillon::io
