// SPDX-License-Identifier: MIT
/// The chooser where the answer is obvious. Nothing is timed: the machine's figures are given.
#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <vector>

#include <papillon/operators/fastest_form.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/smallest_monotone.hpp>

using namespace papillon;

namespace {

machine const m{};

csr_mask every(int k, int n) {
  std::vector<std::uint8_t> keep(static_cast<std::size_t>(n) * static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < keep.size(); i += static_cast<std::size_t>(k)) keep[i] = 1;
  return csr_mask(n, n, keep);
}

}  // namespace

TEST_CASE("a large matrix with few coefficients is fastest as the chain") {
  for (int const vectors : {1, 8, 64, 512}) {
    CHECK(fastest_form(make_monarch(4096, 4096, 64, 64), vectors, m) == product_form::chain);
    CHECK(fastest_form(make_dyadic_butterfly(12), vectors, m) == product_form::chain);
    CHECK(fastest_form(smallest_monotone<64, 576, 2>{}, vectors, m) == product_form::chain);
  }
}

TEST_CASE("many factors of a tiny matrix are multiplied out") {
  // Every factor costs a pass, and eight of them pass over what is one pass of a dense matrix.
  for (int const vectors : {1, 64})
    CHECK(
        fastest_form(runtime_chain(std::vector<pattern>(8, pattern{1, 32, 32, 1})), vectors, m) == product_form::dense);
}

TEST_CASE("a mask is CSR where it is sparse and dense where it is not") {
  for (int const vectors : {1, 64}) {
    CHECK(fastest_form(every(101, 1024), vectors, m) == product_form::csr);
    CHECK(fastest_form(every(1, 256), vectors, m) == product_form::dense);
  }
  CHECK(predict_forms(every(3, 64), 1, m).chain == std::numeric_limits<double>::infinity());
}

TEST_CASE("diagonal blocks in many factors are faster as CSR of their product, for panels") {
  // Blocks of 2 x 2, a hundred times over: the product has two nonzeros a row.
  runtime_chain const w(std::vector<pattern>(100, pattern{512, 2, 2, 1}));
  form_times const times = predict_forms(w, 64, m);
  CHECK(times.fastest() == product_form::csr);
  CHECK(times.csr < times.dense);
}

TEST_CASE("a chain that does not fuse has a time in every form") {
  runtime_chain const w({{2, 3, 4, 1}, {1, 8, 5, 1}, {1, 5, 7, 1}});
  form_times const times = predict_forms(w, 5, m);
  CHECK(times.least() > 0);
  CHECK(times.chain < std::numeric_limits<double>::infinity());
  CHECK(times.csr < std::numeric_limits<double>::infinity());
  CHECK(times.dense < std::numeric_limits<double>::infinity());
}
