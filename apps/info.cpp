// SPDX-License-Identifier: MIT
// papillon info: how this program was built and what it runs on, and which images lie in a directory.
#include <cstdio>
#include <string>

#include <papillon/data/collection.hpp>
#include <study/provenance.hpp>
#include <study/study_data.hpp>

#include "commands.hpp"
#include "laboratories.hpp"

namespace papillon::app {

namespace {

/// What --isa can choose from.
std::string choice() {
#if defined(PAPILLON_BUILT_ISAS)
  return study::isa() + ", of " PAPILLON_BUILT_ISAS;
#else
  return study::isa() + ", no other is built (-DPAPILLON_ISAS=all)";
#endif
}

}  // namespace

void info(options const& o) {
  for (auto const& [name, text] : study::build_facts()) std::printf("%-16s %s\n", name.c_str(), text.c_str());
  std::printf("%-16s %s\n", "isa", choice().c_str());
  std::printf("%-16s %s\n", "device", make_laboratory(o.device, o.threads)->description().c_str());
  if (o.described_images.empty()) return;
  study::settings settings;
  settings.data.source = study::image_source::cifar10;
  auto const images = data::collect(study::load_images(settings, o.described_images));
  std::printf(
      "%-16s %s\n%-16s %s\n", "images", study::images_name(settings, images).c_str(), "data hash", images.hash.c_str());
}

}  // namespace papillon::app
