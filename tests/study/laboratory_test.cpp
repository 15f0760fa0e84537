// SPDX-License-Identifier: MIT
/// The laboratory under the reference policy: the sizes it gives and the estimate made from them; the reference page.
#include <papillon/study/laboratory_on.hpp>

#include <string>

#include <catch2/catch.hpp>
#include <papillon/study/estimate.hpp>
#include <papillon/study/reference.hpp>

using namespace papillon;
using namespace papillon::study;

TEST_CASE("the paper's networks have the sizes of the study") {
  settings const s;
  laboratory_on<exec::seq> const lab{exec::seq{}, "reference"};
  auto const all = estimate(s, lab, 100.0);
  REQUIRE(all.size() == 31);
  auto const of = [&](std::string const& name) {
    for (auto const& e : all)
      if (e.configuration.name == name) return e;
    return configuration_estimate{};
  };
  CHECK(of("dense").size.parameters == 272474);
  CHECK(of("dense").size.nonzeros == 272474);
  CHECK(of("dense").size.multiply_adds == 40813184);
  CHECK(of("butterfly-s3-l3").size.nonzeros == 23162);
  CHECK(of("imp-24").size.nonzeros == 1278 + 272474 - 270896);
  CHECK(of("dense").trainings == 6);
  // 300 epochs of 14,000 images and a third of 1,000, six evaluations of 30,000 at a third, at 100 images a second.
  CHECK(of("dense").seconds == Approx(6 * (300 * (14000 + 1000 / 3.0) + 6 * 30000 / 3.0) / 100));
}

TEST_CASE("the reference page names every key, its default and every preset") {
  std::string const page = reference_page();
  for (key const& k : schema()) CHECK_THAT(page, Catch::Contains("| `" + std::string(k.name) + "` |"));
  for (preset const& p : presets()) CHECK_THAT(page, Catch::Contains("### " + std::string(p.name)));
}
