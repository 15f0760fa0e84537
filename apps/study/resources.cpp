// SPDX-License-Identifier: MIT
#include <study/resources.hpp>

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <map>
#include <numeric>
#include <string>

#include <papillon/error.hpp>
#include <papillon/train/private_gradient.hpp>

#include <study/directories.hpp>
#include <study/image_kind.hpp>

namespace papillon::study {

namespace {

constexpr double part = train::dp_options{}.part;
constexpr double of_half = 2, of_float = 4, of_double = 8;  // bytes

/// How many images there are of what, for one role.
struct image_counts {
  double all = 0, asked = 0, attacked = 0, judged = 0;
};

image_counts counts_of(settings const& s) {
  auto const& kind = kind_of(s.data.source);
  if (s.data.split == image_split::archive)
    return {
        .all = static_cast<double>(kind.training + kind.test), .asked = static_cast<double>(kind.training + kind.test)};
  double const subset = s.data.subset;
  return {.all = kind.training > 0 ? static_cast<double>(kind.training + kind.test) : 4 * subset,
      .asked = 4 * subset,
      .attacked = 2 * subset,
      .judged = 2 * (subset - s.data.validation)};
}

/// Numbers that the hidden layers of a perceptron put out for one image, or the convolutions of a ResNet: three
/// segments, each at half the size and twice the channels of the one before.
double values_of_image(settings const& s) {
  if (!s.model.hidden.empty()) {
    auto const hidden = hidden_layers(s.model.hidden, "model.hidden");
    return std::accumulate(hidden.begin(), hidden.end(), 0.0);
  }
  double const convolutions = (s.model.depth - 2) / 3.0;  // of a segment
  auto const& extent = kind_of(s.data.source).extent;
  double const first = static_cast<double>(s.model.width) * extent.height * extent.width;
  return first * (1 + convolutions * (1 + 1.0 / 2 + 1.0 / 4));
}

/// Numbers that are kept of a network: those that are trained, or of a pruned one all of the dense network.
double parameters_of(configuration const& c, network_size const& size) {
  return static_cast<double>(c.settings.prune.rounds > 0 ? std::max(size.parameters, size.nonzeros) : size.nonzeros);
}

double largest_discriminator(settings const& s) {
  double largest = 0;
  for (auto const& word : s.attack.hidden) {
    double weights = 0, inputs = 3.0 * kind_of(s.data.source).classes;
    for (int const neurons : hidden_layers(word)) {
      weights += (inputs + 1) * neurons;
      inputs = neurons;
    }
    largest = std::max(largest, weights + inputs + 1);
  }
  return largest;
}

/// Of the control groups of this process, the smallest limit.
double limit_of_groups() {
  double smallest = std::numeric_limits<double>::infinity();
  auto const look = [&](std::filesystem::path const& file) {
    double limit = 0;  // "max" is no number
    if (std::ifstream(file) >> limit && limit > 0) smallest = std::min(smallest, limit);
  };
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    auto const colon = line.rfind(':');
    if (colon == line.npos) continue;
    bool const unified = line.starts_with("0::");
    if (!unified && line.find(":memory:") == line.npos) continue;
    std::filesystem::path const root = unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
    auto path = std::filesystem::path(line.substr(colon + 1)).relative_path();
    for (;; path = path.parent_path()) {
      look(root / path / (unified ? "memory.max" : "memory.limit_in_bytes"));
      if (path.empty()) break;
    }
  }
  return smallest;
}

}  // namespace

resources needs_of(settings const& s, plan const& p, std::function<network_size(configuration const&)> const& size_of,
    std::function<bool(task const&)> const& is_done) {
  resources needs;
  std::map<std::string, double> known;
  auto const parameters = [&](configuration const& c) {
    auto found = known.find(c.name);
    if (found == known.end()) found = known.emplace(c.name, parameters_of(c, size_of(c))).first;
    return found->second;
  };
  auto const images = counts_of(s);
  double const classes = kind_of(s.data.source).classes;
  for (task const& t : p.tasks) {
    if (!p.identity_of(t) || is_done(t)) continue;
    auto const& r = *p.subject_of(t);
    auto const& own = r.configuration.settings;
    switch (t.kind) {
      case task_kind::training: {
        double const weights = parameters(r.configuration);
        double const batch = std::min<double>(own.train.batch, images.asked);
        double const kept = own.train.storage == storage::half ? of_half : of_float;
        double const passed = std::min(batch, is_private(own) ? part : batch);
        double const gradients = is_private(own) ? passed * weights : weights;  // one an image, or their sum
        needs.memory =
            std::max(needs.memory, of_float * (3 * weights + gradients) + kept * passed * values_of_image(own));
        needs.disk += of_float * 5 * weights;  // last with momentum and best, best, a snapshot
        break;
      }
      case task_kind::outputs:
        needs.disk += of_float * (own.train.augment ? s.attack.queries : 1) * images.asked * classes;
        break;
      case task_kind::features: needs.disk += of_float * images.attacked * (3 * classes + 1); break;
      case task_kind::attack: {
        double const discriminators =
            static_cast<double>(s.attack.hidden.size()) * static_cast<double>(s.attack.learning_rates.size());
        needs.memory = std::max(needs.memory, of_float * 5 * largest_discriminator(own));
        needs.disk += of_float * images.judged * discriminators;
        break;
      }
      case task_kind::listed_attack: needs.disk += of_double * 4 * images.judged; break;
      case task_kind::summary:
      case task_kind::report: break;
    }
  }
  if (needs.memory > 0) needs.memory += images.all * static_cast<double>(kind_of(s.data.source).extent.size());
  return needs;
}

resources resources_at(std::filesystem::path const& directory) {
  auto const none = std::numeric_limits<double>::infinity();
  resources there{none, none};
  auto const pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0) there.memory = static_cast<double>(pages) * static_cast<double>(page);
  there.memory = std::min(there.memory, limit_of_groups());
  auto existing = directory;
  while (!existing.empty() && !is_there(existing)) existing = existing.parent_path();
  struct statvfs disk {};
  // What has no blocks at all is no disk.
  if (::statvfs(existing.empty() ? "." : existing.c_str(), &disk) == 0 && disk.f_blocks > 0)
    there.disk = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
  return there;
}

void require_fit(resources const& needs, resources const& there, std::filesystem::path const& directory) {
  if (needs.memory > there.memory)
    throw error(errc::failed,
        message("this study does not fit into memory (it needs at least ", size_text(needs.memory), ", there are ",
            size_text(there.memory),
            ") take a smaller train.batch, model.width, model.hidden or attack.hidden, or fewer --workers"));
  if (needs.disk > there.disk)
    throw error(errc::failed,
        message("this study does not fit onto the disk of ", directory.string(), " (it needs at least ",
            size_text(needs.disk), ", ", size_text(there.disk), " are free) free some space, or choose another --out"));
}

std::string size_text(double bytes) {
  char text[32];
  if (bytes < 1e9) std::snprintf(text, sizeof text, "%.0f MB", std::ceil(bytes * 1e-6));
  else std::snprintf(text, sizeof text, "%.1f GB", bytes * 1e-9);
  return text;
}

}  // namespace papillon::study
