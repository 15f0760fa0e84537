// SPDX-License-Identifier: MIT
// Arrays of NumPy, samples of an attack, and what an audit is given as such files.
#include <papillon/io/npy.hpp>
#include <papillon/privacy/samples.hpp>

#include <audit/input_files.hpp>

#include "files.hpp"
#include "target.hpp"

namespace {

using namespace papillon;

template <class T> void round_trip(std::filesystem::path const& path) {
  fuzz::accepted([&] {
    auto const read = io::read_npy<T>(path);
    auto const again = fuzz::directory() / "again.npy";
    io::write_npy(again, read);
    auto const back = io::read_npy<T>(again);
    fuzz::require(back.shape() == read.shape() &&
                      (read.size() == 0 || std::memcmp(back.data(), read.data(), read.size() * sizeof(T)) == 0),
        "an array changed");
  });
}

void run(std::string_view input) {
  auto const path = fuzz::file_with(input, "array.npy");
  round_trip<float>(path);
  round_trip<double>(path);
  fuzz::accepted([&] { (void)audit::read_array(path); });
  fuzz::accepted([&] { (void)audit::read_column(path, "score"); });
  fuzz::accepted([&] { (void)audit::read_scores(path); });
  fuzz::accepted([&] { fuzz::require(audit::read_members(path, 6).size() == 6, "members of other images"); });
  fuzz::accepted([&] {
    auto const read = privacy::read_samples(path);
    auto const again = fuzz::directory() / "samples.npy";
    privacy::write_samples(again, read);
    auto const back = privacy::read_samples(again);
    fuzz::require((back.features == read.features) && back.members == read.members, "samples changed");
  });
}

std::string header(std::string const& type, std::string const& shape) {
  std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  text.append(63 - (10 + text.size()) % 64, ' ');
  text += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(text.size()) + '\0' + text;
}

std::vector<std::string> seeds() {
  auto const path = fuzz::directory() / "seed.npy";
  std::vector<std::string> all;
  io::write_npy(path, xt::xarray<float>{{1.5F, 0.25F, 1.F}, {2.F, -1.F, 0.F}});
  all.push_back(io::read_file<std::string>(path));
  io::write_npy(path, xt::xarray<double>{0, 1, 1, 0, 1, 0});
  all.push_back(io::read_file<std::string>(path));
  all.push_back(header("|b1", "6,") + std::string("\0\1\0\1\1\0", 6));
  all.push_back(header("<i8", "2,") + std::string("\3\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0", 16));
  all.push_back(header("|u1", "2, 3") + "abcdef");
  return all;
}

fuzz::registration const registered({"npy", run, seeds});

}  // namespace
