// SPDX-License-Identifier: MIT
/// \file directories.hpp
/// Directories of results: made with one clear error where they cannot be.
#pragma once

#include <filesystem>

namespace papillon::study {

/// Whether there is something at a path; false where that cannot be known: what is opened then says why.
[[nodiscard]] bool is_there(std::filesystem::path const& path) noexcept;

/// Makes a directory and its parents, each to last. Throws errc::failed.
void make_directory(std::filesystem::path const& directory);

}  // namespace papillon::study
