// SPDX-License-Identifier: MIT
// The command line of papillon: reads options, calls the subcommand, turns errors into one line and an exit status.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <new>
#include <string>

#include <papillon/config.hpp>
#include <papillon/error.hpp>
#include <papillon/exec/processors.hpp>
#include <study/presets.hpp>
#include <study/provenance.hpp>
#include <study/settings_file.hpp>
#include <study/text.hpp>

#include "commands.hpp"

namespace {

namespace app = papillon::app;
using papillon::errc;

std::string preset_help() {
  std::string text = "Scale of the study:";
  for (auto const& p : papillon::study::presets()) text += "\n  " + std::string(p.name) + ": " + std::string(p.help);
  return text;
}

void add_settings(CLI::App& command, app::options& o) {
  command.add_option("--preset", o.preset, preset_help());
  command.add_option("--config", o.config, "JSON file of configuration keys, over the preset");
  command.add_option("--set", o.assignments, "key=value, over preset and file; repeatable")
      ->take_all()
      ->allow_extra_args(false);
  command.add_flag("--print-config", o.print_config, "Print the configuration, as a file for --config, and end");
}

void add_device(CLI::App& command, app::options& o) {
  command.add_option("--device", o.device,
      "Where it runs: omp (threads and vectors), cuda (a GPU, if the program was built for it), seq "
      "(the plain reference, slow) or emulated (the GPU's kernels on the host, slow)");
  command.add_option("--threads", o.threads, "Threads; 0: one for each processor that it may use, or OMP_NUM_THREADS")
      ->check(CLI::Range(0, 1024));
  command.add_option(
      "--isa", o.isa, "Instruction set: avx512, avx2 or baseline (default: the best that the processor can run)");
}

void add_data(CLI::App& command, app::options& o) {
  command
      .add_option(
          "--data", o.data, "Directory of the images: CIFAR-10 as scripts/fetch-cifar10 makes it, or data.source's")
      ->capture_default_str();
}

void add_place(CLI::App& command, app::options& o) {
  command.add_option("--out", o.out, "Directory of the study's results (default: runs/<preset>)");
  add_data(command, o);
}

void add_all(CLI::App& command, app::options& o) {
  add_settings(command, o);
  add_place(command, o);
  add_device(command, o);
  command.add_flag("--dry-run", o.dry_run, "Say what would be done, and how long it would take");
}

void add_work(CLI::App& command, app::options& o) {
  add_all(command, o);
  command.add_flag("--retry-failed", o.ways.retry_failed, "Try anew what failed for good before");
  command.add_flag(
      "--stop-at-error", o.ways.stop_at_error, "End at the first error, instead of going on with what can be done");
  command.add_flag("--mix", o.ways.mix, "Go on with trainings that were begun with other lanes or on another device");
}

void add_change_settings(CLI::App& command, app::options& o) {
  command.add_flag("--change-settings", o.change_settings, "Go on in a directory that was begun with other settings");
}

void add_network(CLI::App& command, app::options& o) {
  command.add_option("--configuration", o.configuration, "Which network: dense, imp-01, S1L2, ...")
      ->capture_default_str();
  command.add_option("--seed", o.seed, "Which experiment (default: the study's first seed)");
}

void add_role(CLI::App& command, app::options& o) {
  command.add_option("--role", o.role, "target or shadow: whose data")
      ->check(CLI::IsMember({"target", "shadow"}))
      ->capture_default_str();
}

/// A launcher has read --isa before (launcher.cpp): what is left to say is where this program is none of several.
void require_isa(std::string const& asked) {
  if (asked.empty() || asked == papillon::study::isa()) return;
  throw papillon::error(
      errc::usage, papillon::message("there is no --isa ", asked, " (this program was built for ",
                       papillon::study::isa(), " alone) leave --isa out, or build with -DPAPILLON_ISAS=all"));
}

using command_function = void (*)(app::options const&);

/// What a subcommand calls when it is the one that was given.
auto calls(command_function& chosen, command_function f) {
  return [&chosen, f] { chosen = f; };
}

void add_watch(CLI::App& status, app::options& o) {
  status
      .add_option_function<std::string>(
          "--watch",
          [&o](std::string const& text) {
            double seconds = 2;
            if (!text.empty() && !(papillon::study::read_number(text, seconds) && seconds >= 0.1 && seconds <= 86400))
              throw CLI::ValidationError("--watch", "'" + text + "' is no number of seconds from 0.1 to 86400");
            o.watch = seconds;
          },
          "Look again every so many seconds (default: 2), until all is done or a signal comes")
      ->expected(0, 1)
      ->type_name("SECONDS");
}

void add_workers(CLI::App& run, app::options& o) {
  run.add_option_function<std::string>(
         "--workers",
         [&o](std::string const& text) {
           int workers = 0;
           if (text != "auto" && !(papillon::study::read_number(text, workers) && workers >= 1 && workers <= 1024))
             throw CLI::ValidationError("--workers", "'" + text + "' is neither a number from 1 to 1024 nor auto");
           o.pool = workers;
         },
         "Start so many programs, of --threads each (default: all processors shared out); auto: as many as train the "
         "study's networks fastest on this machine, which is timed once")
      ->type_name("NUMBER|auto");
}

void add_speed(CLI::App& study, app::options& o, command_function& chosen) {
  auto* speed = study
                    .add_subcommand("speed",
                        "How fast this machine trains the study's first and last network, by one worker with all "
                        "processors, two with half of them each, and so on; study run --workers auto takes the fastest")
                    ->callback(calls(chosen, app::study_speed));
  add_settings(*speed, o);
  add_place(*speed, o);
  add_device(*speed, o);
  auto* configuration = speed->add_option(
      "--configuration", o.timed, "Only time this network, in this program, and print its images a second");
  speed->get_option("--threads")->needs(configuration);
}

void add_submit(CLI::App& study, app::options& o, command_function& chosen) {
  auto* submit = study
                     .add_subcommand("submit",
                         "The study as jobs of a cluster; what is finished or queued is not "
                         "submitted again")
                     ->callback(calls(chosen, app::study_submit));
  add_all(*submit, o);
  add_change_settings(*submit, o);
  auto& s = o.submit;
  submit->add_option("--engine", s.engine, "The cluster's scheduler: slurm; or local: workers on this machine, now")
      ->required();
  submit
      ->add_option("--pool", s.pool,
          "One array of so many workers that share the study, instead of a job for every part: where jobs are "
          "preempted "
          "(of local the default is one for every --cpus)")
      ->check(CLI::Range(1, 100000));
  submit->add_option("--partition", s.partition, "Where the jobs run (default: the cluster's)");
  submit->add_option(
      "--time", s.time, "How long a job may run at a time; it goes on in the next (default: the cluster's)");
  submit->add_option("--account", s.account, "Who pays");
  submit->add_option("--cpus", s.processors, "Processors of a job, and threads")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  submit->add_option("--mem", s.memory, "Memory of a job, as sbatch takes it (default: the cluster's)");
  submit->add_option("--max-running", s.max_running, "Jobs of an array that run at the same time; 0: all")
      ->check(CLI::Range(0, 1000000));
}

void add_study_commands(CLI::App& program, app::options& o, command_function& chosen) {
  auto* study = program.add_subcommand("study", "The whole study: plan, speed, run, submit, status, report, verify");
  study->require_subcommand(1);
  auto* plan = study->add_subcommand("plan", "Networks, their size and cost, and the time all of it takes")
                   ->callback(calls(chosen, app::study_plan));
  add_all(*plan, o);
  plan->add_option(
          "--images-per-second", o.images_per_second, "Training speed to reckon with, instead of timing this machine")
      ->check(CLI::PositiveNumber);
  plan->add_option("--workers", o.workers, "Also say how long so many workers on one directory take")
      ->check(CLI::Range(1, 100000));
  add_speed(*study, o, chosen);
  auto* run = study->add_subcommand("run", "Train, attack and report; what is finished is not done again")
                  ->callback(calls(chosen, app::study_run));
  add_work(*run, o);
  add_change_settings(*run, o);
  add_workers(*run, o);
  run->add_option("--part", o.part,
      "Only this part of the study, as the jobs of study submit do: train:dense-target-s1, "
      "attack:dense-s1, ..., report; all: everything, as the workers of a pool do");
  add_submit(*study, o, chosen);
  auto* status = study->add_subcommand("status", "How far a study is, who works on it, and what failed")
                     ->callback(calls(chosen, app::study_status));
  add_all(*status, o);
  status->add_flag("--json", o.json, "As JSON, for programs");
  add_watch(*status, o);
  auto* report = study->add_subcommand("report", "Write the report of what is finished")
                     ->callback(calls(chosen, app::study_report));
  add_all(*report, o);
  auto* verify =
      study->add_subcommand("verify", "Read all results of a study, and say which are not what they should be")
          ->callback(calls(chosen, app::study_verify));
  verify->add_option("--out", o.out, "Directory of the study's results")->required();
  verify->add_flag("--repair", o.repair, "Move what was found to OUT/removed/: study run does its work again");
}

void add_parts_of_a_study(CLI::App& program, app::options& o, command_function& chosen) {
  auto* train = program.add_subcommand("train", "Train one network of a study")->callback(calls(chosen, app::train));
  add_work(*train, o);
  add_network(*train, o);
  add_role(*train, o);
  auto* imp = program.add_subcommand("imp", "Train the dense network and all rounds of pruning for one role and seed")
                  ->callback(calls(chosen, app::imp));
  add_work(*imp, o);
  imp->add_option("--seed", o.seed, "Which experiment (default: the study's first seed)");
  add_role(*imp, o);
  auto* attack =
      program.add_subcommand("attack", "Attack one network of a study")->callback(calls(chosen, app::attack));
  add_work(*attack, o);
  add_network(*attack, o);
  auto* target = attack->add_option("--target-network", o.target,
      "Attack this network (safetensors) instead, trained elsewhere on the split's target");
  auto* shadow =
      attack->add_option("--shadow-network", o.shadow, "... with this one, trained elsewhere on the split's shadow");
  target->needs(shadow);
  shadow->needs(target);
}

void add_tune(CLI::App& program, app::options& o, command_function& chosen) {
  auto* tune = program.add_subcommand("tune", "Choose a network's recipe by its validation accuracy, on a grid")
                   ->callback(calls(chosen, app::tune));
  add_work(*tune, o);
  tune->add_option("--configuration", o.configuration, "Which network: dense, imp-01, S1L2, ...")
      ->capture_default_str();
  tune->add_option("--seed", o.seed, "One experiment (default: the mean over all of the study)");
  tune->add_option("--grid", o.grid,
          "key=value,value,.. to try, all combinations; repeatable; values of lists are separated by ';' (default: "
          "four of train.learning_rate and four of train.weight_decay)")
      ->take_all()
      ->allow_extra_args(false);
}

/// A file option that makes no sense without other ones.
CLI::Option* add_file(CLI::App& command, std::string const& name, std::filesystem::path& path, std::string const& help,
    std::initializer_list<CLI::Option*> needed = {}) {
  auto* option = command.add_option(name, path, help);
  for (auto* other : needed) option->needs(other);
  return option;
}

void add_audit_files(CLI::App& audit, app::options& o) {
  auto& a = o.audit;
  add_file(audit, "--scores", a.scores, "Scores of any tool, higher for members: npy (images), or csv score,member");
  auto* members = add_file(audit, "--members", a.members,
      "Who is a member: npy or csv, 1 or 0 an image, or indices; with --target-network csv file,record,part");
  auto* outputs = add_file(audit, "--outputs", a.outputs,
      "Logits or probabilities: npy (images, classes) or (queries, images, classes), or csv");
  outputs->needs(members)->needs(
      add_file(audit, "--labels", a.labels, "Classes, from 0: npy (images), or csv", {outputs}));
  auto* shadow = add_file(audit, "--shadow-outputs", a.shadow_outputs,
      "The same of a shadow network, about images of its own: thresholds that transfer, discriminators", {outputs});
  shadow->needs(add_file(audit, "--shadow-labels", a.shadow_labels, "Their classes", {shadow}));
  shadow->needs(add_file(audit, "--shadow-members", a.shadow_members, "The shadow's members among them", {shadow}));
  auto* references = add_file(audit, "--reference-outputs", a.reference_outputs,
      "Outputs of reference networks about the same images: npy (references, images, classes); calibrated, RMIA, LiRA",
      {outputs});
  add_file(audit, "--reference-members", a.reference_members,
      "npy (references, images), 1 where a reference was trained on the image (default: on none)", {references});
  auto* population = add_file(audit, "--population-outputs", a.population_outputs,
      "Outputs about images that no network was trained on, for RMIA's own score", {references});
  population->needs(add_file(audit, "--population-labels", a.population_labels, "Their classes", {population}));
  population->needs(add_file(audit, "--population-reference-outputs", a.population_references,
      "What the references answer about them: npy (references, images, classes)", {population}));
}

void add_audit(CLI::App& program, app::options& o, command_function& chosen) {
  auto* audit = program.add_subcommand("audit", "Membership inference against one network of any program")
                    ->callback(calls(chosen, app::audit));
  add_audit_files(*audit, o);
  auto* target = add_file(*audit, "--target-network", o.target,
      "Run this network (safetensors, a ResNet for CIFAR-10) instead of reading what it answers");
  target->needs("--members")->excludes("--outputs")->excludes("--scores");
  add_file(*audit, "--shadow-network", o.shadow, "... with this one as shadow and reference", {target});
  audit->add_flag("--probabilities", o.audit.probabilities, "Outputs are probabilities (else they are recognised)");
  audit->add_flag("!--no-discriminators", o.audit.discriminators, "Do not train the nine discriminators on the shadow");
  audit
      ->add_option("--fail-above", o.audit.fail_above,
          "Exit with 1 where the lower end of an attack's 95 % interval is above: auc=0.6, accuracy=0.55, "
          "tpr@0.01=0.05 "
          "(members found at 1 % false alarms); repeatable")
      ->take_all()
      ->allow_extra_args(false);
  audit->add_option("--out", o.out, "Folder for page, figures, audit.json and scores (default: audit)");
  add_settings(*audit, o);
  add_data(*audit, o);
  add_device(*audit, o);
}

void add_split(CLI::App& program, app::options& o, command_function& chosen) {
  auto* split = program.add_subcommand("split", "Write which image is in which set, to train on elsewhere")
                    ->callback(calls(chosen, app::split));
  add_settings(*split, o);
  add_data(*split, o);
  split->add_option("--out", o.save, "csv file: file, record, digest, part")->required();
}

void add_commands_on_networks(CLI::App& program, app::options& o, command_function& chosen) {
  auto* evaluate = program.add_subcommand("evaluate", "Loss and accuracy of a network in a safetensors file")
                       ->callback(calls(chosen, app::evaluate));
  evaluate
      ->add_option("network", o.network, "State_dict of a ResNet from PyTorch, a checkpoint, or the directory of a run")
      ->required();
  add_data(*evaluate, o);
  evaluate->add_option("--built-in", o.built_in, "Evaluate on so many built-in images instead")
      ->check(CLI::Range(1, 1000000));
  evaluate
      ->add_option(
          "--set", o.assignments, "data.source=..., normalisation.mean=... or normalisation.deviation=...; repeatable")
      ->take_all()
      ->allow_extra_args(false);
  add_device(*evaluate, o);

  auto* factorize = program.add_subcommand("factorize", "Replace the 3x3 convolutions of a trained network by chains")
                        ->callback(calls(chosen, app::factorize));
  factorize
      ->add_option("network", o.network, "State_dict of a ResNet from PyTorch, a checkpoint, or the directory of a run")
      ->required();
  factorize->add_option("--out", o.save, "File of the new network (safetensors)")->required();
  factorize->add_option("--segments", o.segments, "S: the last so many segments")
      ->check(CLI::Range(1, 3))
      ->capture_default_str();
  factorize->add_option("--factors", o.factors, "L: factors of a chain")
      ->check(CLI::Range(1, 31))
      ->capture_default_str();
  factorize->add_option("--order", o.order, "Where a weight is split first")
      ->check(CLI::IsMember({"left", "right", "balanced"}))
      ->capture_default_str();
  factorize->add_flag("--tap-major", o.tap_major, "Columns of a weight in the order (tap, channel)");
  add_device(*factorize, o);
}

void add_other_commands(CLI::App& program, app::options& o, command_function& chosen) {
  auto* patterns = program.add_subcommand("patterns", "Print and draw the supports of a chain of factors")
                       ->callback(calls(chosen, app::patterns));
  patterns
      ->add_option("chain", o.chain,
          "Factors \"(a,b,c,d)(a,b,c,d)\", leftmost first; or butterfly:N, monarch:M,N,P,Q, monotone:M,N,L")
      ->required();
  patterns->add_option("--svg", o.svg, "Also write the picture to this file");

  auto* info = program.add_subcommand("info", "How this program was built and what it runs on")
                   ->callback(calls(chosen, app::info));
  add_device(*info, o);
  info->add_option(
      "--data", o.described_images, "Also say which images are in this directory, and whether they are CIFAR-10's own");
  program.add_subcommand("reference", "Print the reference page of the configuration")
      ->callback(calls(chosen, app::reference));
}

}  // namespace

int run_papillon(int argc, char** argv);

int run_papillon(int argc, char** argv) try {
  app::options o;
  o.arguments.assign(argv + 1, argv + argc);
  command_function chosen = nullptr;

  CLI::App program("Sparsity and membership inference: trains networks, attacks them, reports.", "papillon");
  program.require_subcommand(1);
  program.set_version_flag("--version", std::string("papillon " PAPILLON_VERSION));
  program.footer(
      "Exit status: 0 done, 1 failed, 2 wrong usage, 3 bad input, 75 interrupted and resumable by the same command.");
  add_study_commands(program, o, chosen);
  add_parts_of_a_study(program, o, chosen);
  add_tune(program, o, chosen);
  add_audit(program, o, chosen);
  add_split(program, o, chosen);
  add_commands_on_networks(program, o, chosen);
  add_other_commands(program, o, chosen);

  try {
    program.parse(argc, argv);
  } catch (CLI::ParseError const& e) {
    if (e.get_exit_code() == 0) return program.exit(e);  // --help, --version
    std::fprintf(stderr, "papillon: %s (see --help)\n", papillon::study::escaped(e.what()).c_str());
    return static_cast<int>(errc::usage);
  }
  require_isa(o.isa);
  if (o.print_config) std::fputs(papillon::study::print_settings(app::settings_of(o)).c_str(), stdout);
  else {
    if (o.threads == 0 && o.pool == 1 && std::getenv("OMP_NUM_THREADS") == nullptr)
      o.threads = papillon::exec::allowed_processors();
    chosen(o);
  }
  if (std::fflush(stdout) != 0)
    throw papillon::error(errc::failed, "cannot write to standard output (it is full or closed)");
  return 0;
} catch (papillon::error const& e) {
  std::fprintf(stderr, "papillon: %s\n", papillon::study::escaped(e.what()).c_str());
  return static_cast<int>(e.code());
} catch (std::bad_alloc const&) {
  std::fprintf(stderr,
      "papillon: out of memory (the networks or images do not fit) take a smaller train.batch or attack.batch\n");
  return static_cast<int>(errc::failed);
} catch (std::exception const& e) {
  std::fprintf(stderr, "papillon: %s (unexpected) please report it\n", papillon::study::escaped(e.what()).c_str());
  return static_cast<int>(errc::failed);
}
