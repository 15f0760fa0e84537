// SPDX-License-Identifier: MIT
/// \file commands.hpp
/// What the command line says (cli.cpp fills it in) and the subcommands that act on it. Each throws papillon::error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <study/settings.hpp>
#include <study/working_ways.hpp>

namespace papillon::app {

/// Files of an audit; empty: not given.
struct audit_options {
  std::filesystem::path scores, outputs, labels, members;
  std::filesystem::path shadow_outputs, shadow_labels, shadow_members;
  std::filesystem::path reference_outputs, reference_members;
  std::filesystem::path population_outputs, population_labels, population_references;
  bool probabilities = false, discriminators = true;
  std::vector<std::string> fail_above;  ///< limits, see audit/limits.hpp
};

/// What is asked of a cluster's scheduler; empty: nothing is said.
struct submit_options {
  std::string engine, partition, time, account, memory;
  int processors = 1;
  int max_running = 0;  ///< elements of an array at the same time; 0: all
  int pool = 0;         ///< workers that share the study; 0: a job a part
};

/// Options that all subcommands of the study share.
struct options {
  std::vector<std::string> arguments;  ///< as they were given, without the program's name
  std::string preset;
  std::filesystem::path config;
  std::vector<std::string> assignments;  ///< key=value, in order
  std::filesystem::path out;             ///< empty: runs/<preset>
  std::filesystem::path data = "data";
  std::filesystem::path described_images;  ///< directory of CIFAR-10 that `info` speaks of; empty: none
  std::string device = "omp";
  std::string isa;  ///< instruction set, as study::isa names it; empty: whatever this program is compiled for
  int threads = 0;  ///< 0: as many as OpenMP gives (OMP_NUM_THREADS)
  bool print_config = false;
  bool dry_run = false;

  study::working_ways ways;      ///< of what works on a study
  int pool = 1;                  ///< study run: programs to start; 0: as many as are fastest here
  bool change_settings = false;  ///< study run: of the output directory
  bool repair = false;           ///< study verify: move away what was found
  std::string timed;             ///< study speed: a network to time in this program; empty: ways to share the machine

  std::string part;  ///< study run: only this one, see submit/parts.hpp; empty: all
  submit_options submit;

  // study plan
  std::optional<double> images_per_second;  ///< stated speed of training; empty: measured
  int workers = 1;                          ///< to reckon with

  // study status
  bool json = false;            ///< for programs
  std::optional<double> watch;  ///< seconds from one look to the next; empty: one look

  // train, imp, attack, tune
  std::string configuration = "dense";
  std::string role = "target";
  std::int64_t seed = -1;         ///< -1: the study's first; of tune: all
  std::vector<std::string> grid;  ///< axes, see study/grid_axis.hpp

  // factorize, evaluate; attack and audit of networks in files
  std::filesystem::path network;  ///< safetensors file, or the directory of a run
  std::filesystem::path target, shadow;
  std::filesystem::path save;  ///< file of the new network, or of the split
  int segments = 3, factors = 2;
  std::string order = "left";  ///< left, right or balanced
  bool tap_major = false;
  int built_in = 0;  ///< images to evaluate on instead of data.source's test images; 0: those

  audit_options audit;

  // patterns
  std::string chain;  ///< factors "(a,b,c,d)(...)", or a generator's name and size
  std::filesystem::path svg;
};

/// Preset, then configuration file, then assignments; else what the output directory was last run with.
[[nodiscard]] study::settings settings_of(options const& o);
[[nodiscard]] std::filesystem::path out_of(options const& o);
/// The seed that the options name, or the study's first; throws errc::usage if the study has not got it.
[[nodiscard]] std::uint32_t seed_of(options const& o, study::settings const& s);

void study_plan(options const& o);
void study_speed(options const& o);
void study_run(options const& o);
/// The part of the study that the options name.
void study_part(options const& o);
void study_submit(options const& o);
void study_status(options const& o);
void study_report(options const& o);
void study_verify(options const& o);
void train(options const& o);
void imp(options const& o);
void tune(options const& o);
void attack(options const& o);
void factorize(options const& o);
void evaluate(options const& o);
void split(options const& o);
void audit(options const& o);
void patterns(options const& o);
void info(options const& o);
void reference(options const& o);

}  // namespace papillon::app
