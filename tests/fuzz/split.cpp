// SPDX-License-Identifier: MIT
// A stored split, of images that are always the same, with the hashes that belong to it.
#include <papillon/data/split_file.hpp>
#include <papillon/data/synthetic.hpp>

#include "files.hpp"
#include "target.hpp"

namespace {

using namespace papillon;

data::collection const& images() {
  static data::collection const all = data::collect(data::synthetic_images(40, 1));
  return all;
}

/// The hash that these lists have, where they are lists of images at all.
std::string hash_of(io::safetensors const& file) {
  data::split s;
  for (auto const& [name, list] : data::named_lists(s)) {
    if (!file.contains(name)) return "";
    for (auto const& e : file.entries())
      if (auto const* const values = std::get_if<std::vector<std::int64_t>>(&e.values); e.name == name && values)
        for (std::int64_t const i : *values) {
          if (i < 0 || i >= static_cast<std::int64_t>(images().images.size())) return "";
          list->push_back(static_cast<std::uint32_t>(i));
        }
  }
  return data::split_hash(s, images().digests);
}

void run(std::string_view input) {
  auto const path = fuzz::safetensors_with(input, "split.safetensors");
  io::safetensors file;
  if (!fuzz::accepted([&] { file = io::safetensors::read(path); })) return;
  file.metadata["data_hash"] = images().hash;
  file.metadata["hash"] = hash_of(file);
  file.write(path);
  fuzz::accepted([&] {
    auto const read = data::read_split(path, images());
    data::write_split(path, read);
    fuzz::require(data::read_split(path, images()) == read, "a split changed");
  });
}

std::vector<std::string> seeds() {
  auto const path = fuzz::directory() / "seed";
  data::write_split(path, data::draw_split(images(), {.per_part = 8, .validation = 2}));
  auto const four = fuzz::input_of(path);
  data::write_split(path, data::usual_split(images(), 30, 5));
  return {four, fuzz::input_of(path)};
}

fuzz::registration const registered({"split", run, seeds});

}  // namespace
