// SPDX-License-Identifier: MIT
/// \file settings_file.hpp
/// Settings as a JSON file with comments: {"train.epochs": 60, "prune": {"fraction": 0.3}}. Dotted names and nested
/// objects mean the same; keys that are absent keep their value. What `print_settings` writes reads back as the same
/// settings.
#pragma once

#include <filesystem>
#include <string>

#include <study/settings.hpp>

namespace papillon::study {

/// Changes `s` by JSON text; `name` says in messages where the text is from. Throws errc::usage for keys and values,
/// errc::bad_input for text that is not JSON.
void read_settings(std::string const& text, std::string const& name, settings& s);

/// Changes `s` by a file. Throws as read_settings, errc::bad_input for a file that cannot be read.
void read_settings_file(std::filesystem::path const& file, settings& s);

/// All keys with their values, as JSON with a comment for every key.
[[nodiscard]] std::string print_settings(settings const& s);

}  // namespace papillon::study
