// SPDX-License-Identifier: MIT
/// \file resources.hpp
/// What a study takes of a machine's memory and disk, and what there is of both. The needs are lower bounds, from sizes
/// alone: what cannot fit by them cannot fit at all. Memory: the images, and the larger of a training (weights, best
/// weights, momentum, gradient, and what every convolution or hidden layer puts out for a batch) and of a
/// discriminator's (Adam keeps two numbers a weight). Disk: the files of all results that are not there yet, with one
/// snapshot a training.
#pragma once

#include <filesystem>
#include <functional>

#include <study/estimate.hpp>
#include <study/plan.hpp>
#include <study/settings.hpp>

namespace papillon::study {

/// Bytes.
struct resources {
  double memory = 0, disk = 0;
};

/// At least so much does a study need. `size_of`: the size of a configuration's network; `is_done`: whether the files
/// of a task are there already.
[[nodiscard]] resources needs_of(settings const& s, plan const& p,
    std::function<network_size(configuration const&)> const& size_of, std::function<bool(task const&)> const& is_done);

/// The machine's memory, or the limit of this process's control group where that is less, and the free space where
/// `directory` is or will be; infinite where it cannot be known.
[[nodiscard]] resources resources_at(std::filesystem::path const& directory);

/// Throws errc::failed if needs exceed what there is.
void require_fit(resources const& needs, resources const& there, std::filesystem::path const& directory);

/// "512 MB", "14.2 GB".
[[nodiscard]] std::string size_text(double bytes);

}  // namespace papillon::study
