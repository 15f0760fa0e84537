// SPDX-License-Identifier: MIT
/// Outer products against plain sums: every number of inputs and outputs that tiles leave a rest of. Factors are small
/// whole numbers, so that sums are exact and have to be the same.
#include <catch2/catch.hpp>

#include <cstddef>
#include <vector>

#include <papillon/product/outer_product.hpp>

using namespace papillon;

namespace {

template <class T, int L> void compare(int inputs, int outputs, int terms) {
  INFO(L << " lanes, " << inputs << " inputs, " << outputs << " outputs, " << terms << " terms");
  int const row = (outputs + L - 1) / L * L;
  auto const at = [](int i) { return static_cast<std::size_t>(i); };
  std::vector<T> x(at(inputs * terms)), d(at(terms * row)), g(at(inputs * outputs + L));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i % 7) - 3;
  for (int m = 0; m < terms; ++m)
    for (int o = 0; o < outputs; ++o) d[at(m * row + o)] = static_cast<T>((m * outputs + o) % 5 - 2);
  for (std::size_t i = 0; i < g.size(); ++i) g[i] = static_cast<T>(i % 11);
  auto expected = g;
  for (int k = 0; k < inputs; ++k)
    for (int o = 0; o < outputs; ++o)
      for (int m = 0; m < terms; ++m) expected[at(k * outputs + o)] += x[at(k * terms + m)] * d[at(m * row + o)];
  product::accumulate_outer_product<L>({inputs, outputs, terms, terms, row, outputs}, x.data(), d.data(), g.data());
  CHECK(g == expected);
}

}  // namespace

TEST_CASE("outer products are sums of products, whatever is left of a tile") {
  for (int inputs = 1; inputs <= 20; ++inputs)
    for (int outputs : {1, native_lanes<float>, native_lanes<float> + 1, 3 * native_lanes<float>})
      for (int terms : {1, 5}) {
        compare<float, native_lanes<float>>(inputs, outputs, terms);
        compare<double, 2>(inputs, outputs, terms);
      }
}
