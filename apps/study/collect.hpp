// SPDX-License-Identifier: MIT
/// \file collect.hpp
/// What is finished of a study, from its output directory: whether a task is, the results of a configuration, all
/// results with their summary. before_part(), if given, is called before each experiment, result and resample; what it
/// throws ends the work.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include <study/laboratory.hpp>
#include <study/part_file.hpp>
#include <study/plan.hpp>
#include <study/results.hpp>
#include <study/settings.hpp>

namespace papillon::study {

/// What is found of a task's result. Summaries and the report have none: they are computed whenever they are asked for.
[[nodiscard]] part_check check_task(plan const& p, layout const& places, task const& t, look how);

/// Whether the result of a task is whole, of this work, and has its files of data.
[[nodiscard]] bool is_finished(plan const& p, layout const& places, task const& t);

/// The results of one configuration, as far as they are there, without a summary. `data`: with its labels.
[[nodiscard]] configuration_result read_configuration(plan const& p, study_data const& data, layout const& places,
    std::size_t c, network_size const& size, std::function<void()> const& before_part = {});

/// The name of the preset that the settings are, or "changed" if they are none.
[[nodiscard]] std::string preset_name(settings const& s);

/// The scale of a study as asked for.
[[nodiscard]] study_scale scale_of(settings const& s, plan const& p, layout const& places);

/// All that is finished, summarised.
[[nodiscard]] results collect_results(settings const& s, study_data const& data, plan const& p, layout const& places,
    laboratory const& lab, std::function<void()> const& before_part = {});

}  // namespace papillon::study
