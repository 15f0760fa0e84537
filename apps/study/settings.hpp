// SPDX-License-Identifier: MIT
/// \file settings.hpp
/// What a study is: plain values, which start as the paper's study. What each is called outside the program, what it
/// means and what it allows is said in schema.cpp, a line a setting.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <study/names.hpp>

namespace papillon::study {

enum class image_source { cifar10, cifar100, mnist, synthetic };
enum class image_split { four, archive };
enum class shortcut { projection, padded };
enum class column_order { channel, tap };
enum class evaluated_epoch { best, last };
enum class counted_members { all, trained };

template <>
inline constexpr std::array names_of<image_source>{std::string_view("cifar10"), std::string_view("cifar100"),
    std::string_view("mnist"), std::string_view("synthetic")};
template <> inline constexpr std::array names_of<image_split>{std::string_view("four"), std::string_view("archive")};
template <> inline constexpr std::array names_of<shortcut>{std::string_view("projection"), std::string_view("padded")};
template <> inline constexpr std::array names_of<column_order>{std::string_view("channel"), std::string_view("tap")};
template <> inline constexpr std::array names_of<evaluated_epoch>{std::string_view("best"), std::string_view("last")};
template <> inline constexpr std::array names_of<counted_members>{std::string_view("all"), std::string_view("trained")};

struct study_settings {
  std::vector<std::uint32_t> seeds{1, 2, 3};
  std::vector<std::string> butterflies{"S1L2", "S1L3", "S2L2", "S2L3", "S3L2", "S3L3"};
  bool attack = true;
  friend bool operator==(study_settings const&, study_settings const&) = default;
};

struct data_settings {
  image_source source = image_source::cifar10;
  image_split split = image_split::four;
  std::uint32_t split_seed = 1;
  int subset = 15000;
  int validation = 1000;
  double synthetic_noise = 0.06;
  double synthetic_label_noise = 0.1;
  double synthetic_tint = 0.4;
  friend bool operator==(data_settings const&, data_settings const&) = default;
};

struct normalisation_settings {
  std::vector<double> mean{.4914, .4822, .4465};
  std::vector<double> deviation{.2470, .2435, .2616};
  friend bool operator==(normalisation_settings const&, normalisation_settings const&) = default;
};

struct model_settings {
  int depth = 20;
  int width = 16;
  study::shortcut shortcut = study::shortcut::projection;
  column_order unfolding = column_order::channel;
  friend bool operator==(model_settings const&, model_settings const&) = default;
};

struct train_settings {
  int epochs = 300;
  int batch = 256;
  std::vector<int> milestones{150, 225};
  double divisor = 10.0;
  double momentum = 0.9;
  bool augment = true;
  evaluated_epoch evaluate = evaluated_epoch::best;
  friend bool operator==(train_settings const&, train_settings const&) = default;
};

struct imp_settings {
  int rounds = 24;
  double fraction = 0.2;
  std::optional<double> fc_fraction;
  friend bool operator==(imp_settings const&, imp_settings const&) = default;
};

struct attack_settings {
  double epsilon = 0.001;
  int draws = 5;
  int epochs = 80;
  int batch = 256;
  std::vector<double> learning_rates{0.01, 0.001, 0.0001};
  std::vector<std::string> hidden{"30", "30-30", "100-100-100"};
  bool standardise = false;
  double fit_fraction = 0.8;
  counted_members members = counted_members::all;
  friend bool operator==(attack_settings const&, attack_settings const&) = default;
};

/// A value for every kind of network, by configuration::key.
using by_configuration = std::map<std::string, double>;

struct settings {
  study_settings study;
  data_settings data;
  normalisation_settings normalisation;
  model_settings model;
  train_settings train;
  by_configuration learning_rate{{"dense", 0.03}, {"imp", 0.03}, {"S1L2", 0.3}, {"S1L3", 0.3}, {"S2L2", 0.3},
      {"S2L3", 0.1}, {"S3L2", 0.3}, {"S3L3", 0.1}};
  by_configuration weight_decay{{"dense", 0.005}, {"imp", 0.005}, {"S1L2", 0.0005}, {"S1L3", 0.0001}, {"S2L2", 0.0005},
      {"S2L3", 0.001}, {"S3L2", 0.0005}, {"S3L3", 0.001}};
  imp_settings imp;
  attack_settings attack;
  friend bool operator==(settings const&, settings const&) = default;
};

/// The hidden layers that a word of attack.hidden stands for: "30-30" is {30, 30}. Throws errc::usage.
[[nodiscard]] std::vector<int> hidden_layers(std::string_view word);

/// Settings that are each allowed but do not go together are an error (errc::usage).
void check_together(settings const& s);

}  // namespace papillon::study
