// SPDX-License-Identifier: MIT
#include "reference_fixture.hpp"

#include <papillon/privacy/memorisation.hpp>

using namespace papillon;
using namespace papillon::privacy;
using namespace papillon::test;
using numbers = std::vector<double>;
using bytes = std::vector<std::uint8_t>;

TEST_CASE("memorisation on the fixture") {
  reference_fixture const f;
  auto const right = f.references(gap_scores);
  memorisation const m(references_view(right, f.keep, f.networks));
  CHECK(m.values == numbers{1, 0, -.25, .75, 1, .5, -.25, .75, .5, 1, 0, .5});
  CHECK(m.mean == Approx(5.5 / 12).epsilon(1e-14));
  CHECK(m.share_memorised == Approx(8.0 / 12).epsilon(1e-14));
  CHECK(m.standard_errors[0] == 0.0);  // all IN references are right, no OUT reference is
}

TEST_CASE("standard errors of memorisation, and images that have none") {
  // four networks, three images: IN, IN, OUT, OUT; all IN; three OUT and one IN
  numbers const right{1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1};
  bytes const keep{1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 1, 0};
  memorisation const m(references_view(right, keep, 4));
  CHECK(m.values[0] == .5);
  CHECK(m.standard_errors[0] == Approx(std::sqrt(.25 / 2)).epsilon(1e-14));
  CHECK((std::isnan(m.values[1]) && std::isnan(m.standard_errors[1])));
  CHECK(m.values[2] == Approx(1.0 / 3).epsilon(1e-14));
  CHECK(m.standard_errors[2] == Approx(std::sqrt(2.0 / 9 / 3)).epsilon(1e-14));
  CHECK(m.mean == Approx((.5 + 1.0 / 3) / 2).epsilon(1e-14));
  CHECK(m.share_memorised == 1.0);
  memorisation const none(references_view(right, 4));
  CHECK(std::isnan(none.mean));
}
