// SPDX-License-Identifier: MIT
/// \file part_file.hpp
/// A part of a study's results (a network's, an attack's) as a JSON file of its own, together with the hash of the work
/// it is the result of. The file is written last of all a task writes: where it is, the task is finished.
#pragma once

#include <filesystem>

#include <study/identity.hpp>

namespace papillon::study {

/// Writes the result of a piece of work, a network_result or a seed_result. Throws errc::failed.
template <class Part> void write_part(std::filesystem::path const& file, identity const& work, Part const& part);

/// Reads it. Throws errc::bad_input for a file that is damaged or of other work.
template <class Part> [[nodiscard]] Part read_part(std::filesystem::path const& file, identity const& work);

}  // namespace papillon::study
