// SPDX-License-Identifier: MIT
/// \file laboratories.hpp
/// The laboratories and tools of this program, one source file a device, so that networks are compiled once a device.
#pragma once

#include <memory>
#include <string>

#include <study/laboratory.hpp>
#include <study/network_tools.hpp>

namespace papillon::app {

[[nodiscard]] std::unique_ptr<study::laboratory> make_laboratory_omp(int threads);
[[nodiscard]] std::unique_ptr<study::laboratory> make_laboratory_seq();
[[nodiscard]] std::unique_ptr<study::laboratory> make_laboratory_emulated();
[[nodiscard]] std::unique_ptr<study::laboratory>
make_laboratory_cuda();  ///< as make_network_tools_cuda, defined where papillon::cuda is linked

[[nodiscard]] std::unique_ptr<study::network_tools> make_network_tools_omp(int threads);
[[nodiscard]] std::unique_ptr<study::network_tools> make_network_tools_seq();
[[nodiscard]] std::unique_ptr<study::network_tools> make_network_tools_emulated();
[[nodiscard]] std::unique_ptr<study::network_tools> make_network_tools_cuda();

/// The laboratory of a device's name; throws errc::usage for a name that is none, and errc::failed for cuda where no
/// device is.
[[nodiscard]] std::unique_ptr<study::laboratory> make_laboratory(std::string const& device, int threads);
[[nodiscard]] std::unique_ptr<study::network_tools> make_network_tools(std::string const& device, int threads);

}  // namespace papillon::app
