// SPDX-License-Identifier: MIT
// papillon study speed, and what study run --workers auto asks.
#include "sharing.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <limits>
#include <thread>

#include <papillon/error.hpp>
#include <papillon/exec/processors.hpp>
#include <papillon/io/draft.hpp>
#include <study/directories.hpp>
#include <study/plan.hpp>
#include <study/provenance.hpp>
#include <study/text.hpp>
#include <submit/process.hpp>

#include "interruption.hpp"
#include "laboratories.hpp"
#include "pool.hpp"

namespace papillon::app {

namespace {

constexpr int rounds = 3;

/// The first of a study's networks, and the last where that is another: how threads help depends on the structure.
std::vector<study::configuration> measured_networks(study::settings const& s) {
  auto const all = study::make_plan(s, {}).configurations;
  if (all.size() == 1) return all;
  return {all.front(), all.back()};
}

/// What is measured here, without the measurements.
study::machine_speed nothing_measured(study::settings const& s, std::vector<study::configuration> const& networks) {
  study::machine_speed m{study::made_here({}).build, exec::allowed_processors(), {}, {}};
  auto const lab = make_laboratory_seq();
  for (auto const& c : networks) {
    auto const& train = c.settings.train;
    m.networks.push_back(message(c.name, ": ", study::number_text(study::size_in_study(*lab, s, c).multiply_adds),
        " multiply-adds, batches of ", train.batch, ", ", train.storage == study::storage::half ? "half" : "full",
        " storage"));
  }
  return m;
}

/// This program, asked how fast it trains one network with so many threads.
std::vector<std::string> question(options const& o, study::configuration const& c, int threads) {
  std::vector<std::string> words{"/proc/self/exe", "study", "speed", "--device", o.device, "--threads",
      std::to_string(threads), "--configuration", c.name, "--out", out_of(o).string()};
  auto const add = [&](char const* name, std::string const& value) {
    if (!value.empty()) words.insert(words.end(), {name, value});
  };
  add("--isa", o.isa);
  add("--preset", o.preset);
  add("--config", o.config.string());
  for (auto const& assignment : o.assignments) add("--set", assignment);
  return words;
}

/// Images a second of all workers of a way together, at the same time.
double measure(options const& o, study::way_to_share const& way, study::configuration const& c) {
  std::vector<double> rates(static_cast<std::size_t>(way.workers));
  std::vector<std::exception_ptr> failures(rates.size());
  std::vector<std::thread> all;
  for (int worker = 1; worker <= way.workers; ++worker)
    all.emplace_back([&, worker, at = static_cast<std::size_t>(worker - 1)] {
      try {
        bind_to(processors_of(worker, way.threads));  // the program inherits it
        auto const answer = submit::run_program(question(o, c, way.threads));
        if (answer.status != 0 || !study::read_number(study::split_list(answer.printed, '\n').front(), rates[at]))
          throw error(errc::failed, message("a worker could not be timed (status ", answer.status, ": ",
                                        answer.complained, ") give the number of --workers yourself"));
      } catch (...) {
        failures[at] = std::current_exception();
      }
    });
  for (auto& one : all) one.join();
  study::check_interruption(&interruption());  // a signal from the terminal has ended the workers as well
  for (auto const& failure : failures)
    if (failure) std::rethrow_exception(failure);
  double sum = 0;
  for (double const rate : rates) sum += rate;
  return sum;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

study::machine_speed measure_sharing(options const& o, study::settings const& s) {
  if (o.device != "omp")
    throw error(errc::usage,
        message("only processors are shared out (--device ", o.device, ") give the number of --workers yourself"));
  auto const& stop = interruption();
  auto const networks = measured_networks(s);
  auto m = nothing_measured(s, networks);
  m.ways = study::ways_to_share(m.processors);
  std::printf("timing %zu ways to share %d processors among workers, %d rounds\n", m.ways.size(), m.processors, rounds);
  std::fflush(stdout);
  std::vector<std::vector<std::vector<double>>> rates(m.ways.size(), std::vector<std::vector<double>>(networks.size()));
  for (int round = 0; round < rounds; ++round)
    for (std::size_t c = 0; c < networks.size(); ++c)
      for (std::size_t w = 0; w < m.ways.size(); ++w) {
        study::check_interruption(&stop);
        rates[w][c].push_back(measure(o, m.ways[w], networks[c]));
      }
  for (std::size_t w = 0; w < m.ways.size(); ++w)
    for (auto const& found : rates[w]) m.ways[w].images_per_second.push_back(median(found));
  return m;
}

study::way_to_share fastest_sharing(options const& o, study::settings const& s, int most) {
  auto const file = study::speed_file(out_of(o), io::host_name());
  auto kept = study::read_machine_speed(file);
  if (!kept || !study::is_of(*kept, nothing_measured(s, measured_networks(s)))) {
    kept = measure_sharing(o, s);
    study::write_machine_speed(file, *kept);
  }
  return study::fastest_way(*kept, most);
}

void study_speed(options const& o) {
  auto const s = settings_of(o);
  if (!o.timed.empty()) {  // one program's part
    std::printf(
        "%.1f\n", make_laboratory(o.device, o.threads)->images_per_second(study::find_configuration(s, o.timed)));
    return;
  }
  auto const m = measure_sharing(o, s);
  auto const out = out_of(o);
  study::make_directory(out);
  study::write_machine_speed(study::speed_file(out, io::host_name()), m);
  std::printf("%8s %8s", "workers", "threads");
  for (auto const& c : measured_networks(s)) std::printf(" %14s", c.name.c_str());
  for (auto const& way : m.ways) {
    std::printf("\n%8d %8d", way.workers, way.threads);
    for (double const rate : way.images_per_second) std::printf(" %14.0f", rate);
  }
  auto const& best = study::fastest_way(m, std::numeric_limits<int>::max());
  std::printf("\nimages a second in training, of all workers together; fastest: --workers %d --threads %d\n",
      best.workers, best.threads);
}

}  // namespace papillon::app
