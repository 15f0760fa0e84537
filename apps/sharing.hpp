// SPDX-License-Identifier: MIT
/// \file sharing.hpp
/// Into how many workers a machine is best shared out, measured: the networks of a study are trained for a moment by
/// one program with all processors, by two with a half of them each at the same time, and so on.
#pragma once

#include <study/machine_speed.hpp>
#include <study/settings.hpp>

#include "commands.hpp"

namespace papillon::app {

/// Measures each way to share this machine, in three rounds of which the medians count; says so. Throws errc::usage
/// for a device that is no CPU, errc::failed where a program cannot be started, errc::interrupted after a signal.
[[nodiscard]] study::machine_speed measure_sharing(options const& o, study::settings const& s);

/// The fastest way with no more than `most` workers, measured anew where nothing of this machine, program and study is
/// kept in the output directory, which must exist. Throws what measure_sharing does, and errc::usage where `most` is 0.
[[nodiscard]] study::way_to_share fastest_sharing(options const& o, study::settings const& s, int most);

}  // namespace papillon::app
