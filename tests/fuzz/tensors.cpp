// SPDX-License-Identifier: MIT
// Any safetensors file, and the chains in it.
#include <papillon/io/chain_file.hpp>

#include "files.hpp"
#include "target.hpp"

namespace {

using namespace papillon;

template <class T> void chain_in(io::safetensors const& file, std::string const& name) {
  io::stored_chain<T> read{runtime_chain({{1, 1, 1, 1}}), {}};
  if (!fuzz::accepted([&] { read = io::get_chain<T>(file, name); })) return;
  io::safetensors again;
  io::add_chain(again, "again", read.chain, read.coefficients);
  auto const back = io::get_chain<T>(again, "again");
  fuzz::require(back.chain == read.chain && back.coefficients == read.coefficients, "a chain changed");
}

void run(std::string_view input) {
  io::safetensors file;
  if (!fuzz::accepted([&] { file = io::safetensors::read(fuzz::safetensors_with(input, "a.safetensors")); })) return;
  auto const copy = fuzz::directory() / "b.safetensors";
  file.write(copy);
  fuzz::require(fuzz::same(io::safetensors::read(copy), file), "tensors changed");
  for (auto const& e : file.entries())
    if (e.name.ends_with(".factor0")) {
      auto const name = e.name.substr(0, e.name.size() - 8);
      chain_in<float>(file, name);
      chain_in<double>(file, name);
    }
}

std::vector<std::string> seeds() {
  io::safetensors plain, chains;
  plain.metadata = {{"format", "pt"}, {"note", "a \"b\""}};
  plain.add("w", {2, 1, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  plain.add("d", {}, std::vector<double>{0.1});
  plain.add("i", {2}, std::vector<std::int64_t>{-1, 2});
  plain.add("b", {3, 1}, std::vector<std::uint8_t>{0, 1, 255});
  plain.add("none", {0, 7}, std::vector<float>{});
  runtime_chain const w({{1, 2, 1, 2}, {2, 1, 3, 1}});
  io::add_chain(chains, "w", w, std::vector<double>(10, 0.5));
  io::add_chain(chains, "v", runtime_chain({{1, 2, 2, 1}}), std::vector<float>(4, 1));
  return {fuzz::input_of(plain), fuzz::input_of(chains),
      "{\"h\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]},"
      "\"b\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[2,4]}}\n1234"};
}

fuzz::registration const registered({"tensors", run, seeds});

}  // namespace
