// SPDX-License-Identifier: MIT
#include <study/labelled_data.hpp>

#include <catch2/catch.hpp>

#include <study/presets.hpp>

using namespace papillon::study;

TEST_CASE("given labels are the study's own data, drawn ones belong to the images and not to a network") {
  auto s = preset_settings("smoke");
  auto const given = load_study_data(s, "");
  labelled_data const labelled(given);
  CHECK(&labelled.of(s) == &given);

  s.train.labels = training_labels::random;
  study_data const& drawn = labelled.of(s);
  CHECK(drawn.images().pixels == given.images().pixels);
  CHECK(drawn.split == given.split);
  CHECK(drawn.images().labels != given.images().labels);
  s.study.seeds = {5};
  s.model.width = 7;
  s.data.split_seed = 9;
  CHECK(&labelled.of(s) == &drawn);
  CHECK(labelled_data(given).of(s).images().labels == drawn.images().labels);
  CHECK(given.images().labels == load_study_data(preset_settings("smoke"), "").images().labels);
}
