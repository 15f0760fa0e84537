// SPDX-License-Identifier: MIT
/// \file laboratories.hpp
/// The laboratories of this program, one source file each, so that networks are compiled once a device.
#pragma once

#include <memory>
#include <string>

#include <papillon/study/laboratory.hpp>

namespace papillon::app {

[[nodiscard]] std::unique_ptr<study::laboratory> make_laboratory_omp(int threads);
[[nodiscard]] std::unique_ptr<study::laboratory> make_laboratory_seq();

/// The laboratory of a device's name; throws errc::usage for a name that is none.
[[nodiscard]] std::unique_ptr<study::laboratory> make_laboratory(std::string const& device, int threads);

}  // namespace papillon::app
