// SPDX-License-Identifier: MIT
/// \file schema.hpp
/// Every setting as its user meets it: key, type, default, range or choices, what it means, and which runs it is part
/// of. The one list that the configuration file, `--set`, `--print-config`, the error messages, the identity of runs
/// and docs/reference/configuration.md come from.
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <study/settings.hpp>
#include <study/value.hpp>

namespace papillon::study {

/// Which work a setting changes, and so whose identity it belongs to.
enum class concern {
  selection,   ///< which networks are part of the study: belongs to no single run
  data,        ///< which images there are and how they are split: covered by the hashes of the images and of the split
  training,    ///< every training
  arithmetic,  ///< how networks are computed: every training, outputs, features, and all that follows
  structured,  ///< trainings of networks whose convolutions have a structure
  pruning,     ///< rounds of pruning, from the first on
  wished,      ///< trainings that ask for something else than the default
  wished_pruning,  ///< rounds of pruning that do
  grouped,         ///< trainings of networks with group norm
  privacy,         ///< differentially private trainings
  adversary,       ///< trainings with an adversary
  canaries,        ///< trainings with canaries
  audit,           ///< what an audit by canaries says
  course,          ///< what was on the way of a training
  references,      ///< how many reference networks there are
  evaluation,      ///< which weights of a training are evaluated and attacked: outputs, features, and all that follows
  outputs,         ///< what the networks are asked: outputs, and all that follows
  features,        ///< what an attacker measures of a trained network beyond outputs, and all that follows
  attack,          ///< the discriminators trained on the features
  listed,          ///< single attacks of the list
};

/// A numeric range, both ends included; for a list it holds for every item.
struct range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// One setting.
struct key {
  std::string name;  ///< "train.epochs"
  value standard;    ///< the default; its alternative is the type
  std::string help;
  concern part_of = concern::selection;
  range within;                           ///< of numbers
  std::vector<std::string_view> choices;  ///< for words: the only ones that are allowed
  bool may_be_none = false;               ///< for reals: "none" is a value
  std::function<value(settings const&)> get;
  std::function<void(settings&, value const&)> set;  ///< takes what is allowed only
};

/// All settings, grouped by the first part of their key, in the order they are printed.
[[nodiscard]] std::vector<key> const& schema();

/// The version of the canonical text that identities are computed from: raised when keys come, go, or come to mean
/// something else.
inline constexpr int schema_version = 3;

/// The type of a setting in words: "whole number", "list of reals", ...
[[nodiscard]] std::string type_name(key const& k);

/// What a setting allows, in words: "0.001 to 0.999", "one of best, last", "" if anything of its type.
[[nodiscard]] std::string allowed(key const& k);

}  // namespace papillon::study
