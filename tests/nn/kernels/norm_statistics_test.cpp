// SPDX-License-Identifier: MIT
/// Moments formed in pieces are those of the whole, also where the mean is large; padding lanes do not count.
#include <catch2/catch.hpp>

#include <cmath>

#include <papillon/nn/kernels/norm_statistics.hpp>

#include "support/noise.hpp"

using namespace papillon;

TEST_CASE("moments of pieces merge to the moments of all values, about any mean") {
  constexpr int L = 8, registers = 37;
  for (float mean : {0.0f, 3.0f, 1000.0f})
    for (int images : {1, 5, L}) {
      INFO("mean " << mean << ", " << images << " images");
      buffer<float> v(registers * L);
      auto const noise = test::noise<float>(v.size(), 4);
      double sum = 0, squares = 0;
      for (std::size_t i = 0; i < v.size(); ++i) {
        v[i] = static_cast<int>(i) % L < images ? mean + noise[i] : 0.0f;
        if (static_cast<int>(i) % L < images) sum += static_cast<double>(v[i]);
      }
      double const count = registers * images, exact = sum / count;
      for (std::size_t i = 0; i < v.size(); ++i)
        if (static_cast<int>(i) % L < images) squares += std::pow(static_cast<double>(v[i]) - exact, 2);
      nn::moments m;
      int visited = 0;
      for (int begin = 0; begin < registers; begin += 10)
        m.merge(nn::moments_of<L>(v.data() + begin * L, std::min(10, registers - begin), images,
            [&](int, vec<float, L> const&) { ++visited; }));
      CHECK(visited == registers);
      CHECK(m.count == count);
      CHECK(m.mean == Approx(exact).epsilon(1e-6).margin(1e-6));
      // Deviations are formed about a centre near the mean: the mean's size costs no digits beyond those of the values.
      CHECK(m.squares == Approx(squares).epsilon(1e-5));
    }
}

TEST_CASE("merging nothing changes nothing") {
  nn::moments m{3, 1.5, 2.0};
  m.merge({});
  CHECK((m.count == 3 && m.mean == 1.5 && m.squares == 2.0));
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // vectors wider than the registers, see tensor/vec.hpp
TEST_CASE("streaming stores write what plain stores write") {
  buffer<double> a(64, 0.0), b(64, 0.0);
  auto const v = test::noise<double>(64, 1);
  for (std::size_t i = 0; i < 64; i += 8) {
    store_streaming<8>(a.data() + i, load<8>(v.data() + i));
    store_streaming<4>(b.data() + i, load<4>(v.data() + i));
    store_streaming<2>(b.data() + i + 4, load<2>(v.data() + i + 4));
    store_streaming<1>(b.data() + i + 6, load<1>(v.data() + i + 6));
    store_streaming<1>(b.data() + i + 7, load<1>(v.data() + i + 7));
  }
  streaming_fence();
  CHECK(std::equal(a.begin(), a.end(), v.begin()));
  CHECK(std::equal(b.begin(), b.end(), v.begin()));
}
#pragma GCC diagnostic pop
