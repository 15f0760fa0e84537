// SPDX-License-Identifier: MIT
// Runs every fuzz target, without a fuzzer: on its seeds, on changes of them that are the same every time, and on the
// inputs that are kept in CORPUS/<target>/.
// usage: fuzz_replay CORPUS
//        fuzz_replay --seeds DIRECTORY     (writes the seeds to DIRECTORY/<target>/)
#include <algorithm>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>

#include <papillon/io/read_file.hpp>

#include "target.hpp"

namespace {

using namespace papillon;

/// Numbers that are the same every time (a linear congruence, enough to choose places).
class sequence {
 public:
  std::size_t operator()(std::size_t below) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state_ >> 33) % below;
  }

 private:
  std::uint64_t state_ = 1;
};

/// A seed cut off, with bytes of others, repeated within, or with numbers that are at the borders.
std::string changed(std::string text, sequence& draw) {
  static std::string const words[] = {"0", "-1", "4294967296", "9223372036854775807", "18446744073709551615", "1e999",
      "nan", "inf", "null", "[", "{", "\"", "\n", "\xff", std::string(1, '\0'), "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["};
  for (std::size_t k = draw(3) + 1; k-- > 0 && !text.empty();) {
    auto const at = draw(text.size()), length = std::min(text.size() - at, draw(16) + 1);
    switch (draw(6)) {
      case 0: text.resize(at); break;
      case 1: text[at] = static_cast<char>(draw(256)); break;
      case 2: text.insert(at, words[draw(std::size(words))]); break;
      case 3: text.replace(at, length, words[draw(std::size(words))]); break;
      case 4: text.insert(draw(text.size()), text.substr(at, length)); break;
      default: text.erase(at, length); break;
    }
  }
  return text;
}

void write_seeds(std::filesystem::path const& directory) {
  for (auto const& t : fuzz::targets()) {
    std::filesystem::create_directories(directory / t.name);
    int number = 0;
    for (auto const& seed : t.seeds())
      std::ofstream(directory / t.name / ("seed-" + std::to_string(number++)), std::ios::binary) << seed;
  }
}

void replay(fuzz::target const& t, std::filesystem::path const& corpus) {
  long runs = 0;
  auto const run = [&](std::string const& input) {
    t.run(input);
    ++runs;
  };
  sequence draw;
  for (auto const& seed : t.seeds()) {
    auto const before = fuzz::accepted_calls();
    run(seed);
    fuzz::require(fuzz::accepted_calls() > before, "a seed is refused");
    for (int i = 0; i < 100; ++i) run(changed(seed, draw));
  }
  std::vector<std::filesystem::path> kept;
  if (std::filesystem::is_directory(corpus))
    for (auto const& entry : std::filesystem::directory_iterator(corpus)) kept.push_back(entry.path());
  std::ranges::sort(kept);
  for (auto const& path : kept) run(io::read_file<std::string>(path));
  std::printf("%-12s %6ld inputs, %zu of them kept\n", t.name.c_str(), runs, kept.size());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
  std::string_view const first = argc > 1 ? argv[1] : "";
  if (argc == 3 && first == "--seeds") {
    write_seeds(argv[2]);
  } else if (argc == 2 && !first.starts_with('-')) {
    for (auto const& t : fuzz::targets()) replay(t, std::filesystem::path(first) / t.name);
  } else {
    std::fputs("usage: fuzz_replay CORPUS | fuzz_replay --seeds DIRECTORY\n", stderr);
    return 2;
  }
  return 0;
} catch (std::exception const& e) {
  std::fprintf(stderr, "fuzz: %s\n", e.what());
  return 1;
}
