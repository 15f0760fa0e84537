// SPDX-License-Identifier: MIT
/// \file assign.hpp
/// Settings by their keys: from text (`--set`, presets) or as values (configuration files). An unknown key is an error
/// that names the nearest one, an impossible value one that names what is allowed; both leave the settings unchanged.
/// "configurations.NAME.KEY" is a key of one configuration alone, or one of `like`, `series` and `control_of`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <study/schema.hpp>
#include <study/settings.hpp>
#include <study/value.hpp>

namespace papillon::study {

/// The value of a key. Throws errc::usage.
[[nodiscard]] value get(settings const& s, std::string_view name);

/// Sets a key from text, lists separated by commas. Throws errc::usage.
void set(settings& s, std::string_view name, std::string_view text);

/// Sets a key from "key=value". Throws errc::usage.
void set(settings& s, std::string_view assignment);

/// Sets a key to a value of its type; whole numbers serve as reals. Throws errc::usage.
void set_value(settings& s, std::string_view name, value v);

/// Whether a configuration may have its own value of a key: images, the split and the selection are the study's.
[[nodiscard]] bool may_be_overlaid(key const& k) noexcept;

/// A key of version 0.1, which is refused, and what says the same now. NAME stands for a configuration.
struct replaced_key {
  std::string_view name, now;
};

/// All of them; the first that fits a key is the one that is meant.
[[nodiscard]] std::span<replaced_key const> replaced_keys() noexcept;

/// Whether a key has another value than its default.
[[nodiscard]] bool is_changed(settings const& s, key const& k);

/// The keys that differ from their default.
[[nodiscard]] std::vector<std::string_view> changed(settings const& s);

/// The keys in which settings differ from others, with their values as text.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> differences(settings const& s, settings const& from);

}  // namespace papillon::study
