// SPDX-License-Identifier: MIT
#include <papillon/privacy/samia.hpp>

#include <cmath>
#include <set>
#include <stdexcept>
#include <vector>

#include <catch2/catch.hpp>

using namespace papillon;

namespace {

/// Features of three classes; members are surer of theirs.
privacy::samples made_up(std::size_t count, std::uint64_t seed, double lead) {
  privacy::samples s{xt::xtensor<float, 2>::from_shape({count, 9}), std::vector<std::uint8_t>(count)};
  random::engine draw({.seed = seed});
  for (std::size_t i = 0; i < count; ++i) {
    s.members[i] = i % 2;
    std::size_t const label = random::below(draw, 3);
    double rest = 0, p[3];
    for (std::size_t c = 0; c < 3; ++c)
      rest += p[c] = std::exp(random::normal<double>(draw) + (c == label ? 1 + lead * static_cast<double>(i % 2) : 0.));
    for (std::size_t c = 0; c < 3; ++c) {
      s.features(i, c) = static_cast<float>(p[c] / rest);
      s.features(i, 3 + c) = static_cast<float>(random::uniform<double>(draw));
      s.features(i, 6 + c) = c == label ? 1.0f : 0.0f;
    }
  }
  return s;
}

privacy::samia_settings small() {
  privacy::samia_settings s;
  s.width = 8;
  s.layers = 1;
  s.heads = 2;
  s.hidden = 12;
  s.epochs = 12;
  s.batch = 32;
  s.learning_rate = 0.02;
  s.milestones = {9};
  return s;
}

double accuracy(std::vector<float> const& scores, privacy::samples const& s) {
  double right = 0;
  for (std::size_t i = 0; i < s.size(); ++i) right += (scores[i] > 0) == (s.members[i] != 0) ? 1 : 0;
  return right / static_cast<double>(s.size());
}

}  // namespace

TEST_CASE("SAMIA has its authors' 141,886 parameters, and their initial values") {
  auto const net = privacy::make_samia<float, 8>(10, {}, {});
  CHECK(net.parameter_count() == 141886);
  auto const w = privacy::initialise_samia(net, {.seed = 1, .what = random::purpose::discriminator_initialisation});
  for (auto const& s : net.parameters()) {
    double squares = 0, largest = 0;
    for (std::size_t k = 0; k < s.size; ++k) {
      auto const v = static_cast<double>(w.parameters[s.offset + k]);
      squares += v * v;
      largest = std::max(largest, std::abs(v));
    }
    INFO(s.name);
    double const deviation = std::sqrt(squares / static_cast<double>(s.size));
    if (s.kind == nn::slot_kind::bias || s.kind == nn::slot_kind::norm_bias) CHECK(largest == 0);
    if (s.name == "encoder.0.self_attn.in_proj.weight") {
      CHECK(largest <= std::sqrt(6. / (64 + 192)) * 1.0001);
      CHECK(deviation == Approx(std::sqrt(2. / (64 + 192))).epsilon(.02));
    }
    if (s.name == "encoder.2.self_attn.out_proj.weight") CHECK(largest <= .12501);
    if (s.name == "encoder.1.linear1.weight") CHECK(deviation == Approx(std::sqrt(2. / (64 + 128))).epsilon(.03));
    if (s.name == "linear1.weight") CHECK(deviation == Approx(std::sqrt(2. / (640 + 64))).epsilon(.02));
  }
}

TEST_CASE("SAMIA learns what members have in common, and nothing where that is nothing") {
  auto const taught = made_up(600, 1, 2), asked = made_up(400, 2, 2);
  auto const rows = privacy::all_rows(taught), all = privacy::all_rows(asked);
  privacy::samia<exec::omp> const attack({exec::omp{2}}, taught, rows, small(), 5);
  CHECK(accuracy(attack.scores(asked, all), asked) > .75);
  auto const vain = made_up(600, 3, 0), others = made_up(400, 4, 0);
  privacy::samia<exec::omp> const guess({exec::omp{2}}, vain, rows, small(), 5);
  CHECK(std::abs(accuracy(guess.scores(others, all), others) - .5) < .1);  // four deviations
}

TEST_CASE("SAMIA is a function of the seed, whatever the threads") {
  auto const taught = made_up(100, 1, 2);
  auto const rows = privacy::all_rows(taught);
  auto settings = small();
  settings.epochs = 2;
  auto const of = [&](int threads, std::uint64_t seed) {
    return privacy::samia<exec::omp>({exec::omp{threads}}, taught, rows, settings, seed).scores(taught, rows);
  };
  auto const first = of(1, 5);
  CHECK(of(3, 5) == first);
  CHECK(of(1, 6) != first);
}

TEST_CASE("SAMIA asks before each batch, and ends where that throws") {
  auto const taught = made_up(100, 1, 2);
  int asked = 0;
  auto const stop = [&] {
    if (++asked == 3) throw std::runtime_error("stop");
  };
  CHECK_THROWS_AS(privacy::samia<exec::omp>({exec::omp{1}}, taught, privacy::all_rows(taught), small(), 5, stop),
      std::runtime_error);
  CHECK(asked == 3);
}
